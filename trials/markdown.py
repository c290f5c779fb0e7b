"""Markdown as the pages of this site understand it, and what in a text they could not show."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = {"http", "https", "mailto"}
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]")
_ADDRESS_AND_PORT = re.compile(r"[\w.-]+:\d")

# Raw HTML is off, so an editor's "<script>" is text.
MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")


def problems(text: str) -> list[str]:
    """Return a sentence for each part of the text that a page would leave out, or show as something else."""
    env: dict[str, Any] = {}
    tokens = list(_flat(MARKDOWN.parse(text, env)))
    found = [
        f"{note} is a footnote, which pages do not have. Write it into the text." for note in _FOOTNOTE.findall(text)
    ]
    for token, following in zip_longest(tokens, tokens[1:]):
        if token.type == "image":
            found.append(f"There is a picture (“{token.content}”). Pages hold no pictures: describe it in words.")
        elif token.type == "link_open":
            address = str(token.attrGet("href") or "")
            wordless = following is None or following.type == "link_close"
            found.append(f"The link to “{address}” has no words." if wordless else _link_problem(address))
    for name in env.get("references", {}):
        if " ".join(text.upper().split()).count(f"[{name}]") < 2:
            found.append(f"“[{name.lower()}]: …” would not be shown: no link of the text uses it.")
    return [sentence for sentence in dict.fromkeys(found) if sentence]


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


def _link_problem(address: str) -> str:
    """Return why a link to this address leads nowhere; "" for a whole address, and a path or heading of the site."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return f"“{address}” is not an address."
    if parts.scheme in SCHEMES and (parts.netloc or (parts.scheme == "mailto" and parts.path)):
        return ""
    if address.startswith(("/", "#")) and not address.startswith("//"):
        return ""
    if parts.scheme and parts.scheme not in SCHEMES and not _ADDRESS_AND_PORT.match(address):
        return f"The link to “{address}” begins with “{parts.scheme}:”. A link begins with https:, http: or mailto:."
    return f"The link to “{address}” leads nowhere. Write https:// in front of it, or /name/ for a page of this site."
