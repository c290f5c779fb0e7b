"""Names of journals as catalogues write them: in capitals, abbreviated, or with words added."""

import re

from trials.importers.texts import field_names

_SMALL = field_names(
    "a an and as at by for from in of on or the to with und der die das des für de du la le les et en el los las y del "
    "e da do das dos di della van het voor i"
)
# What PubMed adds to a name to tell it from others: “Lancet (London, England)”, “Chest : official journal of …”.
ADDED = re.compile(
    r"\s*(?:\((?:[^()]*,[^()]*|[^()]* ed\.?|online|print|electronic|[12][0-9]{3})\)|\s[:=]\s.*|"
    r"\[(?:electronic resource|internet|online)\])$",
    re.IGNORECASE,
)
ISSN = re.compile(r"(?:[ep]-?)?(?:ISSN)?[\s:]{0,2}[0-9]{4}-?[0-9]{3}[0-9X]", re.IGNORECASE)
OF_A_TITLE = re.compile(r"\b(?:randomi[sz]ed|trial|study|patients|protocol|analysis|people|effects?)\b", re.IGNORECASE)
CONFERENCE = re.compile(r"\.\s+Conference(?::.*)?$")  # Embase names the meeting behind the journal
# Words in capitals that stay so, in a name that is all in capitals. Those without a vowel stay so in any case.
_CAPITALS = field_names(
    "AIDS ACS AJRCCM ATS COPD COVID ECMO EMBO ERJ FASEB FEBS HIV ICU IEEE JAMA JCI PLOS QJM RNA DNA II III IV USA UK"
)


def without_points(name: str) -> str:
    """Return “N Engl J Med” for N. Engl. J. Med., and “The Lancet. Oncology” as it is."""
    words = name.split()
    is_short = 2 * sum(word.endswith(".") for word in words) > len(words)
    return name.replace(".", "") if is_short else name


def abbreviates(short: str, full: str) -> bool:
    """Tell whether each word of the short name begins a word of the full one, in order, or it is its initials."""
    parts, words = (re.findall(r"[^\W_]+", text.lower()) for text in (short, full))
    initials = "".join(word[0] for word in words if word not in _SMALL)
    if "".join(parts) in (initials, "".join(word[0] for word in words)):
        return True
    rest = iter(words)
    return bool(parts) and all(any(_shortens(part, word) for word in rest) for part in parts)


def _shortens(part: str, word: str) -> bool:
    """Tell whether the letters shorten the word, as “transl” and “natl” do translational and national."""
    letters = iter(word)
    return word.startswith(part) or (part[0] == word[0] and len(part) > 2 and all(letter in letters for letter in part))


def lower_capitals(name: str) -> str:
    """Return “Critical Care Medicine” for CRITICAL CARE MEDICINE. A short name such as JAMA may be one of capitals."""
    if not name.isupper() or (" " not in name and len(name) < 6):
        return name

    def lower(match: re.Match[str]) -> str:
        word = match[0]
        if word in _CAPITALS or (len(word) < 6 and not re.search("[AEIOUYÄÖÜÉ]", word)) or len(word) == 1:
            return word
        return word.lower() if match.start() and word.lower() in _SMALL else word.capitalize()

    return re.sub(r"[^\W\d_]+", lower, name)


def with_capitals(name: str) -> str:
    """Return the name with capitals, as journals write theirs: PubMed writes “Stem cells translational medicine”."""
    first, *rest = name.split(" ")
    words = [word if word in _SMALL or not word.isalpha() or not word.islower() else word.capitalize() for word in rest]
    return " ".join([first, *words])
