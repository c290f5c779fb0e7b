"""What staff write becomes safe HTML whatever they paste, and hard words are explained where they first stand."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from markdown_it import MarkdownIt

from tests.dom import parse, tree
from tests.factories import make_page, make_term
from trials.models import GlossaryTerm, Page
from trials.prose import Explainer, Glossary, render_markdown

# All that a page may be made of, written out: not read from the code under test.
ALLOWED = {
    "a": {"href", "title", "rel"},
    "blockquote": set(),
    "br": set(),
    "code": set(),
    "em": set(),
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "hr": set(),
    "li": set(),
    "ol": {"start"},
    "p": set(),
    "pre": set(),
    "strong": set(),
    "table": set(),
    "tbody": set(),
    "td": set(),
    "th": {"scope"},
    "thead": set(),
    "tr": set(),
    "ul": set(),
}

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "script in the middle": "Words <script src=https://evil.example/x.js></script> words",
    "script in capitals": "<ScRiPt>alert(1)</sCrIpT>",
    "script broken up": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "script never closed": "<script>alert(1)",
    "image with a handler": "<img src=x onerror=alert(1)>",
    "image in Markdown": "![alt](https://evil.example/pixel.png)",
    "handler with a slash": "<img/src=x/onerror=alert(1)>",
    "javascript link": "[press](javascript:alert(1))",
    "javascript link in capitals": "[press](JaVaScRiPt:alert(1))",
    "javascript link with entities": "[press](&#106;avascript:alert(1))",
    "javascript link with a hexadecimal entity": "[press](&#x6A;avascript&colon;alert(1))",
    "javascript link with a tab": "[press](java&Tab;script:alert(1))",
    "javascript link with a control character": "[press](<\x01javascript:alert(1)>)",
    "javascript link by reference": "[press][x]\n\n[x]: javascript:alert(1)",
    "javascript autolink": "<javascript:alert(1)>",
    "vbscript link": "[press](vbscript:msgbox(1))",
    "data link": "[press](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "data image": "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "file link": "[press](file:///etc/passwd)",
    "link that breaks out": '[press](https://a.example/"onmouseover="alert(1))',
    "title that breaks out": "[press](https://a.example '\"onmouseover=alert(1) x=\"')",
    "link in HTML": '<a href="javascript:alert(1)">press</a>',
    "frame": '<iframe src="https://evil.example"></iframe>',
    "object and embed": "<object data=x></object><embed src=x>",
    "form": '<form action="https://evil.example"><input name=q><button>Send</button></form>',
    "svg": "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "svg with a link": '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "math": "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "style element": "<style>body { display: none }</style>",
    "style attribute": '<p style="position:fixed;inset:0">over all</p>',
    "base": '<base href="https://evil.example/">',
    "meta": '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "comment": "<!-- --!><img src=x onerror=alert(1)> -->",
    "CDATA": "<![CDATA[<script>alert(1)</script>]]>",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "numeric entities": "&#60;script&#62;alert(1)&#60;/script&#62;",
    "heading": "## <img src=x onerror=alert(1)>",
    "heading with an address": '## x" onclick="alert(1)',
    "table": "| a | b |\n|:-:|--:|\n| <script>1</script> | <b onclick=x>b</b> |",
    "code": "```\"><script>alert(1)</script>\n<script>alert(2)</script>\n```",
    "list": "1. <script>alert(1)</script>\n2. <a href='javascript:x'>x</a>",
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "template": "<template><script>alert(1)</script></template>",
    "nested links": "[a [b](javascript:alert(1)) c](javascript:alert(2))",
    "NUL": "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "Django tag": "{% load x %}{{ settings.SECRET_KEY }}",
}  # fmt: skip


def assert_harmless(html: str) -> None:
    for element in parse(html).everything():
        assert element.tag in ALLOWED, f"<{element.tag}> in {html}"
        assert set(element.attrs) <= ALLOWED[element.tag], f"{element.attrs} in {html}"
        if element.tag == "a" and "href" in element.attrs:
            href = re.sub(r"[\x00-\x20]", "", element["href"])
            assert urlsplit(href).scheme in ("http", "https", "mailto", ""), html


@pytest.mark.parametrize("paste", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_paste_is_harmless(paste: str) -> None:
    assert_harmless(render_markdown(paste))
    assert_harmless(render_markdown(f"Words before.\n\n> {paste}\n\n- {paste}"))


@pytest.mark.parametrize("paste", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_paste_is_harmless_by_the_second_barrier_alone(paste: str, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = MarkdownIt("commonmark", {"html": True}).enable("table")
    monkeypatch.setattr(careless, "validateLink", lambda address: True)
    monkeypatch.setattr("trials.prose._MARKDOWN", careless)
    assert_harmless(render_markdown.__wrapped__(paste))  # past the cache


@pytest.mark.django_db
def test_hostile_pastes_do_nothing_on_a_page_with_explained_words(client: Client) -> None:
    make_term(slug="script", term="script", meaning="<b>Bold</b> words")
    make_term(slug="alert", term="alert", other_spellings='x" onclick="y')
    for kind, paste in HOSTILE.items():
        paste = paste.replace("\x00", "")  # PostgreSQL keeps no such text
        make_page(slug="pasted", title="Pasted")
        Page.objects.update(lead=paste, body=paste)  # nobody can type all of this
        main = tree(client.get("/pasted/")).one("main")
        for element in main.everything():
            assert element.tag in {*ALLOWED, "article", "button", "div", "h1", "span"}, f"{kind}: <{element.tag}>"
            bad = [name for name in element.attrs if name.startswith("on") or name in ("style", "src", "action")]
            assert bad == [], f"{kind}: {element.attrs}"
        Page.objects.all().delete()


def test_hostile_paste_is_shown_as_the_text_it_is() -> None:
    assert render_markdown("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    assert render_markdown("{{ settings.SECRET_KEY }}") == "<p>{{ settings.SECRET_KEY }}</p>\n"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Plain *soft* **loud**", "<p>Plain <em>soft</em> <strong>loud</strong></p>\n"),
        ("# Top", '<h2 id="top">Top</h2>\n'),
        ("## Part", '<h2 id="part">Part</h2>\n'),
        ("##### Deep", '<h4 id="deep">Deep</h4>\n'),
        ("## Same\n\n## Same", '<h2 id="same">Same</h2>\n<h2 id="same-2">Same</h2>\n'),
        ("## ARDS, *what* is it?", '<h2 id="ards-what-is-it">ARDS, <em>what</em> is it?</h2>\n'),
        ("## …", '<h2 id="section">…</h2>\n'),
        ("[list](/trials/?phase=2&q=a)", '<p><a href="/trials/?phase=2&amp;q=a" rel="noopener">list</a></p>\n'),
        ("[mail](mailto:a@b.example)", '<p><a href="mailto:a@b.example" rel="noopener">mail</a></p>\n'),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        (
            "| a | b |\n|---|:-:|\n| 1 | 2 |",
            '<table>\n<thead>\n<tr>\n<th scope="col">a</th>\n<th scope="col">b</th>\n</tr>\n</thead>\n'
            "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n",
        ),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>\n"),
        ("", ""),
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_markdown_becomes(markdown: str, html: str) -> None:
    assert render_markdown(markdown) == html


# --- Words explained ------------------------------------------------------------------------------------------


def explainer(**terms: str) -> Explainer:
    """slug -> the term, a bar, its other spellings"""
    made = []
    for slug, words in terms.items():
        term, _, others = words.partition("|")
        made.append(GlossaryTerm(slug=slug.replace("_", "-"), term=term, meaning="…", other_spellings=others))
    return Explainer(Glossary(made))


def button(slug: str, words: str) -> str:
    return f'<button type="button" class="term" popovertarget="term-{slug}">{words}</button>'


def test_first_mention_alone_is_explained() -> None:
    explain = explainer(placebo="placebo")
    assert explain.text("A placebo is a placebo") == f"A {button('placebo', 'placebo')} is a placebo"
    assert explain.text("placebo again") == "placebo again"
    assert explain.html("<p>and placebo again</p>") == "<p>and placebo again</p>"
    assert [term.slug for term in explain.used] == ["placebo"]


def test_first_mention_of_any_spelling_counts_for_all() -> None:
    explain = explainer(msc="mesenchymal stem cell|MSC, MSCs")
    assert (
        explain.text("MSCs and one mesenchymal stem cell") == f"{button('msc', 'MSCs')} and one mesenchymal stem cell"
    )


def test_word_is_found_whatever_its_capitals_and_keeps_them() -> None:
    assert explainer(placebo="placebo").text("PLACEBO given") == f"{button('placebo', 'PLACEBO')} given"


@pytest.mark.parametrize("text", ["placebos", "non-placebo", "placebo-controlled", "xplacebo", "placebo2", "placebo_x"])
def test_part_of_a_longer_word_is_not_explained(text: str) -> None:
    assert explainer(placebo="placebo").text(text) == text


def test_longest_spelling_wins() -> None:
    explain = explainer(phase="phase", one="phase 1", trial="phase 1 trial")
    assert explain.text("a phase 1 trial here") == f"a {button('trial', 'phase 1 trial')} here"
    assert explain.text("the phase 1 part") == f"the {button('one', 'phase 1')} part"
    assert explain.text("which phase it is") == f"which {button('phase', 'phase')} it is"


def test_punctuation_stays_with_its_word() -> None:
    explain = explainer(placebo="placebo", dose="dose")
    assert explain.text("(placebo), dose.") == (
        f'<span class="unbroken">({button("placebo", "placebo")}),</span> '
        f'<span class="unbroken">{button("dose", "dose")}.</span>'
    )


def test_text_around_a_word_is_escaped() -> None:
    explain = explainer(placebo="placebo", crp="C & R")
    assert explain.text("<b> placebo \"x\" & 'y'") == (
        f"&lt;b&gt; {button('placebo', 'placebo')} &quot;x&quot; &amp; &#x27;y&#x27;"
    )
    assert explain.text("C & R") == button("crp", "C &amp; R")
    assert explainer().text("<i>") == "&lt;i&gt;"


@pytest.mark.parametrize(
    "html",
    [
        '<p><a href="/x/">placebo</a></p>',
        '<h2 id="x">placebo</h2>',
        "<h3>placebo</h3>",
        "<h4>The <em>placebo</em></h4>",
        "<p><code>placebo</code></p>",
        "<pre><code>placebo\n</code></pre>",
        '<p><a href="/x/"><strong>a placebo</strong></a></p>',
        '<p><a href="/placebo/" title="placebo">x</a></p>',
    ],
)
def test_word_in_a_link_a_heading_or_code_is_left_alone(html: str) -> None:
    explain = explainer(placebo="placebo")
    assert explain.html(html) == html
    assert explain.used == []
    assert explain.html("<p>placebo</p>") == f"<p>{button('placebo', 'placebo')}</p>"


def test_html_around_a_word_comes_out_as_it_went_in() -> None:
    explain = explainer(dose="dose")
    html = '<p>1 &lt; 2 &amp; “3”<br>a <em>dose</em> of <a href="/t/?a=1&amp;b=2" rel="noopener">x &amp; y</a></p>\n'
    assert explain.html(html) == html.replace("<em>dose</em>", f"<em>{button('dose', 'dose')}</em>")


def test_word_with_signs_of_a_pattern_is_taken_as_it_is() -> None:
    explain = explainer(ratio="PaO₂/FiO₂|PaO2/FiO2", p_value="P value (p < .05)")
    assert explain.text("PaO2/FiO2 of 100") == f"{button('ratio', 'PaO2/FiO2')} of 100"
    assert explain.text("PaO2xFiO2") == "PaO2xFiO2"


def test_used_terms_stand_in_the_order_of_their_first_mention() -> None:
    explain = explainer(a="alpha", b="beta", c="gamma")
    explain.text("gamma then alpha")
    assert [term.slug for term in explain.used] == ["c", "a"]


def test_heading_never_takes_an_address_that_the_page_itself_uses() -> None:
    assert render_markdown("## Main\n\n## Main") == '<h2 id="main-2">Main</h2>\n<h2 id="main-3">Main</h2>\n'
