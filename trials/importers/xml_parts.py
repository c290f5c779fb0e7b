"""Parsed XML, of which any part may be absent: then there is nothing."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from trials.importers.records import Unreadable
from trials.importers.texts import clean

MOST_TAGS = 1_500_000  # PubMed has about 1,500 in a record


def parse(text: str, first_line: int) -> Element:
    """Return the root of a document. Raises Unreadable with the line for anything that is not well-formed."""
    # Without entities of its own a document cannot grow, and ElementTree fetches neither a file nor a DTD.
    if (at := text.find("<!ENTITY")) >= 0:
        line = first_line + text.count("\n", 0, at)
        raise Unreadable("it declares an entity of its own, which no file of PubMed or EndNote does.", line)
    if text.count("<") > MOST_TAGS:
        raise Unreadable(f"it has more than {MOST_TAGS:,} tags. Cut it into smaller files.")
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - see above
    except ElementTree.ParseError as error:
        reason = f"the XML is broken ({str(error).partition(': line')[0]})."
        raise Unreadable(reason, first_line + error.position[0] - 1) from error


def text_of(element: Element | None, path: str = ".") -> str:
    found = element.find(path) if element is not None else None
    return clean("".join(found.itertext())) if found is not None else ""


def texts_at(element: Element, paths: str) -> list[str]:
    """Return the texts of all elements at the paths, which have spaces between them."""
    found = (text_of(part) for path in paths.split() for part in element.findall(path))
    return list(filter(None, found))
