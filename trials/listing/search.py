"""Which studies a search finds, and what it looked for.

The text of a study (`searchable`) and a search are cut into the same words. A search is a list of terms, and a study
has to match each of them. A word matches from its beginning, in any order, in British and American spelling, with the s
of a plural or without. Words in quotation marks match together, in order. A word of the glossary's “also searched as”
matches all the words given there. An identifier, alone or in a pasted reference, finds its study. Between two terms,
“or” asks for either. NOT leaves out what has the next term, as does “-” before a word, and “non-” or “without” before
a synonym.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

from django.db.models import Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from trials.identifiers import find_identifiers
from trials.models import GlossaryTerm
from trials.models.countries import COUNTRIES

_PLAIN = str.maketrans(
    # Letters that Unicode does not take apart into a plain letter and an accent.
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"}
    | {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa"}  # of TNF-α, IFN-γ, NF-κB
    # Apostrophes: telephones type ’ where the keyboard of an editor gave '.
    | dict.fromkeys("‘’ʼ′", "'")
)
_RAISED = str.maketrans({raised: f"^{number}" for number, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})  # 10⁶ is not 106
_WORD = re.compile(r"[^\W_]+")
_HYPHENATED = re.compile(r"[^\W_]+(?:[-'][^\W_]+)+")
_INITIALS = re.compile(r"(?<!\w)(?:[^\W\d_]\.\s?){2,}(?!\w)|(?<!\w)(?:[^\W\d_]\.)+[^\W\d_]\b")
_POSSESSIVE = re.compile(r"(?<=\w)'(?=s\b)")
_LETTERS_NUMBER = re.compile(r"([^\W\d_]+)([0-9]\w*)")
# A number that belongs to the word before it: phase 2, phase 1/2a, phase II, day 28.
_NUMBER = re.compile(r"[0-9]{1,2}[a-c]?|i{1,3}|iv")
_ET_AL = re.compile(r"\b(?:et\.?\s+al|and\s+(?:colleagues|others|co-?workers))\b\.?", re.IGNORECASE)
_INITIAL = re.compile(r"(?<!\w)([^\W\d_]\.)(?=[^\W\d_]{2})")  # G.Lanzoni
_FIELD_TAG = re.compile(r"(?<=[\w\"”*])\[[a-z][a-z /:-]*\]", re.IGNORECASE)  # PubMed's: Lanzoni G[au]
# A phrase in quotation marks, an operator, or a piece of text without spaces. Phase 1/2 is one piece.
_TOKEN = re.compile(
    r"[\"“„«”](?P<phrase>[^\"“”„«»]+)[\"”“»]|\b(?P<operator>AND|NOT|[Oo][Rr])\b"
    r"|(?P<piece>[0-9]+[a-z]?/[0-9]+[a-z]?(?!\w)|[iI]+/[iI]+[a-z]?(?!\w)|[^\s,;/&+()]+)"
)
_MINUS = re.compile(r"(?<!\S)-(?=[^\W\d_]|[\"“])")  # -placebo: NOT placebo
_YEARS = re.compile(r"((?:19|20)[0-9]{2})-((?:19|20)[0-9]{2})")
_TIME = re.compile(r"([0-9]+)-(day|week|month)")  # 28-day mortality: by day 28
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_NEGATIVE = frozenset({"non", "not", "without"})
# Words that say nothing about a study, in a search that has others.
_LITTLE = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at by can did do does dr for from had has have how in is it its of on prof that the their"
        " there these they this to was were what when where which who why with",
    )
)
# British and American: each is looked for as the other too, between what is before and after it.
_SPELLINGS = [
    (re.compile(before + one + after), other)
    for before, pairs, after in (
        ("", "is/iz", "(?=(?:e[ds]?|ing|ations?)$)"),
        (r"(?<=\w\w)", "our/or", "(?=(?:s|ed)?$)"),
        ("", "centre/center fibre/fiber titre/titer haem/hem aemi/emi oedema/edema oesoph/esoph paed/ped foet/fet", ""),
        ("", "leuco/leuko labell/label", ""),
    )
    for pair in pairs.split()
    for one, other in (pair.split("/"), reversed(pair.split("/")))
]
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_OWN_ADDRESS = re.compile(r"https?://\S+/trials/([\w-]+)\S*", re.IGNORECASE)  # of a study on this site
MOST_WORDS = 6  # of one synonym
ZERO_WIDTH_SPACE = "\u200b"

Group = tuple[str, ...]


def fold(text: str) -> str:
    """Return the text in lower case without accents: "Adaş" becomes "adas".

    Dashes of all kinds become "-", apostrophes "'". Invisible characters (soft hyphens, joiners) are removed.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_RAISED)).casefold().translate(_PLAIN)
    visible = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return "".join("-" if kind == "Pd" else c for c in visible if (kind := unicodedata.category(c)) != "Cf")


def _joined_initials(text: str) -> str:
    """Return the text with HK for H. K. and H.K., as the short name of an author has them."""
    return _INITIALS.sub(lambda match: "".join(_WORD.findall(match.group())) + " ", text)


def _plain(text: str) -> str:
    """Return the folded text with initials as one word and without the apostrophe of a possessive."""
    # A zero-width space is a space between words and nothing inside one: as with a hyphen, both are tried.
    return _POSSESSIVE.sub("", _joined_initials(fold(text.replace(ZERO_WIDTH_SPACE, "-"))))


def words(text: str) -> list[str]:
    """Return the folded words of the text in order: "Wharton’s jelly, UC-MSC" is whartons, jelly, uc, msc."""
    return _WORD.findall(_plain(text))


def bare_address(address: str) -> str:
    """Return an address on the web without https://, www., its query and a slash at its end."""
    return re.sub(r"^(https?://)?(www\.)?|[?#].*$", "", fold(address)).rstrip("/")


def searchable(texts: Iterable[str], identifiers: Iterable[str] = ()) -> str:
    """Return what a search looks in: the words of each text, with a space on either side.

    A slash between two texts keeps them from being one phrase. Words with a hyphen come once more without it, and
    identifiers whole.
    """
    found, whole = " ", dict.fromkeys(fold(identifier) for identifier in identifiers)
    for text in dict.fromkeys(texts):
        phrase = " ".join(words(text))
        if phrase and f" {phrase} " not in found:
            found += f"{phrase} / "
        joined = ("".join(_WORD.findall(part)) for part in _HYPHENATED.findall(_plain(text)))
        whole |= dict.fromkeys(word for word in joined if not word.isdecimal())
    return found + "".join(f"{word} " for word in whole if f" {word} " not in found)


_COUNTRY_NAMES = frozenset(
    words(name)[0] for each in COUNTRIES.values() for name in each.words if len(words(name)) == 1
)


def needle(found: list[str]) -> str:
    """Return the text that a study holds if it has these words together, the last one from its beginning.

    A word of one or two letters, a number and the name of a country match whole words only: US is not in “use”, 45
    not in 450, Niger not in Nigeria.
    """
    last = found[-1]
    whole = len(last) <= 2 or last.isdecimal() or last in _COUNTRY_NAMES
    return f" {' '.join(found)}{' ' if whole else ''}"


@dataclass(frozen=True)
class Term:
    """One part of a search, as typed. A study matches if its text holds one of the needles. `also` are the synonyms."""

    text: str
    needles: tuple[str, ...]
    also: tuple[str, ...] = ()
    quoted: bool = False
    excluded: bool = False  # the study matches if its text holds none of the needles

    @property
    def condition(self) -> Q:
        # LIKE, which ignores case, takes a twentieth longer.
        found = (GreaterThan(StrIndex("search_text", Value(text)), 0) for text in self.needles)
        return Q(*map(Q, found), _connector=Q.OR, _negated=self.excluded)

    def __or__(self, other: "Term") -> "Term":
        """Return the term of which a study needs only one half, or must have neither."""
        either = f"{self.text} or {other.text}"
        return Term(either, _shortest([*self.needles, *other.needles]), self.also + other.also, excluded=self.excluded)

    @property
    def query(self) -> str:
        """What to type for this term."""
        return f"NOT ({self.text})" if self.excluded else self.text


def public_synonyms() -> list[Group]:
    """Return the groups of words of the public glossary of which a search for one finds all."""
    rows = GlossaryTerm.objects.public().exclude(search_words="").order_by("pk").values_list("search_words", flat=True)
    return [tuple(word.strip() for word in row.split(",") if words(word)) for row in rows]


class Search:
    """What was typed, as a list of terms."""

    def __init__(self, query: str, synonyms: Iterable[Group]) -> None:
        self.query = query
        self._groups: dict[str, list[Group]] = {}  # by the letters of each word of a group
        for group in synonyms:
            for word in group:
                self._groups.setdefault("".join(words(word)), []).append(group)
        self._ignored = frozenset() if _LITTLE.issuperset(words(query)) else _LITTLE
        self.terms = list({term.needles: term for term in self._read(_FIELD_TAG.sub(" ", query))}.values())

    @property
    def condition(self) -> Q:
        """The condition that a study matches every term. A search without any matches no study."""
        return Q(*(term.condition for term in self.terms)) if self.terms else Q(pk__in=[])

    def matches(self, text: str) -> bool:
        """Return whether a text that `searchable` returned has every term."""
        found = (any(each in text for each in term.needles) != term.excluded for term in self.terms)
        return bool(self.terms) and all(found)

    @property
    def also(self) -> list[str]:
        """The synonyms that were searched for with the words that were typed."""
        return list(dict.fromkeys(word for term in self.terms if not term.excluded for word in term.also))

    @property
    def left_out(self) -> list[str]:
        """What the studies must not have, as it was typed, with its synonyms."""
        return [word for term in self.terms if term.excluded for word in (term.text, *term.also)]

    def _read(self, query: str) -> Iterable[Term]:
        if identifiers := find_identifiers(query):
            # They say which study is meant: the rest of a pasted reference, and an identifier not known here, do not.
            needles = [each for text in identifiers for each in (f" {fold(text)} ", needle(words(text)))]
            yield Term(" ".join(identifiers), _shortest(needles))
            return
        rest = _OWN_ADDRESS.sub(r" \1 ", query)
        for address in _ADDRESS.findall(rest):
            yield Term(address, (f" {bare_address(address)} ",))
        yield from self._combined(_ET_AL.sub(" ", _ADDRESS.sub(" ", rest)))

    def _combined(self, text: str) -> list[Term]:
        """Return the terms of the text, two with “or” between them as one."""
        terms: list[Term] = []
        units, operator = self._units(text), ""
        while units:
            if units[0] in _OPERATORS:
                operator = units.pop(0)
                continue
            size, term = self._first(units)
            del units[:size]
            if term and operator == "OR" and terms:
                terms[-1] |= term
            elif term:
                terms.append(replace(term, excluded=term.excluded or operator == "NOT"))
            operator = "" if term else operator
        return terms

    def _units(self, text: str) -> list[str]:
        """Return the text in pieces: operators in capitals, phrases in quotation marks, words without any."""
        units = []
        text = _MINUS.sub(" NOT ", _joined_initials(text))
        for token in _TOKEN.finditer(_INITIAL.sub(r"\1 ", text)):
            if token["operator"]:
                units.append(token["operator"].upper())
            elif token["phrase"]:
                units += [f"“{token['phrase'].strip()}”"] if words(token["phrase"]) else []
            elif words(token["piece"]):
                units += self._pieces(token["piece"].strip('"“”„«»'))
        return units

    def _first(self, units: list[str]) -> tuple[int, Term | None]:
        """Return how many units the first term takes, and the term. A word that says nothing is none."""
        first = units[0]
        if first.startswith("“"):
            return 1, Term(first, (needle(words(first)),), quoted=True)
        if found := self._synonym(units):
            return found
        # “non-COVID” leaves a synonym out; “non-invasive” is a word of its own.
        if words(first)[0] in _NEGATIVE and (found := self._synonym(units[1:])):
            return found[0] + 1, replace(found[1], excluded=True)
        if first.lower() in self._ignored and not first.isupper():  # “A” may be an initial
            return 1, None
        return self._word(units)

    def _pieces(self, unit: str) -> list[str]:
        """Return “double” and “blind” for “double-blind”, if only a piece of it is a synonym."""
        pieces = words(unit)
        if "".join(pieces) in self._groups or not any(each in self._groups for each in pieces):
            return [unit]
        as_typed = _WORD.findall(unit)
        return as_typed if len(as_typed) == len(pieces) else pieces

    def _synonym(self, units: list[str]) -> tuple[int, Term] | None:
        """Return the longest beginning of the units that is a synonym, and how many units it takes."""
        plain = list(takewhile(lambda unit: unit[0] != "“" and unit not in _OPERATORS, units[:MOST_WORDS]))
        for size in range(len(plain), 0, -1):
            key = "".join(words(" ".join(units[:size])))
            if groups := self._groups.get(key) or self._groups.get(key.removesuffix("s")):
                members = {"".join(words(word)): word for group in groups for word in group}
                # “deaths” says nothing new to those who typed “death”.
                also = [word for each, word in members.items() if not (each.startswith(key) or key.startswith(each))]
                needles = _shortest(text for word in members.values() for text in _needles(word))
                return size, Term(" ".join(units[:size]), needles, _shortest(also))
        return None

    def _word(self, units: list[str]) -> tuple[int, Term]:
        """Return the first unit as a term, with the number after it, and how many units that takes."""
        first, second = units[0], words(units[1]) if len(units) > 1 else []
        if second and _NUMBER.fullmatch(second[0]) and words(first)[-1].isalpha():
            return 2, Term(" ".join(units[:2]), (needle(words(first) + second),))
        if (years := _YEARS.fullmatch(fold(first))) and int(years[1]) < int(years[2]):
            return 1, Term(first, tuple(f" {year} " for year in range(int(years[1]), int(years[2]) + 1)))
        return 1, Term(first, _shortest([*_needles(first), *_other_forms(first)]))


def _needles(text: str) -> list[str]:
    """Return the needles of a word, with its hyphens as spaces and without them; COVID19 is also covid 19."""
    found = words(text)
    needles = [needle(found)]
    if len(found) > 1 and _HYPHENATED.fullmatch(_plain(text).strip()):
        needles.append(needle(["".join(found)]))
    if len(found) == 1 and (match := _LETTERS_NUMBER.fullmatch(found[0])):
        needles.append(needle(list(match.groups())))
    return needles


def _other_forms(text: str) -> Iterable[str]:
    """Return the needles of a word in its other spelling, and without the s of a plural or possessive."""
    *before, last = words(text)
    if time := _TIME.fullmatch(fold(text)):
        yield needle([time[2], time[1]])
    yield from (needle([*before, spelling.sub(other, last)]) for spelling, other in _SPELLINGS if spelling.search(last))
    if (len(last) > 3 and last.endswith("s") and last[-2] not in "siu") or fold(text).rstrip("?!.,;:)").endswith("'s"):
        singular = f"{last[:-3]}y" if last.endswith("ies") else last[:-1]
        yield f" {' '.join([*before, singular])} "  # a whole word: Adas is not “adapted”


def _shortest(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts, each once, without those that begin with another: who finds “death” finds “deaths”."""
    found = list(dict.fromkeys(texts))
    return tuple(text for text in found if not any(text != other and text.startswith(other) for other in found))


def search_condition(query: str) -> Q:
    """Return the condition that a study matches the search, with the synonyms of the public glossary."""
    return Search(query, public_synonyms()).condition
