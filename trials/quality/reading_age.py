"""The reading age of an English text, by the Flesch-Kincaid grade level.

    0.39 × words per sentence + 11.8 × syllables per word − 15.59

(Kincaid, Fishburne, Rogers and Chissom: Derivation of new readability formulas for Navy enlisted personnel, Research
Branch Report 8-75, 1975.) A pupil of grade n in the United States is about n + 5 years old at the start of the year.

Syllables are counted by rule. One word in twenty is wrong by one, which changes the figure by less than a year.
"""

import re
from dataclasses import dataclass

from trials.markdown import MARKDOWN

AIM = (11, 14)  # years
FEWEST_WORDS = 10  # a shorter text has no figure

_WORD = re.compile(r"[0-9]+(?:[.,][0-9]+)+|[^\W_]+(?:['’][^\W_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
# Two syllables written as one run of vowels: tri-al, se-ri-ous, pe-ri-od, e-val-u-ate, vid-e-o, go-ing.
# Not after letters with which the first vowel only makes another consonant: spe-cial, ac-tion, mil-lion, e-qual.
_SPLIT = re.compile(r"(?<![tcsgl])i(?=a|ou|o|u)|(?<![qg])u(?=[aou])|(?<!p)e(?=o)|[aeiouy](?=ing$)")
# An end that is written and not spoken: dos(e), liv(ed), tim(es); not lit-tle, treat-ed, dos-es.
_SILENT = re.compile(r"(?<=[^aeiouy])(?:(?<!l)e|(?<=[aeiouy]l)e|(?<![td])ed|(?<![scgxzh])(?<![^aeiouy]l)es)$")
_ADDRESS = re.compile(r"https?://[^\s<>]+")
# Abbreviations whose full stop ends no sentence.
_ABBREVIATIONS = re.compile(r"\b(e\.g|i\.e|et al|vs|approx|no|fig|dr|prof)\.", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)")


@dataclass(frozen=True)
class ReadingAge:
    """`years` is None where the text is too short for a figure."""

    years: int | None
    words: int
    sentences: int

    def __str__(self) -> str:
        low, high = AIM
        if self.years is None:
            return f"Too short to tell: fewer than {FEWEST_WORDS} words."
        advice = " Shorter sentences and shorter words bring it down." if self.years > high else ""
        advice = " Easier than that is fine." if self.years < low else advice
        return f"About {self.years} years; aim for {low} to {high}.{advice}"


def syllables(word: str) -> int:
    """Return the number of syllables of an English word. A number counts as one."""
    word = re.sub(r"['’].*$", "", word.lower())
    spoken = _SILENT.sub("", word)
    return max(1, len(_VOWELS.findall(spoken)) + len(_SPLIT.findall(word)))


def plain(text: str) -> str:
    """Return the words of a Markdown text without its code. Each heading, item and table cell is a paragraph."""
    paragraphs = []
    for token in MARKDOWN.parse(text):
        if token.type == "inline":
            breaks = ("softbreak", "hardbreak")
            paragraphs.append("".join(" " if part.type in breaks else part.content for part in token.children or []))
    return _ADDRESS.sub("", "\n\n".join(paragraphs))


def sentences(text: str) -> list[list[str]]:
    """Return the words of each sentence of a plain text. The end of a paragraph ends a sentence."""
    paragraphs = re.split(r"\n\s*\n", _ABBREVIATIONS.sub(r"\1", text))
    found = (_WORD.findall(sentence) for paragraph in paragraphs for sentence in _SENTENCE_END.split(paragraph))
    return [words for words in found if words]


def reading_age(text: str, *, markdown: bool = False) -> ReadingAge:
    """Return the reading age of a text. Each line ends a sentence, unless the text is Markdown."""
    found = sentences(plain(text) if markdown else text.replace("\n", "\n\n"))
    words = [word for sentence in found for word in sentence]
    if len(words) < FEWEST_WORDS:
        return ReadingAge(None, len(words), len(found))
    grade = 0.39 * len(words) / len(found) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return ReadingAge(max(5, round(grade + 5)), len(words), len(found))
