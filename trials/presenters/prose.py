"""Markdown of the editable pages as safe HTML, and glossary terms explained where they are first mentioned."""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape, unescape
from typing import Any

import nh3
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it.token import Token

from trials.markdown import MARKDOWN as _MARKDOWN
from trials.markdown import SCHEMES
from trials.models import GlossaryTerm

# Markdown lets no HTML through, and nh3 lets through only what these lists name: two independent barriers, because a
# page that staff paste into is the likeliest way for hostile HTML to enter.
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "th": {"scope"}, "ol": {"start"}}

# The ids that the templates around the text use. A heading “Main” must not take the target of the skip link.
PAGE_IDS = frozenset({"main", "site-search", "contact", "what-happened"})

# Elements in which no term is explained, since there a button would be invalid or would disturb; other tags; text.
_PIECE = re.compile(r"<(?P<name>a|h[2-4]|code|pre)\b.*?</(?P=name)>|<[^>]+>|(?P<text>[^<]+)", re.DOTALL)

FEWEST_CONTENTS = 5  # headings of a page with a list of them
_H2 = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>')


def _fix_headings(tokens: list[Token], taken: frozenset[str]) -> None:
    """Let headings begin at h2, below the h1 of the page, give each an id, and give table headers their scope."""
    used = set(taken)
    for index, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            level = min(max(int(token.tag[1]), 2), 4)
            token.tag = f"h{level}"
        if token.type == "heading_open":
            words = "".join(child.content for child in tokens[index + 1].children or [] if child.content)
            slug = slugify(words) or "section"
            if slug.startswith("term-"):  # the ids of the explanations
                slug = f"on-{slug}"
            names = (slug, *(f"{slug}-{number}" for number in range(2, len(used) + 3)))
            name = next(name for name in names if name not in used)
            used.add(name)
            token.attrSet("id", name)
        if token.type in ("th_open", "td_open"):  # alignment is an inline style, which the security policy refuses
            token.attrs = {"scope": "col"} if token.type == "th_open" else {}


@lru_cache(maxsize=64)
def render_markdown(text: str, taken: frozenset[str] = PAGE_IDS) -> SafeString:
    """Return Markdown as safe HTML: it holds no script, style, frame or form, whatever was pasted.

    No heading gets one of the ids in `taken`.
    """
    tokens = _MARKDOWN.parse(text)
    _fix_headings(tokens, taken)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener")
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it


def split_first_section(html: SafeString) -> tuple[SafeString, SafeString]:
    """Return the part of a rendered text before its second h2, and the rest."""
    second = html.find("<h2", html.find("<h2") + 1)
    end = len(html) if second == -1 else second
    return mark_safe(html[:end]), mark_safe(html[end:])  # noqa: S308 - whole elements of safe HTML


def contents(html: SafeString) -> list[tuple[str, str]]:
    """Return the id and the words of each h2 of a rendered text, if there are enough for a list of contents."""
    found = [(name, unescape(strip_tags(words))) for name, words in _H2.findall(html)]
    return found if len(found) >= FEWEST_CONTENTS else []


class Glossary:
    """The glossary terms, and the pattern that finds them in a text."""

    def __init__(self, terms: Iterable[GlossaryTerm]) -> None:
        spellings = [(spelling, term) for term in terms for spelling in term.spellings]
        spellings.sort(key=lambda pair: len(pair[0]), reverse=True)  # "phase 1" before "phase"
        words = "|".join(re.escape(spelling) for spelling, _ in spellings)
        self._spellings = [(re.compile(re.escape(spelling), re.IGNORECASE), term) for spelling, term in spellings]
        self.pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE) if words else None

    def term(self, match: re.Match[str]) -> GlossaryTerm:
        """Return the term that the pattern found."""
        # A pattern compares, as above: a look-up by casefold would treat some letters differently, such as ı and İ.
        return next(term for spelling, term in self._spellings if spelling.fullmatch(match.group()))


@lru_cache(maxsize=2)
def _glossary(terms: tuple[tuple[str, ...], ...]) -> Glossary:
    names = ("slug", "term", "meaning", "other_spellings")
    return Glossary([GlossaryTerm(**dict(zip(names, term, strict=True))) for term in terms])


def public_glossary() -> Glossary:
    """Return the terms that the public may see. The pattern is compiled again only when one of them has changed."""
    rows = GlossaryTerm.objects.public().values_list("slug", "term", "meaning", "other_spellings")
    return _glossary(tuple(rows))


# A browser that knows popovers shows the words and a button that lies over them; a click on any line of the words
# reaches the button too, since they are its label. Other browsers show a link to the glossary instead. The words wrap
# like words, which the words of a button would not.
_EXPLAINED = (
    '<label class="explained"><span aria-hidden="true">{words}</span><button type="button" class="term" '
    'popovertarget="term-{slug}" aria-label="{words}"></button><a href="{address}" aria-label="{words}"></a></label>'
)


class Explainer:
    """Turn the first mention of each glossary term on a page into words that open its meaning.

    Each page needs one of its own. `used` lists the terms explained so far, for the definitions at the end of the page.
    """

    def __init__(self, glossary: Glossary) -> None:
        self.used: list[GlossaryTerm] = []
        self._glossary = glossary

    def _explain(self, match: re.Match[str]) -> str:
        term = self._glossary.term(match)
        words = escape(match.group())
        if term in self.used:
            return words
        self.used.append(term)
        return _EXPLAINED.format(slug=escape(term.slug), words=words, address=escape(term.get_absolute_url()))

    def text(self, text: str) -> SafeString:
        """Return plain text as HTML with first mentions explained."""
        parts, end = [], 0
        for match in self._glossary.pattern.finditer(text) if self._glossary.pattern else ():
            parts += [escape(text[end : match.start()]), self._explain(match)]
            end = match.end()
        parts.append(escape(text[end:]))
        return mark_safe("".join(parts))  # noqa: S308 - every part is escaped

    def html(self, html: SafeString) -> SafeString:
        """Return HTML of `render_markdown` with first mentions explained, except in links, headings and code."""
        explained = _PIECE.sub(lambda match: self.text(unescape(match["text"])) if match["text"] else match[0], html)
        return mark_safe(explained)  # noqa: S308 - tags are unchanged, text is escaped


def explainer(request: HttpRequest) -> dict[str, Any]:
    """Give each page an `explainer` of its own. Nothing is read unless a template uses it."""
    return {"explainer": SimpleLazyObject(lambda: Explainer(public_glossary()))}
