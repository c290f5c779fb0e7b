"""Puts the values of a record into the document of a study. A value that is there already is never overwritten."""

import copy
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst, slugify

from trials import vocabulary as v
from trials.importers.records import ImportedRecord, Row, Value
from trials.listing.search import fold
from trials.models import FormerSlug, Trial
from trials.models.countries import COUNTRIES
from trials.models.fields import new_key
from trials.models.values import in_words
from trials.workflow.documents import ROWS, Document, document_fields, document_of

# Without these there is no draft. A record may lack them, and then the editor types them.
NEEDED = {"title": "title", "authors": "authors", "publication_date": "date of publication"}
INFERRED_LINK = "The registration was matched to this study by its details, or by the registry: the paper was not seen."
EMPTY = (None, "", [])


@dataclass(frozen=True)
class Difference:
    """A value of the record that differs from that of the study, in words."""

    label: str
    in_record: str
    in_study: str


@dataclass
class Merged:
    """A document with the values of a record.

    `added` are the labels of what was empty before, `differences` what was left as it was, `problems` what the fields
    of a study cannot hold.
    """

    document: Document
    added: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def empty_document() -> Document:
    """Return the document of a study of which nothing is known."""
    return document_of(Trial(), {kind: [] for kind in ROWS})


def merge(record: ImportedRecord, document: Document | None = None) -> Merged:
    """Return a copy of the document in which the record has filled what was empty; of a new study without one."""
    return _Merge(record, document).merged


class _Merge:
    def __init__(self, record: ImportedRecord, document: Document | None) -> None:
        self.record = record
        self.is_new = document is None
        self.document = copy.deepcopy(document) if document else empty_document()
        self.merged = Merged(self.document)
        for value in record.values:
            self.add_value(value)
        if record.countries:
            self.add_countries(record.countries)
        if self.is_new:
            self.document["fields"]["authors_complete"] = record.authors_complete
        self.has_arms = bool(self.document["arms"])
        for row in record.rows:
            self.add_registration(row) if row.kind == "registrations" else self.add_arm(row)

    def add_value(self, value: Value) -> None:
        model_field = Trial._meta.get_field(value.name)
        current = self.document["fields"][value.name]
        if current not in EMPTY and value.basis == v.Basis.INFERRED:
            return  # a registry's title and investigator, in place of those of a paper
        label = str(capfirst(model_field.verbose_name))
        if self.fill(self.document["fields"], model_field, value.value, label):
            self.cite(value.name, value)

    def fill(self, holder: dict[str, Any], model_field: Any, value: Any, label: str) -> bool:
        """Put the value into an empty field. Return False if there is a value already, or if it does not fit."""
        current = holder[model_field.name]
        if current not in EMPTY:
            if fold(str(current)) != fold(str(value)):
                words = in_words(model_field, value), in_words(model_field, current)
                self.merged.differences.append(Difference(label, *words))
            return False
        try:
            model_field.clean(value, None)
        except ValidationError as error:
            self.merged.problems.append(f"{label}: {' '.join(error.messages)}")
            return False
        holder[model_field.name] = value
        self.merged.added.append(label)
        return True

    def add_countries(self, names: list[str]) -> None:
        codes, unknown = country_codes(names)
        if unknown:
            self.merged.problems.append(f"Not in our list of countries: {', '.join(unknown)}.")
        if codes:
            self.add_value(Value("countries", codes, basis=v.Basis.TRANSCRIBED))

    def add_registration(self, row: Row) -> None:
        """Add a registration or, where the study has it, fill its empty fields."""
        identifier = row.values["identifier"]
        label = f"Registration {identifier}"
        same = [other for other in self.document["registrations"] if other["identifier"].upper() == identifier.upper()]
        if not same:
            is_registry = self.record.kind == v.SourceKind.REGISTRY  # it speaks of the paper, not the paper of it
            link = {"link_inferred": True, "note": INFERRED_LINK} if is_registry else {}
            self.add_row(row, label, link)
            return
        fields = {each.name: each for each in document_fields(ROWS[row.kind])}
        for name, value in row.values.items():
            if self.fill(same[0], fields[name], value, f"{label}: {fields[name].verbose_name}"):
                self.cite(f"registrations.{same[0]['key']}.{name}", row)

    def add_arm(self, row: Row) -> None:
        """Add a group, unless the study had groups of its own."""
        label = f"Group “{row.values['name']}”"
        if not self.has_arms:
            self.add_row(row, label, {})
        elif fold(row.values["name"]) not in [fold(arm["name"]) for arm in self.document["arms"]]:
            self.merged.differences.append(Difference(label, row.values.get("given", ""), "has no group of this name"))

    def add_row(self, row: Row, label: str, more: dict[str, Any]) -> None:
        key = self.append(row.kind, row.values | more)
        built = ROWS[row.kind](**self.document[row.kind][-1])
        try:
            built.clean_fields(exclude={"trial"})
            built.clean()
        except ValidationError as error:
            self.document[row.kind].pop()
            self.merged.problems.append(f"{label}: {' '.join(error.messages)}")
            return
        self.merged.added.append(label)
        self.cite(f"{row.kind}.{key}", row)

    def append(self, kind: str, values: dict[str, Any]) -> str:
        """Append a row to the document, and return its key."""
        row = {each.name: each.get_default() for each in document_fields(ROWS[kind])} | values | {"key": new_key()}
        if "position" in row:
            row["position"] = 1 + max((other["position"] for other in self.document[kind]), default=0)
        self.document[kind].append(row)
        return str(row["key"])

    def cite(self, path: str, value: Value | Row) -> None:
        """Say that the value was read in this record, unless the record names no address."""
        if not self.record.address:
            return
        confidence = v.Confidence.MEDIUM if value.basis == v.Basis.INFERRED else v.Confidence.HIGH
        values = {
            "value": path,
            "quote": value.quote,
            "basis": str(value.basis),
            "confidence": int(confidence),
            "note": value.note,
            "source": self.source(),
        }
        self.append("citations", values)

    def source(self) -> str:
        """Return the key of the record's source, which is written when the first value is cited."""
        source = {
            "label": self.record.label,
            "kind": str(self.record.kind),
            "address": self.record.address,
            "read_in_copy": self.record.read_in_copy,
        }
        for other in self.document["sources"]:
            if other["label"] == source["label"] and other["address"] == source["address"]:
                return str(other["key"])
        return self.append("sources", source)


def country_codes(names: list[str]) -> tuple[list[str], list[str]]:
    """Return the codes of the countries, in the order of the vocabulary, and the names that none of them has.

    A name with another in brackets, such as “Turkey (Türkiye)”, is found by either.
    """
    by_name = {
        fold(name): country.code for country in COUNTRIES.values() for name in (country.name, *country.other_names)
    }
    codes, unknown = set(), []
    for name in names:
        parts = [name, *(part.strip(" )") for part in name.split("("))]
        code = next((by_name[fold(part)] for part in parts if fold(part) in by_name), None)
        codes.add(code) if code else unknown.append(name)
    return [code for code in COUNTRIES if code in codes], unknown


# --- A new study


def new_study(record: ImportedRecord, typed: dict[str, str]) -> Document:
    """Return the document of a study made of the record. `typed` are values that the record lacks.

    Raises ValidationError if there is still no title, no author or no date.
    """
    document = merge(record).document
    fields = document["fields"]
    for name in NEEDED:
        fields[name] = fields[name] or "\n".join(filter(None, map(str.strip, typed.get(name, "").splitlines())))
    if missing := [label for name, label in NEEDED.items() if not fields[name]]:
        raise ValidationError(f"It has no {', no '.join(missing)}, and without there can be no draft.")
    fields["slug"] = _free_slug(fields["authors"], fields["publication_date"])
    return document


def _free_slug(authors: str, date: str) -> str:
    """Return an address from the first author and the year that no study has or had: adas-2021, adas-2021-2 …"""
    family = authors.partition("\n")[0].partition(",")[0]
    stem = f"{slugify(fold(family))[:60].strip('-') or 'study'}-{date[:4]}"
    taken = {*Trial.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    taken |= {*FormerSlug.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug
