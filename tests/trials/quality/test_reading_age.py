"""The reading age of a text, by the published formula, on texts counted by hand."""

import pytest

from trials.quality.reading_age import ReadingAge, plain, reading_age, sentences, syllables

# Counted by ear.
SYLLABLES = {
    "a": 1, "the": 1, "we": 1, "cells": 1, "dose": 1, "doses": 2, "times": 1, "lived": 1, "died": 1, "treated": 2,
    "studies": 2, "table": 2, "samples": 2, "people": 2, "people's": 2, "trial": 2, "trials": 2, "serious": 3,
    "period": 3, "special": 2, "action": 2, "million": 2, "equal": 2, "usual": 3, "going": 2, "breathing": 2,
    "evaluation": 5, "respiratory": 5, "distress": 2, "syndrome": 2, "acute": 2, "mesenchymal": 4, "placebo": 3,
    "hospital": 3, "umbilical": 4, "oxygen": 3, "difference": 3, "Because": 2, "PATIENTS": 2, "20": 1, "2.5": 1,
}  # fmt: skip


@pytest.mark.parametrize(("word", "number"), SYLLABLES.items())
def test_syllables_of_a_word(word: str, number: int) -> None:
    assert syllables(word) == number


def test_sentences_of_a_text() -> None:
    text = "Dilogo et al. gave cells to 20 people. It took 2.5 hours. Was it safe? “Yes.”\n\nA line of its own"
    assert sentences(text) == [
        ["Dilogo", "et", "al", "gave", "cells", "to", "20", "people"],
        ["It", "took", "2.5", "hours"],
        ["Was", "it", "safe"],
        ["Yes"],
        ["A", "line", "of", "its", "own"],
    ]


def test_marks_of_markdown_are_not_words() -> None:
    text = (
        "## What *was* found\nSee [the list](/trials/?q=x) and\nhttps://example.org/y/z here.\n- one item\n"
        "2. two items\n\n| group | died |\n|:---|---:|\n| cells | 3 |\n\n```\ncode()\n```\n\n![picture](/p.png)\n\n[1]: https://x.org\n"
    )
    assert sentences(plain(text)) == [
        ["What", "was", "found"],
        ["See", "the", "list", "and", "here"],
        ["one", "item"],
        ["two", "items"],
        ["group"],
        ["died"],
        ["cells"],
        ["3"],
        ["picture"],
    ]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        # 13 words, 24 syllables, 1 sentence: 0.39 × 13 + 11.8 × 24 / 13 − 15.59 = 11.26 -> 16.26
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 16),
        # 12 words of 1 syllable, 2 sentences: 0.39 × 6 + 11.8 − 15.59 = −1.45 -> 3.55; the lowest age is 5
        ("The cat sat on the mat. The dog ran to the house.", 5),
        # 20 words, 23 syllables, 2 sentences: 0.39 × 10 + 11.8 × 23 / 20 − 15.59 = 1.88 -> 6.88
        ("Doctors gave cells to 20 people with lungs that failed. Three of them died, and five of the others died.", 7),
    ],
    ids=["hard", "for the youngest", "easy"],
)
def test_figure_of_a_text_counted_by_hand(text: str, years: int) -> None:
    assert reading_age(text).years == years


def test_each_line_of_a_plain_text_ends_a_sentence() -> None:
    assert reading_age("Only a few people took part\nDoctors knew who was given the cells") == ReadingAge(7, 13, 2)


def test_markdown_is_read_without_its_marks() -> None:
    text = "The [cells](https://example.org/a/b/c/d) came from\nthe blood of people who had just been born."
    assert reading_age(text, markdown=True) == ReadingAge(7, 13, 1)


@pytest.mark.parametrize(
    "text", ["", "   \n", "Too few words to say.", "…!?", "one two three four five six seven eight nine"]
)
def test_short_text_has_no_figure(text: str) -> None:
    assert reading_age(text).years is None
    assert str(reading_age(text)) == "Too short to tell: fewer than 10 words."


@pytest.mark.parametrize(
    ("years", "words"),
    [
        (10, "About 10 years; aim for 11 to 14. Easier than that is fine."),
        (11, "About 11 years; aim for 11 to 14."),
        (14, "About 14 years; aim for 11 to 14."),
        (15, "About 15 years; aim for 11 to 14. Shorter sentences and shorter words bring it down."),
    ],
)
def test_figure_comes_with_the_aim(years: int, words: str) -> None:
    assert str(ReadingAge(years, 100, 10)) == words
