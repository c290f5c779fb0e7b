"""The document of a first draft of a study, from what we know of it while it is not on the list."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list

from trials import vocabulary as v
from trials.identifiers import registry_of, tidy_registration
from trials.models import OtherStudy, Trial
from trials.models.lines import SourceLine
from trials.models.source import MOST_QUOTED_WORDS
from trials.workflow.documents import ROWS, Document, document_of

READ_IN_COPY = "(read in a copy)"
SAME_NAME = ("slug", "title", "doi", "pmid", "pmcid", "design", "cause", "countries")  # in both models
# Journal, year, volume, issue and pages, as one line of a record has them.
_PLACE = re.compile(r"(?P<journal>.+?) \d{4};(?P<volume>[^():]+)(?:\((?P<issue>[^)]+)\))?:(?P<pages>\S+)")
_KINDS = ((("clinicaltrials.gov", "isrctn", "registry"), v.SourceKind.REGISTRY), (("review",), v.SourceKind.REVIEW))


def draft_document(other: OtherStudy) -> Document:
    """Return the document of a study with what the record holds. Raises ValidationError with what is missing."""
    needed = {"a title": other.title, "a first author": other.first_author, "a year": other.year}
    if absent := [name for name, value in needed.items() if not value]:
        names = get_text_list(absent, "and")
        raise ValidationError(f"A draft needs {names}, which this record does not have. Fill that in here first.")
    document = document_of(Trial(), {kind: [] for kind in ROWS})
    fields = document["fields"]
    fields |= {name: getattr(other, name) for name in SAME_NAME}
    fields |= {"publication_date": str(other.year), "authors_complete": False}
    given, _, family = other.first_author.rpartition(" ")
    fields["authors"] = f"{family}, {given}" if given else family
    place = _PLACE.fullmatch(other.journal)
    fields["journal_abbreviation"] = place["journal"] if place else ""
    fields["journal"] = "" if place else other.journal
    fields |= {name: (place[name] or "" if place else "") for name in ("volume", "issue", "pages")}
    _add_groups(document, other)
    for identifier, probably in other.registration_list:
        registry = registry_of(identifier)
        identifier = tidy_registration(registry, identifier) if registry else identifier
        named = {"registry": registry or v.Registry.OTHER, "identifier": identifier, "link_inferred": probably}
        _add(document, "registrations", **named)
    for line in other.source_list:
        _add_source(document, other, line)
    fields["unsettled"] = "\n".join(_to_place(other))
    return document


def _add(document: Document, kind: str, /, **values: Any) -> str:
    """Append a row to the document, and return its key."""
    number = len(document[kind]) + 1
    document[kind].append({"key": f"{kind[0]}{number}", "position": number, **values})
    return f"{kind[0]}{number}"


def _add_groups(document: Document, other: OtherStudy) -> None:
    """Add the groups with their counts of deaths. Who was randomised is not known."""
    groups = [("Cells", v.Role.CELLS, other.cell_source, other.cells_deaths, other.cells_out_of)]
    if other.comparison_out_of is not None:
        groups.append(("Comparison", v.Role.COMPARISON, "", other.comparison_deaths, other.comparison_out_of))
    for name, role, tissue, deaths, people in groups:
        arm = _add(document, "arms", name=name, role=role, cell_source=tissue, analysed=people)
        if deaths is not None:
            counted = {"outcome": v.Outcome.DEATH, "time_point": other.counted_at, "headline": True}
            _add(document, "counts", arm=arm, events=deaths, total=people, **counted)


def _add_source(document: Document, other: OtherStudy, line: SourceLine) -> None:
    """Add a source that has an address, and cite it for what it clearly is about."""
    label, kind = line.label.replace(READ_IN_COPY, "").strip(), _kind(line.label)
    address = line.address or (f"https://doi.org/{other.doi}" if other.doi and kind == v.SourceKind.PAPER else "")
    if not address:
        return
    copied = READ_IN_COPY in line.label
    source = _add(document, "sources", label=label, kind=kind, address=address, read_in_copy=copied)
    note = f"Taken from the record of known studies, looked up on {other.looked_up:%-d %B %Y}; to be checked."
    for path, text in _read_in(line, kind, document):
        quote = text if len(text.split()) <= MOST_QUOTED_WORDS else ""
        basis = v.Basis.QUOTED if quote else v.Basis.STATED
        reading = {"quote": quote, "basis": basis, "confidence": v.Confidence.MEDIUM, "note": note}
        _add(document, "citations", source=source, value=path, **reading)


def _read_in(line: SourceLine, kind: str, document: Document) -> list[tuple[str, str]]:
    """Return the values that were clearly read in a source: (path, quote)."""
    found = []
    if kind == v.SourceKind.PAPER:
        found = [(name, "") for name in ("title", "authors", "publication_date", "doi") if document["fields"][name]]
    for row in document["registrations"]:
        if row["identifier"].casefold() in f"{line.address} {line.label}".casefold():
            found.append((f"registrations.{row['key']}", ""))
    for count in document["counts"]:
        if re.search(rf"\b{count['events']} ?(?:/|of) ?{count['total']}\b", line.quote):
            found.append((f"counts.{count['key']}", line.quote))
    return found


def _kind(label: str) -> str:
    words = label.casefold()
    if "the paper" in words and "record of" not in words:
        return v.SourceKind.PAPER
    for beginnings, kind in _KINDS:
        if words.startswith(beginnings):
            return kind
    return v.SourceKind.INDEX


def _to_place(other: OtherStudy) -> list[str]:
    """Return what the record holds and no field of a study has the form of: the editor puts it in its place."""
    held = {
        "Design in the words of a source": other.design_wording,
        "Condition": other.condition,
        "Dose": other.dose,
        "People": other.people or "",
        "Deaths": "; ".join(other.deaths_text.splitlines()),
        "Sources without an address": "; ".join(line.label for line in other.source_list if not line.address),
    }
    return [f"To be put in its place – {name}: {value}" for name, value in held.items() if value]
