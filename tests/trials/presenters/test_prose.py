"""Markdown of the editable pages as safe HTML, and glossary terms explained at their first mention."""

import re

import pytest
from django.utils.safestring import SafeString

from trials.models import GlossaryTerm
from trials.presenters import prose
from trials.presenters.prose import Explainer, Glossary, render_markdown, split_first_section

ALLOWED = re.compile(
    r"</?(?:blockquote|br|code|em|h[234]|hr|li|ol|p|pre|strong|table|tbody|td|th|thead|tr|ul)"
    r'(?: (?:id|scope)="[\w-]*")?>'
    r'|<a(?: (?:href|title|rel)="[^"<>]*")*>|</a>'
)
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=https://example.org></iframe>",
    "<style>body { display: none }</style>",
    '<form action="https://example.org"><input name=q></form>',
    "[here](javascript:alert(1))",
    "[here](JaVaScRiPt&colon;alert(1))",
    "[here](data:text/html;base64,PHNjcmlwdD4=)",
    "[here](vbscript:x)",
    "![picture](https://example.org/x.png)",
    '[here](https://example.org "x\\" onclick=alert(1) y=\\"")',
    '<https://example.org/"onmouseover=alert(1)>',
    "[ref]\n\n[ref]: javascript:alert(1)",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "|a|\n|-|\n|<script>alert(1)</script>|",
    "<!-- --><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<a href="https://example.org" style="position:fixed">x</a>',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_harmless_html(text: str) -> None:
    html = render_markdown(text)
    assert "<" not in ALLOWED.sub("", html), html
    assert not re.search(r'href="(?!https?:|mailto:|/|#|&lt;)[a-z]+:', html, re.IGNORECASE), html


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_html_that_reached_the_cleaner_is_harmless(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(prose._MARKDOWN.options, "html", True)
    html = render_markdown.__wrapped__(text)
    assert "<" not in ALLOWED.sub("", html), html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# Title", '<h2 id="title">Title</h2>\n'),
        ("###### Small", '<h4 id="small">Small</h4>\n'),
        ("## Same\n\n## Same", '<h2 id="same">Same</h2>\n<h2 id="same-2">Same</h2>\n'),
        ("## Main", '<h2 id="main-2">Main</h2>\n'),
        (
            "## Same\n\n## Same 2\n\n## Same",
            '<h2 id="same">Same</h2>\n<h2 id="same-2">Same 2</h2>\n<h2 id="same-3">Same</h2>\n',
        ),
        ("## Term dose", '<h2 id="on-term-dose">Term dose</h2>\n'),
        ("## ??\n\n## !!", '<h2 id="section">??</h2>\n<h2 id="section-2">!!</h2>\n'),
        ('A ![<b>chart</b> "x](/x.png) more', "<p>A  more</p>\n"),
        ("[words](/about/)", '<p><a href="/about/" rel="noopener">words</a></p>\n'),
        ("*a* **b**", "<p><em>a</em> <strong>b</strong></p>\n"),
        ("1 < 2", "<p>1 &lt; 2</p>\n"),
    ],
)
def test_markdown_becomes_html(markdown: str, html: str) -> None:
    assert render_markdown(markdown) == html


def test_heading_takes_no_id_of_the_page_around_it_and_the_head_of_a_table_has_its_scope() -> None:
    assert '<th scope="col">a</th>' in render_markdown("|a|\n|:-:|\n|1|")
    assert render_markdown("## ARDS", frozenset({"ards"})) == '<h2 id="ards-2">ARDS</h2>\n'


def test_first_section_ends_before_the_second_heading() -> None:
    first, rest = split_first_section(render_markdown("Lead\n\n## A\n\nOne\n\n### B\n\n## C\n\nTwo"))
    assert (first.count("<h2"), first.count("<h3")) == (1, 1)
    assert rest == '<h2 id="c">C</h2>\n<p>Two</p>\n'
    only = render_markdown("## One\n\nText")
    assert split_first_section(only) == (only, "")


# --- Explained terms


def explainer(**terms: str) -> Explainer:
    """Return an explainer of these terms: name -> other spellings."""
    return Explainer(
        Glossary(GlossaryTerm(slug=term, term=term.replace("_", " "), other_spellings=o) for term, o in terms.items())
    )


def explained(slug: str, words: str) -> str:
    return (
        f'<label class="explained"><span aria-hidden="true">{words}</span>'
        f'<button type="button" class="term" popovertarget="term-{slug}" aria-label="{words}"></button>'
        f'<a href="/glossary/#{slug}" aria-label="{words}"></a></label>'
    )


@pytest.mark.parametrize(
    ("terms", "text", "shown"),
    [
        (["dose"], "A dose and a dose", f"A {explained('dose', 'dose')} and a dose"),
        (["dose"], "overdose, dose-finding, dosed", "overdose, dose-finding, dosed"),
        (["phase", "phase_1"], "a phase 1 trial", f"a {explained('phase_1', 'phase 1')} trial"),
        (["dose"], "(dose), then", f"({explained('dose', 'dose')}), then"),
        (["p.o."], "pXo. or p.o. once", f"pXo. or {explained('p.o.', 'p.o.')} once"),
        (["dose"], "<b> dose & co", f"&lt;b&gt; {explained('dose', 'dose')} &amp; co"),
        ([], "a <dose>", "a &lt;dose&gt;"),
    ],
)
def test_first_mention_of_a_term_alone_is_explained(terms: list[str], text: str, shown: str) -> None:
    assert explainer(**dict.fromkeys(terms, "")).text(text) == shown


def test_first_mention_of_one_spelling_counts_for_all() -> None:
    explain = explainer(dose="doses")
    assert explain.text("Doses") == explained("dose", "Doses")
    assert explain.text("one dose") == "one dose"
    assert [term.slug for term in explain.used] == ["dose"]


@pytest.mark.parametrize(
    ("spelling", "text"),
    [
        ("inflammation", "İnflammation"),
        ("inflammation", "ınflammatıon"),
        ("dialysıs", "dialysis"),
        ("DIALYSİS", "dialysis"),
        ("straße", "STRASSE straße"),
        ("sepsis", "ſepſis"),
        ("kelvin", "\u212aelvin"),
    ],
)
def test_letters_that_fold_in_several_ways_do_no_harm(spelling: str, text: str) -> None:
    explain = Explainer(Glossary([GlossaryTerm(slug="x", term="unrelated", other_spellings=spelling)]))
    assert re.sub("<[^>]+>", "", explain.text(text)) == text


def test_html_around_a_term_and_in_a_link_a_heading_or_code_is_unchanged() -> None:
    left_alone = '<h2>dose</h2><code>dose</code><pre>dose</pre><p>A &lt;b&gt; <a href="/x?a=1&amp;b=2">dose</a> '
    html = SafeString(f"{left_alone}dose<br></p>")
    assert explainer(dose="").html(html) == f"{left_alone}{explained('dose', 'dose')}<br></p>"
