"""Names of authors in any catalogue's order, turned into “Family, Given”; groups of authors keep their name."""

import re
from functools import partial
from itertools import chain

MOST_NAME = 500  # characters in a name that is taken apart
_PARTICLE = (
    "van|von|vom|der|den|de|del|della|dela|degli|dell|di|da|do|dos|das|du|des|la|le|ten|ter|te|zu|zum|zur|af|av|al|el|"
    "bin|ibn|ben|abu|y|e|'t|’t|op|in"
)
_PARTICLES = re.compile(rf"(?:{_PARTICLE})")
# "Jan van der": the particles that some programs put behind the given name.
_PARTICLES_BEHIND = re.compile(rf"(.*?\S)\s+((?:(?:{_PARTICLE})\s+)*(?:{_PARTICLE}))")
_SUFFIX = re.compile(r"(?:jr|sr|jun|sen|junior|senior|ii|iii|iv|2nd|3rd|4th)\.?", re.IGNORECASE)
_SUFFIXES = {"junior": "Jr", "jun": "Jr", "jr": "Jr", "senior": "Sr", "sen": "Sr", "sr": "Sr"}
_ORDINALS = {"2nd": "II", "3rd": "III", "4th": "IV"}
_TITLES = re.compile(
    r"(?:(?:(?:assoc(?:iate)?|assist(?:ant)?|univ|full|adj(?:unct)?|clinical|chief|priv)\.?[- ]{0,2}){0,3}"
    r"(?:prof(?:essor|essora|\.ssa)?|dra?|pr|doz|mr|mrs|ms|mme|sir|dame)\b\.?\s*)+",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"(?:(?:[Mm]\.? ?[Dd]|[Pp][Hh]\.? ?[Dd]|M\.?(?:Sc|S|A|P\.?H|B\.?A|Phil|Ed|Res)|M\.?B\.? ?B\.?S|MB ?B?Ch(?:ir)?B?|"
    r"Ch\.?B|BM|BS|B\.?Sc|BA|D\.?O|D\.?Sc|Dr\.?P\.?H|DPhil|D\.?M|DNB|Pharm\.?D|R\.?N|NP|DVM|F[A-Z]{2,5}|MRC[A-Z]{1,3}|"
    r"Prof(?:essor)?|Dr|MACP|Sc\.?D|Ed\.?D|Dipl?|MHS|MSCI|MSCE|PE|Esq|P\.?I)\.?(?:\s?\([^)]{0,20}\))?)"
)
_GROUP = re.compile(
    r"\b(?:groups?|consorti(?:um|a)|investigators?|networks?|stud(?:y|ies)|trials?|trialists|committees?|teams?|"
    r"collaborat(?:ion|ive|ors?)|universit\w+|universidad\w*|universidade|hospitals?|hopital|hôpital|hôpitaux|"
    r"institut\w*|societ\w+|société|sociedad|associat\w+|cent(?:er|re)s?|centro|foundation|fondation|fundaci\w+|"
    r"organi[sz]ation|ministry|departments?|workgroups?|initiative|alliance|councils?|colleges?|school|faculty|inc|ltd|"
    r"gmbh|llc|corp(?:oration)?|compan(?:y|ies)|co|pharma\w*|therapeutics|biotech\w*|bio\w*sciences?|laborator\w+|labs?|"
    r"medicine|biology|sciences?|research|health|therap(?:y|ies)|cells?|lungs?|care|respiratory|critical|intensive|stem|"
    r"registr(?:y|ies)|program(?:me)?s?|task|force|agency|authority|board|panel|union|federation|gruppe|\w*gruppe|"
    r"groupe|grupo|gruppo|equipe|équipe|proje[ck]t|director|monitor|clinic\w*|academy|service|unit|division|members|"
    r"participants|contributors|writers?|office|library|press|spa|plc|the|for|of|and|und|et|on|für|pour|para|to|with)\b",
    re.IGNORECASE,
)
_GROUP_WORD = re.compile(
    r"(?:groups?|consortium|investigators|network|collaborat(?:ion|ors)|committee|team)", re.IGNORECASE
)
_LEAD = re.compile(r"(?:and\s+)?(?:(?:on|in) behalf of|for the|and the)\s+(?:the\s+)?|and\s+", re.IGNORECASE)
_NO_ONE = re.compile(
    r"\W*(?:anon(?:ymous)?|no authors?(?: (?:listed|given|name))?|n/?a|none|unknown)\W*", re.IGNORECASE
)
OTHERS = re.compile(r"\W*(?:(?:and )?others|et\.? ?al|and colleagues|u\.? ?a)\W*", re.IGNORECASE)
_FOOTNOTE = re.compile(
    r"\s*(?:\[[^\[\]]{0,40}\]|\((?:orcid|corresponding)[^()]{0,80}\)|[\d*†‡§¶#^]+(?:\s*,\s*[\d*†‡§¶#^]+)*)$", re.I
)
_ORCID = re.compile(
    r"[\s,(]*(?:https?://)?(?:orcid(?:\.org/|:?\s?))?[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]\)?", re.IGNORECASE
)
# Degrees that are no initials, behind a given name that is written out: “Ada MD”.
_DEGREES_BEHIND = re.compile(
    r"(.*?[a-zà-ÿ]\S*)((?:[\s,]+(?:M\.?D\.?|Ph\.?D\.?|M\.?Sc\.?|B\.?Sc\.?|MPH|MBBS|MBChB|FRCPC?|PharmD))+)", re.I
)
_ON_BEHALF = re.compile(r",?\s+(?:and\s+)?(?:on|in) behalf of(?: the)?\s+", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:consultant|physician|surgeon|head|chief|chair\w*|director|investigator|professor|lecturer|fellow|manager|"
    r"specialist|coordinator|med|sci|habil)\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"\w{0,6}[A-Z]\w{0,6}[A-Z]\w{0,6}")  # SpOT, DMSc, CEO
_INITIAL = r"[^\W\d_a-zà-öø-ÿ]"  # an upper-case letter, of any alphabet
_INITIALS = rf"(?:(?:{_INITIAL}\.?-?){{1,4}}|{_INITIAL}\.?(?:[ -]{{1,2}}{_INITIAL}\.?){{1,4}})"  # AB, A.-B., A. B.
_ONLY_INITIALS = re.compile(_INITIALS)
_AT_END = re.compile(rf"(?P<family>.*?\S)\s+(?P<given>{_INITIALS})")
_AT_START = re.compile(rf"(?P<given>(?:{_INITIAL}\.[ -]{{0,2}}){{1,5}}|(?:{_INITIAL} ){{1,4}})(?P<family>\S.*)")


def split(text: str) -> list[str]:
    """Return the names in a line that holds one or several: “Example, Ada; Sample, Ben and”."""
    text = re.sub(r"(?:\s+(?:and|&)|[;,&])+\s*$", lambda end: "," if end[0].strip() == "," else "", text.strip())
    names, parts = [], chain.from_iterable(_ON_BEHALF.split(each) for each in text.split(";"))
    for part in parts:
        several = re.split(r",?\s+(?:and|&)\s+", part.strip(), flags=re.IGNORECASE)
        if in_order := whole_names(several):
            names += in_order
            continue
        if len(several) > 1 and not all(_is_person(name) for name in several):
            several = [part]
        for each in several:
            inner = [name.strip() for name in each.split(",")]
            if len(inner) > 1 and all(in_initials(name) for name in inner):  # Liu R., Chen X.
                names += inner
            elif len(inner) > 3 and len(inner) % 2 == 0 and all(map(_ONLY_INITIALS.fullmatch, inner[1::2])):
                names += map(", ".join, zip(inner[::2], inner[1::2], strict=True))  # Liu, R., Chen, X.
            else:
                names.append(each)
    return [name.strip() for name in names if name.strip(" ,.")]


def whole_names(parts: list[str]) -> list[str]:
    """Return the names in “Ada Example, Ben Sample” and “Cy Third”; none in “García López, María José”, one person."""
    names = [name.strip() for part in parts for name in part.split(",")]
    is_list = len(names) > 2 and (len(parts) == 1 or "," not in parts[-1])
    return names if is_list and all(map(_is_whole, names)) else []


def may_be_two(name: str) -> bool:
    """Tell whether both parts of “Ada Example, Ben Sample” look like the whole name of a person."""
    parts = name.split(",")
    return len(parts) == 2 and all(map(_is_whole, map(str.strip, parts)))


def _is_whole(name: str) -> bool:
    """Tell “Ada Example” from “Example”, “Example A.” and “van der Example”."""
    first, *others = name.split() or [""]
    is_plain = bool(others) and not _PARTICLES.fullmatch(first) and not in_initials(name)
    return is_plain and _is_given_and_family(name) and not _GROUP.search(name)


def _is_person(name: str) -> bool:
    return not _GROUP.search(name) and ("," in name or in_initials(name) or _is_given_and_family(name))


def in_initials(name: str) -> bool:
    """Tell “Liu R.” and “A. Sample”, which are whole names, from “Liu” and “R.”."""
    has_word = re.search(r"[^\W\d_]{2,}", name)
    match = _with_initials(name)
    return bool(has_word and match and re.search(r"[^\W\d_]{2,}", match["family"]) and not _GROUP.search(name))


def _with_initials(name: str) -> re.Match[str] | None:
    """Match “Liu R.” and “A. Sample”, but not “Ada IŞIK”: four capitals with a vowel are a name, as is KOÇ."""
    behind = _AT_END.fullmatch(name)
    is_long = behind and (len(behind["given"]) > 3 or re.search("[ÇĞİÖŞÜ]", behind["given"]))
    is_name = behind and is_long and _is_shouted(behind["given"].replace(" ", "."))
    return behind if behind and not is_name else _AT_START.fullmatch(name)


def is_group(name: str) -> bool:
    return bool(_GROUP.search(name))


def is_guess(written: str, name: str) -> bool:
    """Tell whether only the look of a name without comma and initials made a person's of it."""
    words = written.split()
    plain = " ".join(words[:-1]) if words and _SUFFIX.fullmatch(words[-1]) else written
    return "," in name and "," not in written and not in_initials(plain)


def from_text(text: str, *, given_first: bool = False) -> str:
    """Return “Family, Given” for the name of a person in any order, or the name of a group.

    A name without a comma is that of a group, unless it has initials or looks like a given and a family name.
    `given_first` says that such a name is a person's in any case. "" is returned for “Anonymous”.
    """
    text = text.strip()
    if len(text) > MOST_NAME:
        return group(text)
    if text.startswith(("[", "{")) and text.endswith(("]", "}")):
        text = text[1:-1].strip()
    text = " ".join(_FOOTNOTE.sub("", _ORCID.sub("", text)).split())
    text = _TITLES.sub("", text, count=1) if re.match(r"(?:dr|prof)\.?\s+[^\W\d_]+,", text, re.IGNORECASE) else text
    if not text or _NO_ONE.fullmatch(text) or OTHERS.fullmatch(text):
        return ""
    family, *parts = (part.strip() for part in text.split(","))
    if not any(parts):  # RIS ends the name of a group with a comma
        return _without_comma(family, given_first) if not parts else group(family)
    if _GROUP.search(family) and len(family.split()) > 1:
        return group(text)
    suffixes = [part for part in parts if _SUFFIX.fullmatch(part)]
    given = [part for part in parts if part and part not in suffixes and not _is_degrees(part)]
    if not given:  # “John Smith, Jr.”, “Smith J, MD”
        return _without_comma(" ".join([family, *suffixes]), given_first=True)
    return from_parts(family, " ".join(given), " ".join(suffixes))


def official(text: str) -> str:
    """Return “Family, Given” for the name of an investigator as registries write it, with titles and degrees."""
    parts = [part for part in (re.sub(r"\([^()]*\)", "", part).strip() for part in text.split(",")) if part]
    while parts and _is_degrees(parts[0]):
        parts.pop(0)
    if not parts:
        return ""
    words = _TITLES.sub("", parts[0], count=1).split() if _TITLES.match(parts[0]) else parts[0].split()
    while len(words) > 2 and _DEGREE.fullmatch(words[-1]):
        words.pop()
    if len(words) == 2 and _is_shouted(words[1] + " "):  # “Minh DO”
        words = [words[1] + ",", words[0]]
    # Behind a given and a family name, no given name follows: “Ada Example, Consultant”.
    rest = [part for part in parts[1:] if not _is_degrees(part) and (len(words) < 2 or not _is_role(part))]
    return from_text(", ".join([" ".join(words), *rest]), given_first=True)


def _is_role(text: str) -> bool:
    return bool(_ROLE.search(text) or _LETTERS.fullmatch(text))


def _is_degrees(text: str) -> bool:
    words = re.split(r"[\s/&]+", re.sub(r"\([^()]*\)", "", text).strip())
    return all(_DEGREE.fullmatch(word) for word in words) or bool(_TITLES.fullmatch(text))


def _without_comma(text: str, given_first: bool) -> str:
    text = _TITLES.sub("", text, count=1) if re.match(r"(?:dr|prof)\b", text, re.IGNORECASE) else text
    words = text.split()
    if len(words) < 2 or _GROUP.search(text):
        return group(text)
    is_suffix = _SUFFIX.fullmatch(words[-1]) and words[-1] not in ("JR", "SR")  # initials
    suffix = words.pop() if is_suffix and len(words) > 2 else ""
    text = " ".join(words)
    if behind := _PARTICLES_BEHIND.fullmatch(text):
        text = f"{behind[2]} {behind[1]}"
    if (match := _with_initials(text)) and re.search(r"[^\W\d_]{2,}", match["family"]):
        return from_parts(match["family"], match["given"].strip(), suffix)
    if given_first or _is_given_and_family(text):
        return from_parts(*_given_and_family(text), suffix)
    return group(text)


def _is_given_and_family(text: str) -> bool:
    """Tell “Ada van der Example” and “EXAMPLE Ada”, which look like a person's name."""
    words = text.split()
    capitals = [word for word in (words[0], words[-1]) if word.isupper() and word.isalpha() and len(word) > 2]
    others = [word for word in words if word not in capitals]
    return 1 < len(words) < 6 and len(capitals) < 2 and all(_is_name(word) for word in others)


def _is_name(word: str) -> bool:
    """Tell Ada, Anne-Marie, O'Neil and van from COVID and 2nd."""
    is_word = re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?", word)
    return bool(_PARTICLES.fullmatch(word) or (is_word and word[0].isupper() and not word[1:].isupper()))


def _given_and_family(text: str) -> tuple[str, str]:
    """Return (family, given) for “Ada van der Example”, and for “EXAMPLE Ada”."""
    words = text.split()
    capitals = [word.isupper() and len(word) > 2 and "." not in word for word in words]
    if capitals[0] and not capitals[-1]:
        end = capitals.index(False)
        return " ".join(words[:end]), " ".join(words[end:])
    start = len(words) - 1
    while start > 1 and _PARTICLES.fullmatch(words[start - 1]):
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start])


def from_parts(family: str, given: str = "", suffix: str = "") -> str:
    """Return “Family, Given Suffix” with particles before the family name and capitals as in “van der Berg”."""
    before, _, behind = family.partition(",")
    family = before if behind and _is_degrees(behind.strip()) else family
    family, given, suffix = (" ".join(part.replace(",", " ").split())[:MOST_NAME] for part in (family, given, suffix))
    family = _FOOTNOTE.sub("", family)
    family, given = (part if re.search(r"\w", part) else "" for part in (family, given))  # “.” for none
    if family and ((_GROUP.search(family) and given.lower() in ("", "the")) or _GROUP_WORD.fullmatch(family)):
        return group(f"{given} {family}".strip())
    given = degrees[1] if (degrees := _DEGREES_BEHIND.fullmatch(given)) else given
    suffix = "" if _is_degrees(suffix) else suffix
    words = family.split()
    if len(words) > 1 and _SUFFIX.fullmatch(words[-1]):
        suffix, family = suffix or words[-1], " ".join(words[:-1])
    words = given.split()
    if len(words) > 1 and _SUFFIX.fullmatch(words[-1]) and not words[-1].isupper():
        suffix, given = suffix or words[-1], " ".join(words[:-1])
    if match := _PARTICLES_BEHIND.fullmatch(given):
        given, family = match[1], f"{match[2]} {family}"
    elif family and _PARTICLES.fullmatch(given) and given.islower():
        given, family = "", f"{given} {family}"
    family = re.sub(r"\bMc(?=[A-Z]{3})", "MC", family)  # McINTYRE
    if family.isupper() and sum(map(str.isalpha, family)) > 1:
        lower = partial(_lower_capitals, is_turkish=bool(re.search("[İĞŞ]", family + given)))
        family = " ".join(lower(word, particle=" " in family) for word in family.split())
        given = " ".join(lower(word) if _is_shouted(word) else word for word in given.split())
    suffix = " ".join(_suffix(word) for word in suffix.split())
    rest = " ".join(filter(None, (given, suffix)))
    return f"{family}, {rest}" if family and rest else family or rest


def _suffix(word: str) -> str:
    plain = word.rstrip(".").lower()
    roman = word.upper() if re.fullmatch("[ivx]+", plain) else word
    return _SUFFIXES.get(plain) or _ORDINALS.get(plain) or roman.rstrip(".")


def _is_shouted(word: str) -> bool:
    """Tell ADA from the initials AB."""
    return word.isupper() and len(word) > 2 and "." not in word and bool(re.search("[AEIOUYÄÖÜÉÈÍÓÚİ]", word))


def _lower_capitals(word: str, *, is_turkish: bool, particle: bool = False) -> str:
    def small(letters: str) -> str:
        return (letters.replace("I", "ı") if is_turkish else letters).replace("İ", "i").lower()

    if particle and _PARTICLES.fullmatch(small(word)) and word not in ("BEN", "E", "Y", "IN", "TE"):
        return small(word)
    named = re.sub(r"(?<=[^\W\d_])[^\W\d_]+", lambda rest: small(rest[0]), word)
    return re.sub(r"^Mc(\w)", lambda match: f"Mc{match[1].upper()}", named)


def group(text: str) -> str:
    """Return the name of a group on one line, without commas: they would make a person's name of it."""
    name = _LEAD.sub("", text, count=1) if _LEAD.match(text) else text
    return " ".join(name.replace(",", " ").replace("{", "").replace("}", "").split())
