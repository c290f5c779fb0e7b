"""LaTeX as plain text, decoded by pylatexenc."""

import re

from pylatexenc.latex2text import LatexNodes2Text

from trials.importers.texts import clean, superscript

_MATH = re.compile(r"(?<!\\)\$([^$]{1,300})(?<!\\)\$|\\ensuremath\{([^{}]{1,300})\}")
_POWER = re.compile(
    r"(?<![0-9])10\s?(?:\$\s?\^\s?\{?(-?[0-9]{1,2})\}?\s?\$|(?:\^|\\textsuperscript)\s?\{?(-?[0-9]{1,2})\}?)"
)
_FRAGMENT = re.compile(r"(?:10 ?)?\$[^$\s][^$]{0,38}\$|\\[A-Za-z]{2,12}\{[^{}]{0,38}\}")
MOST_FRAGMENTS = 4  # of a text: to decode them takes time
_LITERAL = re.compile(r"(?<!\\)([%&#])")
_ESCAPED_BRACE = re.compile(r"(?<!\\)\\([{}])")
_BRACES = {"{": "\ufdd0", "}": "\ufdd1"}  # characters of no text, for escaped braces while it is decoded
_WITHOUT_GROUPS = str.maketrans({"{": "", "}": ""} | {mark: brace for brace, mark in _BRACES.items()})
TO_TEXT = LatexNodes2Text(math_mode="text", keep_braced_groups=False)
TO_BRACED = LatexNodes2Text(math_mode="text", keep_braced_groups=True, keep_braced_groups_minlen=2)


def has_latex(value: str) -> bool:
    return "\\" in value or "$" in value


def _math(match: re.Match[str]) -> str:
    """Return 2 for $_2$. Two prices are not mathematics."""
    inner = match[1] or match[2]
    if re.search(r"[\\_^{}<>=]", inner) or " " not in inner:
        return re.sub(r"[_^]", "", inner) + ("{}" if "\\" in inner else "")
    return match[0].replace("$", r"\$")


def _power(match: re.Match[str]) -> str:
    """Return 10⁶ for 10$^6$, $10^{6}$ and 10\\textsuperscript{6}."""
    return f"10{superscript(match[1] or match[2])}"


def decode(value: str, decoder: LatexNodes2Text = TO_TEXT) -> str:
    """Return the text of LaTeX: ş for {\\c s}. What cannot be decoded loses its commands."""
    value = re.sub(r"(?<!\\)~", " ", value)
    if has_latex(value):
        value = re.sub(r"\{?\\textless(?:\{\})?\}?", "<", re.sub(r"\{?\\textgreater(?:\{\})?\}?", ">", value))
        value = re.sub(r"\^\s?\{?\\circ\b\}?", "°", value).replace("\\slash", "/")
        value = re.sub(r"\\(?:mbox|hbox|uppercase|textnormal)\s?\{", "{", value)
        value = re.sub(r"\\\(([^()$]{1,300})\\\)", r"$\1$", value)
        value = _MATH.sub(_math, _POWER.sub(_power, value))
        value = re.sub(r"\\(?:href|textcolor)\s?\{[^{}]{0,500}\}", "", value)
        try:
            # A bare % would begin a comment, and a bare & would part columns.
            value = str(decoder.latex_to_text(_LITERAL.sub(r"\\\1", re.sub(r"(?<!\\)\$", r"\\$", value))))
            value = value.replace("ˆ", "^")  # of \textasciicircum
        except Exception:  # its own errors, and recursion that is too deep
            value = re.sub(r"\\[A-Za-z]+|[\\$]", "", value)
    value = value.replace("``", "“").replace("''", "”")
    value = re.sub(r"`([^`']{1,300})'", r"‘\1’", value).replace("`", "‘")
    return value.replace("---", "—").replace("--", "–")


def plain(value: str) -> str:
    """Return the text. Braces are part of it where they are escaped; the others group."""
    value = _ESCAPED_BRACE.sub(lambda brace: _BRACES[brace[1]], value)
    return clean(decode(value).translate(_WITHOUT_GROUPS))


def verbatim(value: str) -> str:
    """Return an identifier or an address without what LaTeX needs in it: {\\_}, \\%, \\url{…}, $<$."""
    for command, character in (("underscore", "_"), ("less", "<"), ("greater", ">"), ("asciitilde", "~")):
        value = re.sub(rf"\\text{command}(?![A-Za-z])\s?", character, value)
    value = re.sub(r"\$(\\?[_<>])\$", r"\1", re.sub(r"\\(?:url|href|nolinkurl)\b", "", value))
    return clean(re.sub(r"[{}\\]", "", value))


def rough(value: str) -> str:
    """Return a long text without commands and braces: to decode it takes too long."""
    return clean(re.sub(r"\\[A-Za-z]+\s?|[{}\\]", "", _MATH.sub(_math, value)).replace("~", " "))


def without_fragments(text: str) -> str:
    """Return a text of another format without the bits of LaTeX that publishers leave in it."""
    return _FRAGMENT.sub(lambda fragment: plain(fragment[0]), text, count=MOST_FRAGMENTS)
