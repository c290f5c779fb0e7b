"""What a page could not show of a text is named when the text is saved."""

import pytest

from trials.markdown import problems

LINK_NOWHERE = "leads nowhere. Write https:// in front of it, or /name/ for a page of this site."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "![A chart: 5 of 20 died](/static/img/share.png)",
            "There is a picture (“A chart: 5 of 20 died”). Pages hold no pictures: describe it in words.",
        ),
        ("![](x.png)", "There is a picture (“”). Pages hold no pictures: describe it in words."),
        ("[WHO](www.who.int)", f"The link to “www.who.int” {LINK_NOWHERE}"),
        ("[WHO](www.who.int:80/en)", f"The link to “www.who.int:80/en” {LINK_NOWHERE}"),
        ("[methods](methods/)", f"The link to “methods/” {LINK_NOWHERE}"),
        ("[x](//example.org)", f"The link to “//example.org” {LINK_NOWHERE}"),
        ("[x](http:example.org)", f"The link to “http:example.org” {LINK_NOWHERE}"),
        ("[x]()", f"The link to “” {LINK_NOWHERE}"),
        (
            "[call](tel:+441234)",
            "The link to “tel:+441234” begins with “tel:”. A link begins with https:, http: or mailto:.",
        ),
        (
            "[x](ftp://a.org/b)",
            "The link to “ftp://a.org/b” begins with “ftp:”. A link begins with https:, http: or mailto:.",
        ),
        ("Deaths[^1]\n\n[^1]: By day 28.", "[^1] is a footnote, which pages do not have. Write it into the text."),
        ("[](https://example.org)", "The link to “https://example.org” has no words."),
        ("Text\n\n[Note]: /about/", "“[note]: …” would not be shown: no link of the text uses it."),
    ],
)
def test_what_a_page_could_not_show_is_named(text: str, sentence: str) -> None:
    assert problems(text) == [sentence]


def test_footnote_of_one_word_is_named_once_as_a_footnote() -> None:
    assert (
        problems("Deaths[^1]\n\n[^1]: Note")[0]
        == "[^1] is a footnote, which pages do not have. Write it into the text."
    )


@pytest.mark.parametrize(
    "text",
    [
        "[a](/about/#top) [b](#top) <https://example.org> [c](mailto:desk@example.org)",
        "[A page][about], [about]\n\n[About]: /about/",
        "- one\n- two\n\n|a|\n|-|\n|1|\n\n> quote\n\n`code` [not a link] 3 < 4",
    ],
)
def test_what_a_page_shows_is_no_problem(text: str) -> None:
    assert problems(text) == []
