"""Invented studies, for trying the site with many: how they are made, and the mark that every page shows.

Only the pages for faults and for maintenance have no mark: they know no database, and show nothing of the site.

Nothing in them is true or could be taken for true: titles say so, names and journals are made up, DOIs begin with the
prefix for examples (10.5555), and their registry does not exist. Study 17 is the same study on every machine.
"""

import itertools
import random
import uuid
from functools import cache
from typing import Any

from trials import history
from trials import vocabulary as v
from trials.history import Snapshot
from trials.models import LoadedRecord, Revision, Trial

MARK: dict[str, Any] = {"kind": "invented", "key": "studies"}  # stands in the table of what was loaded
SLUG = "invented-{:06}"
MOST = 999_999

# More countries than the eight studies come from: code, name, other names.
COUNTRIES = [
    ("AR", "Argentina", ""), ("AT", "Austria", "Österreich"), ("AU", "Australia", ""), ("CA", "Canada", ""),
    ("CH", "Switzerland", "Schweiz, Suisse"), ("CL", "Chile", ""), ("CN", "China", "People’s Republic of China"),
    ("CZ", "Czechia", "Česko"), ("DE", "Germany", "Deutschland"), ("EG", "Egypt", ""), ("ES", "Spain", "España"),
    ("GB", "United Kingdom", "Great Britain, UK"), ("IN", "India", ""), ("IT", "Italy", "Italia"), ("JP", "Japan", ""),
    ("KR", "South Korea", "Republic of Korea"), ("MX", "Mexico", "México"), ("NL", "Netherlands", "Holland"),
    ("PL", "Poland", "Polska"), ("PT", "Portugal", ""), ("SE", "Sweden", "Sverige"), ("ZA", "South Africa", ""),
]  # fmt: skip

# 24 × 20 family names that nobody has, as far as we could see.
_BEGINNINGS = (
    "Bræ", "Çelu", "Døru", "Évan", "Fjøl", "Güne", "Hłas", "Iböd", "Jørv", "Kåsp", "Lúmo", "Mîro",
    "Nağu", "Ødel", "Păru", "Qesh", "Řeho", "Şovi", "Tûra", "Ümlo", "Vełi", "Wöss", "Yıld", "Żuro",
)  # fmt: skip
_ENDINGS = (
    "bandel", "čovar", "dirosk", "ensù", "fargül", "gavond", "hítsen", "ikkoran", "jamáz", "kerbô",
    "lintski", "möveld", "nyquar", "orvàn", "pelluń", "rastíq", "sundêl", "trovač", "uldërs", "vanthô",
)  # fmt: skip
_GIVEN = (
    "Ada", "Béla", "Chloé", "Dağhan", "Elif", "Fátima", "Göran", "Hana", "Inês", "João", "Kōji", "Łucja",
    "Maŕta", "Ngozi", "Øystein", "Petr", "Quỳnh", "René", "Şule", "Tomás", "Ürsula", "Vera", "Wim", "Zoë",
)  # fmt: skip
_JOURNALS = [
    f"Invented {kind} of {field}"
    for field in ("Lungs", "Cells", "Intensive Care", "Breathing", "Oxygen", "Repair")
    for kind in ("Journal", "Annals", "Archives", "Letters")
]
# Words of titles, and how many studies in a thousand have them.
_WORDS = {
    "inflammation": 300, "oxygenation": 200, "ventilated": 150, "survival": 100, "pneumonia": 80, "endothelial": 50,
    "fibrosis": 40, "exosomes": 25, "paediatric": 20, "thrombosis": 15, "burns": 10, "trauma": 8, "pancreatitis": 5,
    "altitude": 3, "aspiration": 2, "drowning": 1,
}  # fmt: skip
_TISSUES = {"umbilical-cord": 50, "bone-marrow": 25, "adipose": 12, "placenta": 8, "menstrual-blood": 3, "other": 2}
_CAUSES = {"covid-19": 60, "other": 25, "mixed": 15}
_PHASES = {"1": 25, "1-2": 20, "2": 25, "2-3": 5, "3": 5, "not-reported": 20}
_MASKINGS = {"double": 40, "open": 25, "not-reported": 20, "single": 10, "triple": 5}
_DESIGNS = {"randomised": 55, "single-arm": 20, "controlled": 15, "case-series": 10}
_YEARS = {year: 1 + (year - 2005) for year in range(2006, 2027)}


def invented_studies() -> bool:
    """True if the site holds invented studies."""
    return LoadedRecord.objects.filter(**MARK).exists()


def first_revisions() -> Any:
    """The first revision of each invented study that is there, by which it is known whatever an editor made of it."""
    made = Revision.objects.filter(kind=v.RecordKind.TRIAL, step=v.Step.LOADED, name__startswith=SLUG.partition("{")[0])
    return made.filter(record_id__in=Trial.objects.values("pk"))


def rare_word(number: int) -> str:
    """A word that stands in the titles of five studies only: study `number` and its neighbours."""
    return "rare" + _syllables(number // 5)


def seldom_word(number: int) -> str:
    """A word that stands in the titles of fifty studies: study `number` and its neighbours."""
    return "seldom" + _syllables(number // 50)


def _syllables(number: int) -> str:
    """A different word, of four syllables, for each number below 810,000."""
    parts = []
    for _ in range(4):
        number, part = divmod(number, 30)
        parts.append("bdfgklmnprstvz"[part % 14] + "aeiou"[part % 5] if part < 28 else ("sha", "cho")[part - 28])
    return "".join(reversed(parts))


def _one(chance: random.Random, weights: dict[Any, int]) -> Any:
    return chance.choices(list(weights), list(weights.values()))[0]


@cache
def _empty(model: Any) -> dict[str, Any]:
    """The fields of a record or row with what an empty one holds."""
    return history.snapshot_of_fields(model())


def invented(number: int, countries: list[str]) -> Snapshot:
    """Invented study `number`, complete and ready to be seen, in some of these countries (codes, in order)."""
    chance = random.Random(number)  # noqa: S311 - nothing here is a secret
    design = _one(chance, _DESIGNS)
    compared = design in (v.Design.RANDOMISED, v.Design.CONTROLLED)
    tissue, year = _one(chance, _TISSUES), _one(chance, _YEARS)
    names = [
        f"{chance.choice(_BEGINNINGS)}{chance.choice(_ENDINGS)}, {chance.choice(_GIVEN)}"
        for _ in range(chance.randint(2, 9))
    ]
    words = [word for word, often in _WORDS.items() if chance.random() * 1000 < often]
    title = (
        f"Invented study {number} of {'placebo and ' if compared else ''}{dict(v.CellSource.choices)[tissue].lower()} "
        f"cells: {', '.join([*words, seldom_word(number), rare_word(number)])}"
    )
    masking = _one(chance, _MASKINGS) if compared else v.Masking.OPEN
    fields = _empty(Trial) | {
        "slug": SLUG.format(number),
        "title": title,
        "authors": "\n".join(names),
        "journal": chance.choice(_JOURNALS),
        "publication_date": f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "doi": f"10.5555/invented.{number:06}",
        "design": design,
        "masking": masking,
        "phase": _one(chance, _PHASES),
        "control": ("placebo" if masking != v.Masking.OPEN else "standard-care") if compared else v.Control.NONE,
        "cause": _one(chance, _CAUSES),
        "donor": v.Donor.ALLOGENEIC,
        "dose": f"{chance.randint(1, 10)} × 10⁶",
        "dose_unit": v.DoseUnit.CELLS_PER_KG,
        "infusions": chance.randint(1, 4),
        "route": v.Route.INTRAVENOUS,
        "centres": chance.randint(1, 12),
        "plain_summary": "Nobody took part: this study is invented, to try the site with many studies.",
        "last_reviewed": "2026-01-15",
        "review_due": f"{chance.randint(2027, 2029)}-{chance.randint(1, 12):02}-15",
    }
    arms, counts = _groups(chance, compared, tissue)
    rows: dict[str, list[dict[str, Any]]] = {
        "arms": arms,
        "counts": counts,
        "registrations": _registrations(chance, number, year),
        "sources": [_source(value, number) for value in ("title", "design", "count-1", "arm-1")],
        "blanks": [
            {"value": "age", "reason": v.BlankReason.NOT_REPORTED},
            {"value": "severity", "reason": v.BlankReason.NOT_CHECKED},
        ],
    }
    document: Snapshot = {
        "fields": fields,
        "countries": sorted(
            set(chance.choices(countries, range(len(countries), 0, -1), k=chance.choice((1, 1, 1, 2))))
        ),
    }
    for kind, of_kind in rows.items():
        for position, row in enumerate(of_kind, start=1):
            row.setdefault("id", _key(chance))
            if kind != "blanks":
                row["position"] = position
        document[kind] = [_empty(history.ROWS[kind]) | row for row in of_kind]
    return document


def _key(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _groups(chance: random.Random, compared: bool, tissue: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The groups, and of each its deaths and perhaps the people with a serious adverse event."""
    arms, counts = [], []
    with_events = chance.random() < 0.5
    for name, role in [("Cells", v.Role.CELLS), ("Comparison", v.Role.COMPARISON)][: 1 + compared]:
        people = chance.randint(5, 80)
        arm = {
            "id": _key(chance),
            "name": name,
            "role": role,
            "cell_source": tissue if role == v.Role.CELLS else "",
            "randomised": people if compared else None,
            "analysed": people - chance.randint(0, 3),
        }
        arms.append(arm)
        for outcome in itertools.islice(v.Outcome, 1 + with_events):
            events = chance.randint(0, people // 2)
            total = arm["analysed"]
            counts.append(
                {"arm": arm["id"], "outcome": outcome, "days": 28, "events": events, "total": total, "headline": True}
            )
    return arms, counts


def _registrations(chance: random.Random, number: int, year: int) -> list[dict[str, Any]]:
    return [
        {
            "registry": v.Registry.OTHER,
            "identifier": f"INVENTED-{number:06}-{part}",
            "title": f"Registration of invented study {number}",
            "masking": _one(chance, _MASKINGS),
            "phase": _one(chance, _PHASES),
            "enrolment": chance.randint(10, 200),
            "registered": str(year - 1),
        }
        for part in range(1, 1 + chance.choice((0, 1, 1, 1, 2)))
    ]


def _source(value: str, number: int) -> dict[str, Any]:
    return {
        "value": value,
        "label": "Nowhere: this study is invented",
        "kind": v.SourceKind.PAPER,
        "address": f"https://doi.org/10.5555/invented.{number:06}",
        "basis": v.Basis.STATED,
    }
