"""Texts as catalogues write them, turned into plain text on one line."""

import html
import re
import unicodedata

from trials.importers.records import Unreadable

# Invisible characters: soft hyphen, zero-width space, marks of direction, byte order mark.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_ATTRIBUTES = r"""(?:\s{1,9}[\w:.-]{1,40}\s?=\s?(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'))*\s{0,9}/?>"""
_INLINE = re.compile(
    r"</?(?:[abiqsu]|em|strong|su[bp]|inf|scp?|tt|small|big|span|font|italic|bold|underline|strike|roman|monospace|"
    r"inline-formula|inline-graphic|title-group|article-title|"
    r"named-content|styled-content|xref|ext-link|alternatives|math|m[a-z]{1,10}|(?:jats|mml|m|ce):(?!p\b|title\b|sec\b|br)"
    rf"[\w-]{{1,40}}){_ATTRIBUTES}",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    rf"</?(?:jats:)?(?:p|br|div|li|ul|ol|h[1-6]|title|sec|break|list|list-item|abstract){_ATTRIBUTES}", re.IGNORECASE
)
_TEX = re.compile(r"<((?:jats:)?tex-math|(?:mml:)?annotation)\b[^<>]{0,200}>[^<]{0,5000}</\1>")
_HIDDEN = re.compile(r"<!--[^<>]{0,500}-->|<!\[CDATA\[|\]\]>")  # a comment, and the marks around a plain text
_POWER = re.compile(r"(?<![0-9])10\s?<(sup|jats:sup)>\s?([-−–]?[0-9]{1,2})\s?</\1>", re.IGNORECASE)
_MARKUP = r"(?:</?[^<>/]{1,100}>\s{0,9}){0,4}"
_MATH_POWER = re.compile(
    rf"<((?:mml:)?msup)>\s{{0,9}}{_MARKUP}10\s{{0,9}}{_MARKUP}([-−–]?)\s{{0,9}}{_MARKUP}([0-9]{{1,2}})\s{{0,9}}{_MARKUP}</\1>"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s\ufffe\uffff]+")
_NOTHING = re.compile(
    r"\W*(?:n/?a|n\.a|none|null|nil|undefined|unknown|not (?:available|applicable|specified|reported)|n\.pag|\W*)\W*",
    re.IGNORECASE,
)


def clean(text: object) -> str:
    """Return the text on one line, without markup and control characters; "" for what is neither text nor number.

    Entities are decoded until none is left: publishers deposit `&amp;amp;` and `&lt;i&gt;`.
    Raises Unreadable for half of a surrogate pair, which a database cannot hold.
    """
    if isinstance(text, int) and not isinstance(text, bool) and abs(text) < 10**18:
        return str(text)
    if not isinstance(text, str):
        return ""
    for _ in range(4):
        plain = text
        if "<" in plain:
            plain = _POWER.sub(lambda power: f"10{superscript(power[2])}", plain)
            plain = _MATH_POWER.sub(lambda power: f"10{superscript(power[2] + power[3])}", plain)
            plain = _BLOCK.sub(" ", _INLINE.sub("", _TEX.sub("", _HIDDEN.sub("", plain))))
        plain = html.unescape(plain)
        if plain == text:
            break
        text = plain
    if re.search("[\ud800-\udfff]", text):
        raise Unreadable("it holds half of a character (a lone surrogate).")
    return _CONTROL.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


def field_names(names: str) -> frozenset[str]:
    """Return the names in a text with spaces between them."""
    return frozenset(names.split())


def superscript(number: str) -> str:
    """Return ⁶ for 6: without it, 10⁶ would read 106."""
    return number.translate(str.maketrans("0123456789-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻"))


def drop_placeholder(text: str) -> str:
    """Return the text, or "" for the words of a catalogue that has none, such as “N/A”."""
    return "" if _NOTHING.fullmatch(text[:40]) else text
