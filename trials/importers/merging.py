"""What a record holds beside what is there, and what a snapshot becomes when some of it is taken."""

import copy
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst, slugify

from trials import history
from trials import vocabulary as v
from trials.history import NOT_THERE, Snapshot
from trials.importers.found import Found, Row, Value
from trials.models import Arm, Country, FormerSlug, Registration, Source, Trial
from trials.models.source import value_names
from trials.search import fold

# Without these there is no draft. A record may lack them; whoever adds a study by hand can type them.
NEEDED = {"title": "title", "authors": "authors", "publication_date": "date of publication"}
INFERRED_LINK = "The registration was put to this study by its details, or by the registry: the paper was not seen."


@dataclass
class Proposal:
    """One value to take or leave. `problem` says why it cannot be taken; `there` is None for a new study."""

    key: str
    label: str
    shown: str
    there: str | None
    ticked: bool
    source: str
    quote: str = ""
    note: str = ""
    same: bool = False
    problem: str = ""
    kept_sources: int = 0  # sources of the present value, which stay
    value: Value | Row | None = field(default=None, repr=False)


def empty_document() -> Snapshot:
    """The snapshot of a study of which nothing is known yet."""
    fields = {each.name: each.get_default() for each in history.kept_fields(Trial)}
    return {"fields": fields, "countries": [], **{kind: [] for kind in history.ROWS}}


def proposals(found: Found, document: Snapshot | None) -> list[Proposal]:
    """Everything in `found`, beside what `document` has; None for a study that is yet to be made."""
    there = document or empty_document()
    # A registry's title and investigator stand in for the paper's only where there is no study yet.
    stand_ins = {value.name for value in found.values if value.basis == v.Basis.INFERRED and value.name in NEEDED}
    stand_ins |= {"authors_complete"} if "authors" in stand_ins else set()
    offered = [value for value in found.values if document is None or value.name not in stand_ins]
    made = [_of_field(found, value, there, new=document is None) for value in offered]
    if found.countries:
        made.append(_of_countries(found, there, new=document is None))
    number = {"arms": 0, "registrations": 0}
    for row in found.rows:
        number[row.kind] += 1
        key = f"{row.kind}.{number[row.kind]}"
        made += (
            _of_registration(found, row, key, there) if row.kind == "registrations" else _of_arm(found, row, key, there)
        )
    return made


def _clean_value(model_field: Any, value: Any) -> str:
    """Why the field cannot hold the value; empty if it can."""
    try:
        model_field.clean(value, None)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _of_field(found: Found, value: Value, there: Snapshot, *, new: bool) -> Proposal:
    model_field: Any = Trial._meta.get_field(value.name)
    now = there["fields"].get(value.name)
    same = now == value.value or (
        isinstance(now, str) and now.lower() == str(value.value).lower() and value.name == "doi"
    )
    is_empty = now in (None, "", [])
    ticked = value.ticked and (new or is_empty)
    if value.name == "authors_complete":  # a default, not something that anybody has found out
        ticked = new
    proposal = Proposal(
        f"fields.{value.name}",
        capfirst(str(model_field.verbose_name)),
        history.in_words(model_field, value.value, there),
        None if new else history.in_words(model_field, now, there),
        ticked and not same,
        found.label,
        value.quote,
        value.note,
        same,
        _clean_value(model_field, value.value),
        0 if is_empty or same else sum(row["value"] == value.name for row in there["sources"]),
        value,
    )
    if proposal.problem:
        proposal.ticked = False
    return proposal


def _country_codes(names: list[str]) -> tuple[list[str], list[str]]:
    """(codes, names that no country here has)."""
    codes: dict[str, str] = {}
    for country in Country.objects.all():
        for name in [country.name, *country.other_names.split(",")]:
            codes[fold(name.strip())] = country.code
    known = [codes[fold(name)] for name in names if fold(name) in codes]
    return sorted(set(known)), [name for name in names if fold(name) not in codes]


def _of_countries(found: Found, there: Snapshot, *, new: bool) -> Proposal:
    codes, unknown = _country_codes(found.countries)
    names = Country.objects.names()
    shown = ", ".join(names[code] for code in codes)
    differs = bool(there["countries"]) and codes != sorted(there["countries"])
    return Proposal(
        "countries",
        "Countries",
        shown or ", ".join(found.countries),
        None if new else history.countries_in_words(there["countries"], names),
        bool(codes) and not there["countries"],
        found.label,
        note=f"Not in our list of countries: {', '.join(unknown)}." if unknown else "",
        same=bool(codes) and codes == sorted(there["countries"]),
        problem="" if codes else "None of them is in our list of countries.",
        kept_sources=sum(row["value"] == "countries" for row in there["sources"]) if differs else 0,
        value=Value("countries", codes, basis=v.Basis.TRANSCRIBED),
    )


def _row_problem(model: Any, values: dict[str, Any]) -> str:
    try:
        model(position=1, **values).full_clean(exclude=["trial"], validate_unique=False)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _row_in_words(model: Any, values: dict[str, Any], document: Snapshot) -> str:
    fields = {each.name: each for each in history.kept_fields(model)}
    parts = [
        f"{capfirst(str(fields[name].verbose_name))}: {history.in_words(fields[name], value, document)}"
        for name, value in values.items()
    ]
    return "\n".join(parts)


def _of_registration(found: Found, row: Row, key: str, there: Snapshot) -> list[Proposal]:
    """A whole registration that is not there, or each value of it that differs from the one that is."""
    identifier = row.values["identifier"]
    held = next((each for each in there["registrations"] if each["identifier"].upper() == identifier.upper()), None)
    label = f"Registration {identifier}"
    if held is None:
        problem = _row_problem(Registration, row.values)
        shown = _row_in_words(Registration, row.values, there)
        new = Proposal(
            key,
            label,
            shown,
            NOT_THERE,
            not problem,
            found.label,
            row.quote,
            row.note,
            problem=problem,
            value=row,
        )
        return [new]
    made = []
    fields = {each.name: each for each in history.kept_fields(Registration)}
    named = f"registration-{held['position']}"
    for name, value in row.values.items():
        if name in ("registry", "identifier"):
            continue
        now = held.get(name)
        is_empty = now in (None, "", [])
        problem = _clean_value(fields[name], value)
        made.append(
            Proposal(
                f"{key}.{name}",
                f"{label}: {fields[name].verbose_name!s}",
                history.in_words(fields[name], value, there),
                history.in_words(fields[name], now, there),
                is_empty and not problem,
                found.label,
                row.quote,
                row.note,
                now == value,
                problem,
                0
                if is_empty or now == value
                else sum(each["value"] in (named, f"{named}.{name}") for each in there["sources"]),
                row,
            )
        )
    return made


def _of_arm(found: Found, row: Row, key: str, there: Snapshot) -> list[Proposal]:
    """A group, unless one of this name is there. Not ticked where the study has its groups already."""
    if any(fold(each["name"]) == fold(row.values["name"]) for each in there["arms"]):
        return []
    problem = _row_problem(Arm, row.values)
    shown = _row_in_words(Arm, row.values, there)
    ticked = not there["arms"] and not problem
    label = f"Group “{row.values['name']}”"
    return [
        Proposal(key, label, shown, NOT_THERE, ticked, found.label, row.quote, row.note, problem=problem, value=row)
    ]


# --- Taking ---------------------------------------------------------------------------------------------------


def take(found: Found, document: Snapshot | None, keys: set[str]) -> Snapshot:
    """A copy of the document with the proposals that `keys` name, each with its source, and no blank left for it."""
    into = copy.deepcopy(document) if document else empty_document()
    for proposal in proposals(found, document):
        if proposal.key not in keys or proposal.problem or proposal.value is None:
            continue
        value = proposal.value
        if isinstance(value, Row):
            name = _take_row(into, proposal.key, value, found)
        else:
            name = value.name
            if name == "countries":
                into["countries"] = list(value.value)
            else:
                into["fields"][name] = value.value
        _clear_blank(into, name)
        add_source(into, found, name, value)
    return into


def _take_row(into: Snapshot, key: str, row: Row, found: Found) -> str:
    """Put the row, or one field of it, into the document; what its source is to name."""
    kind, _, rest = key.partition(".")
    _, _, name = rest.partition(".")
    if name:
        held = next(each for each in into[kind] if each["identifier"].upper() == row.values["identifier"].upper())
        held[name] = row.values[name]
        return f"registration-{held['position']}.{name}"
    model = history.ROWS[kind]
    values = {each.name: each.get_default() for each in history.kept_fields(model)}
    values |= row.values
    position = max((each["position"] for each in into[kind]), default=0) + 1
    values |= {"id": str(uuid.uuid4()), "position": position}
    if kind == "registrations" and found.kind == v.SourceKind.REGISTRY:
        values["link_inferred"] = True  # the registry speaks here, not the paper
        values["note"] = INFERRED_LINK
    into[kind].append(values)
    return f"{'arm' if kind == 'arms' else 'registration'}-{position}"


def _clear_blank(into: Snapshot, name: str) -> None:
    into["blanks"] = [each for each in into["blanks"] if each["value"] != name]


def add_source(into: Snapshot, found: Found, name: str, value: Value | Row) -> None:
    """Record where a value was read, once. Nothing where the record names no place, or the value takes no source."""
    if not found.address or ("-" not in name and name not in value_names()):
        return
    basis = value.basis
    if basis in (v.Basis.INFERRED, v.Basis.DERIVED, v.Basis.DISPUTED) and not value.note:
        basis = v.Basis.STATED
    row = {each.name: each.get_default() for each in history.kept_fields(Source)} | {
        "value": name,
        "label": found.label,
        "kind": str(found.kind),
        "address": found.address,
        "read_in_copy": found.read_in_copy,
        "quote": value.quote,
        "basis": str(basis),
        "confidence": int(v.Confidence.MEDIUM if basis == v.Basis.INFERRED else v.Confidence.HIGH),
        "note": value.note,
    }
    compared = ("value", "label", "address", "quote", "note")
    if any(all(each[key] == row[key] for key in compared) for each in into["sources"]):
        return
    position = max((each["position"] for each in into["sources"]), default=0) + 1
    into["sources"].append(row | {"id": str(uuid.uuid4()), "position": position})


# --- A new study ----------------------------------------------------------------------------------------------


def give_slug(document: Snapshot) -> None:
    """An address out of first author and year that no study has or had: lanzoni-2021, lanzoni-2021-2 …"""
    fields = document["fields"]
    family = fields["authors"].partition("\n")[0].partition(",")[0]
    stem = f"{slugify(fold(family))[:60].strip('-') or 'study'}-{fields['publication_date'][:4]}"
    taken = set(Trial.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    taken |= set(FormerSlug.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    fields["slug"] = slug


def still_needed(document: Snapshot) -> list[str]:
    return [name for name in NEEDED if not document["fields"].get(name)]


def why_refused(error: ValidationError) -> str:
    """All that a ValidationError says, on one line, with the fields named."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    parts = []
    for name, messages in error.message_dict.items():
        label = "" if name == "__all__" else f"{name}: "
        parts.append(f"{label}{' '.join(messages)}")
    return re.sub(r"\s+", " ", " ".join(parts))


def of_new_study(found: Found, typed: dict[str, str] | None = None, keys: set[str] | None = None) -> Snapshot:
    """The document of a study made of `found`: what is ticked by itself, or what `keys` name.

    `typed` are values of NEEDED that somebody has typed in. Raises ValidationError if one of NEEDED is missing.
    """
    if keys is None:
        keys = {proposal.key for proposal in proposals(found, None) if proposal.ticked}
    document = take(found, None, keys)
    for name, text in (typed or {}).items():
        if text.strip() and not document["fields"].get(name):
            document["fields"][name] = "\n".join(line.strip() for line in text.strip().splitlines())
    needed = [NEEDED[name] for name in still_needed(document)]
    if needed:
        last = needed.pop()
        raise ValidationError(f"It has no {', no '.join([*needed, last])}, and without there can be no draft.")
    if not document["fields"]["slug"]:
        give_slug(document)
    return document
