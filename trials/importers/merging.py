"""Puts the values of a record into the document of a study. A value that is there already is never overwritten."""

import copy
import itertools
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from trials import vocabulary as v
from trials.importers.records import ImportedRecord, Value
from trials.listing.search import fold
from trials.models import FormerSlug, Trial
from trials.models.countries import COUNTRIES
from trials.models.fields import new_key
from trials.models.trial import INTERNAL
from trials.models.values import in_words, label
from trials.workflow.documents import ROWS, Document, document_fields, document_of
from trials.workflow.promotion import TO_PLACE

# Without these there is no draft. A record may lack them, and then the editor types them.
NEEDED = {"title": "title", "authors": "authors", "publication_date": "date of publication"}
INFERRED_LINK = "The registration was matched to this study by its details, or by the registry: the paper was not seen."
EMPTY: tuple[Any, ...] = (None, "", [])


class Merge:
    """A copy of a document, or that of a new study, in which a record has filled what was empty."""

    def __init__(self, record: ImportedRecord, document: Document | None = None) -> None:
        self.record = record
        self.document = copy.deepcopy(document or document_of(Trial(), {kind: [] for kind in ROWS}))
        self.added: list[str] = []  # labels
        self.differences: list[str] = []
        self.problems: list[str] = []  # what the fields of a study cannot hold
        if not document:
            self.document |= {kind: record.document[kind] for kind in ROWS if kind in record.document}
            self.document["fields"] |= record.document.get("fields", {})
            self.document["fields"]["authors_complete"] = record.authors_complete
        for value in record.values:
            self._add_value(value)
        self._add_abstract()
        codes, unknown = country_codes(record.countries)
        self._add_value(Value("countries", codes, basis=v.Basis.TRANSCRIBED))
        if unknown:
            self.problems.append(f"Not in our list of countries: {', '.join(unknown)}.")
        groups = [fold(arm["name"]) for arm in self.document["arms"]]
        for row in record.rows:
            if row.name == "registrations":
                self._add_registration(row)
            elif not groups:
                self._add_row(row, f"Group “{row.value['name']}”", {})
            elif fold(row.value["name"]) not in groups:
                self.differences.append(f"Group “{row.value['name']}”: in the record alone")

    def _add_value(self, value: Value) -> None:
        fields = self.document["fields"]
        if fields[value.name] not in EMPTY and value.basis == v.Basis.INFERRED:
            return  # a registry's title and investigator, in place of those of a paper
        filled = self._fill(fields, Trial._meta.get_field(value.name), value.value, label(value.name, {}))
        if filled and value.name not in INTERNAL:
            self._cite(value.name, value)

    def _add_abstract(self) -> None:
        """Put the abstract into its field, in front of the rest of the record of an other study. It has no citation."""
        fields, abstract = self.document["fields"], self.record.abstract
        present = fields["abstract"]
        if not abstract or fold(abstract) in fold(present):
            return
        if present and not present.startswith(TO_PLACE.partition("{")[0]):
            self.differences.append("Abstract: another text is here. That of the record is under “All its values”")
            return
        fields["abstract"] = "\n\n".join(filter(None, [abstract, present]))
        self.added.append("Abstract")

    def _fill(self, holder: dict[str, Any], field: Any, value: Any, name: str) -> bool:
        """Put the value into an empty field. Return False if there is a value already, or if it does not fit."""
        present = holder.get(field.name)
        if present in EMPTY and value not in EMPTY:
            try:
                field.clean(value, None)
            except ValidationError as error:
                self.problems.append(f"{name}: {' '.join(error.messages)}")
                return False
            holder[field.name] = value
            self.added.append(name)
            return True
        if value not in EMPTY and fold(str(present)) != fold(str(value)):
            record, here = in_words(field, value), in_words(field, present)
            self.differences.append(f"{name}: “{record}” in the record, “{here}” here")
        return False

    def _add_registration(self, row: Value) -> None:
        """Add a registration or, where the study has it, fill its empty fields."""
        identifier = row.value["identifier"]
        name = f"Registration {identifier}"
        for present in self.document["registrations"]:
            if present["identifier"].upper() == identifier.upper():
                for field in document_fields(ROWS[row.name]):
                    if self._fill(present, field, row.value.get(field.name), f"{name}: {field.verbose_name}"):
                        self._cite(f"registrations.{present['key']}.{field.name}", row)
                return
        is_registry = self.record.kind == v.SourceKind.REGISTRY  # it speaks of the paper, not the paper of it
        self._add_row(row, name, {"link_inferred": True, "note": INFERRED_LINK} if is_registry else {})

    def _add_row(self, row: Value, name: str, more: dict[str, Any]) -> None:
        built = ROWS[row.name](**row.value, **more)
        try:
            built.clean_fields(exclude={"trial"})
            built.clean()
        except ValidationError as error:
            self.problems.append(f"{name}: {' '.join(error.messages)}")
            return
        self.added.append(name)
        self._cite(f"{row.name}.{self._append(row.name, row.value | more)}", row)

    def _append(self, kind: str, values: dict[str, Any]) -> str:
        """Append a row to the document, and return its key."""
        position = 1 + max((row.get("position", 0) for row in self.document[kind]), default=0)
        self.document[kind].append({**values, "key": new_key(), "position": position})
        return str(self.document[kind][-1]["key"])

    def _cite(self, path: str, value: Value) -> None:
        """Add a citation of the record, unless it names no address."""
        if not self.record.address:
            return
        confidence = v.Confidence.MEDIUM if value.basis == v.Basis.INFERRED else v.Confidence.HIGH
        values = {"value": path, "quote": value.quote, "basis": str(value.basis), "note": value.note}
        self._append("citations", {**values, "confidence": int(confidence), "source": self._source()})

    def _source(self) -> str:
        """Return the key of the source that the record is. The first citation adds it to the document."""
        source = {name: getattr(self.record, name) for name in ("label", "kind", "address", "read_in_copy")}
        for present in self.document["sources"]:
            if (present["label"], present["address"]) == (source["label"], source["address"]):
                return str(present["key"])
        return self._append("sources", source)


def country_codes(names: list[str]) -> tuple[list[str], list[str]]:
    """Return the codes of the countries, and the names that none has.

    Registries write “Turkey (Türkiye)”, “Iran, Islamic Republic of” and “U.S.A.”.
    """
    by_name = {_country_key(name): each.code for each in COUNTRIES.values() for name in (each.name, *each.other_names)}
    found = {}
    for name in names:
        before, _, behind = name.partition(", ")
        parts = [name, *(part.strip(" )") for part in re.split("[(/]", name)), f"{behind} {before}", before]
        keys = map(_country_key, parts)
        found[name] = name if name in COUNTRIES else next((by_name[key] for key in keys if key in by_name), "")
    return [code for code in COUNTRIES if code in found.values()], [name for name, code in found.items() if not code]


def _country_key(name: str) -> str:
    """Return the name folded, without “the” and points, so that “U.S.A.” is “usa” and “St. Lucia” “saint lucia”."""
    key = re.sub(r"^the ", "", fold(name).strip())
    return re.sub(r"\bst\b\.?", "saint", key).replace(".", "").replace("&", "and")


def new_study(record: ImportedRecord, entered: dict[str, str]) -> Document:
    """Return the document of a study made of the record and what was entered; ValidationError if it lacks a value."""
    document = Merge(record).document
    fields = document["fields"]
    for name in NEEDED:
        fields[name] = fields[name] or "\n".join(filter(None, map(str.strip, entered.get(name, "").splitlines())))
    if missing := [name for field, name in NEEDED.items() if not fields[field]]:
        raise ValidationError(f"It has no {', no '.join(missing)}, and without there can be no draft.")
    fields["slug"] = _free_slug(fields["authors"], fields["publication_date"], fields["slug"])
    return document


def _free_slug(authors: str, date: str, wanted: str = "") -> str:
    """Return an address from the first author and the year that no study has or had: adas-2021, adas-2021-2 …"""
    family = authors.splitlines()[0].partition(",")[0]
    stem = wanted or f"{slugify(fold(family))[:60].strip('-') or 'study'}-{slugify(date[:4])}"
    slugs = (Trial.objects.values_list("slug"), FormerSlug.objects.values_list("slug"))
    taken = {slug for found in slugs for (slug,) in found.filter(slug__startswith=stem)}
    numbered = (f"{stem}-{number}" for number in itertools.count(2))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)
