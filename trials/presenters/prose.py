"""Markdown of the editable pages to safe HTML, and the words explained where they first stand."""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from html.parser import HTMLParser

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from trials.models import GlossaryTerm

# Raw HTML is off, so an editor's "<script>" is text. nh3 then lets through only what this list names: two
# independent barriers, because a page that staff paste into is the likeliest way in.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "th": {"scope"}, "ol": {"start"}}

# What the templates around the prose use themselves: a heading “Main” must not take the skip link's target.
PAGE_IDS = ("main", "site-search", "who", "by-design", "picture-title", "picture-desc")


def _mend_headings(tokens: list[Token]) -> None:
    """Start headings at h2 (the page has its h1), give each an address, and table headers their scope."""
    used = dict.fromkeys(PAGE_IDS, 1)
    for index, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            level = min(max(int(token.tag[1]), 2), 4)
            token.tag = f"h{level}"
        if token.type == "heading_open":
            words = "".join(child.content for child in tokens[index + 1].children or [] if child.content)
            slug = slugify(words) or "section"
            used[slug] = used.get(slug, 0) + 1
            token.attrSet("id", slug if used[slug] == 1 else f"{slug}-{used[slug]}")
        if token.type == "th_open":
            token.attrs.clear()  # alignment comes as an inline style, which our policy refuses
            token.attrSet("scope", "col")
        if token.type == "td_open":
            token.attrs.clear()


@lru_cache(maxsize=64)
def render_markdown(text: str) -> SafeString:
    """Markdown in, safe HTML out. Whatever is pasted, the result holds no script, style, frame or form."""
    tokens = _MARKDOWN.parse(text)
    _mend_headings(tokens)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it


class Glossary:
    """The terms by their spellings, and the pattern that finds them."""

    def __init__(self, terms: Iterable[GlossaryTerm]) -> None:
        self.by_spelling = {spelling.casefold(): term for term in terms for spelling in term.spellings}
        spellings = sorted(self.by_spelling, key=len, reverse=True)  # the longest first: "phase 1" before "phase"
        pattern = "|".join(re.escape(spelling) for spelling in spellings)
        # The punctuation around a word goes along: a line must not end or begin with it.
        whole = rf"(?P<open>[(“]?)(?<![\w-])(?P<words>{pattern})(?![\w-])(?P<close>[,.;:)”!?]*)"
        self.pattern = re.compile(whole, re.IGNORECASE) if pattern else None


@lru_cache(maxsize=2)
def _glossary(terms: tuple[tuple[str, ...], ...]) -> Glossary:
    names = ("slug", "term", "meaning", "other_spellings")
    return Glossary([GlossaryTerm(**dict(zip(names, term, strict=True))) for term in terms])


def public_glossary() -> Glossary:
    """The terms that the public may see. Put together anew only when one of them has changed."""
    rows = GlossaryTerm.objects.public().values_list("slug", "term", "meaning", "other_spellings")
    return _glossary(tuple(rows))


class Explainer:
    """Turns the first mention of each glossary term on a page into a button that shows its meaning.

    One per page: it remembers what it has explained. `used` lists those terms, for the definitions that the page
    prints at its end and the buttons open (HTML's own popover: no script needed).
    """

    # Inside these a button would be wrong or in the way.
    _QUIET = {"a", "button", "h1", "h2", "h3", "h4", "code", "pre", "summary", "caption"}

    def __init__(self, glossary: Glossary) -> None:
        self.used: list[GlossaryTerm] = []
        self._by_spelling, self._pattern = glossary.by_spelling, glossary.pattern

    def _explain(self, match: re.Match[str]) -> str:
        words, before, after = match["words"], escape(match["open"]), escape(match["close"])
        term = self._by_spelling[words.casefold()]
        if term in self.used:
            return escape(match.group())
        self.used.append(term)
        target = f'popovertarget="term-{escape(term.slug)}"'
        button = f'<button type="button" class="term" {target}>{escape(words)}</button>'
        return f'<span class="unbroken">{before}{button}{after}</span>' if before or after else button

    def text(self, text: str) -> SafeString:
        """Plain text in, HTML out with first mentions explained."""
        if self._pattern is None:
            return mark_safe(escape(text))  # noqa: S308 - escaped
        parts, end = [], 0
        for match in self._pattern.finditer(text):
            parts += [escape(text[end : match.start()]), self._explain(match)]
            end = match.end()
        parts.append(escape(text[end:]))
        return mark_safe("".join(parts))  # noqa: S308 - every part is escaped

    def html(self, html: SafeString) -> SafeString:
        """Safe HTML in, the same HTML out with first mentions explained, outside links, headings and code."""
        walker = _Walker(self)
        walker.feed(html)
        walker.close()
        return mark_safe("".join(walker.out))  # noqa: S308 - tags as they came in, text escaped


class _Walker(HTMLParser):
    def __init__(self, explainer: Explainer) -> None:
        super().__init__(convert_charrefs=True)
        self.explainer = explainer
        self.out: list[str] = []
        self.quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quiet += tag in Explainer._QUIET
        self.out.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in Explainer._QUIET
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(escape(data, quote=False) if self.quiet else self.explainer.text(data))
