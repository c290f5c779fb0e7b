"""The document of a first draft of a study, from what we know of it while it is not on the list."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst, get_text_list

from trials import vocabulary as v
from trials.identifiers import registry_of, tidy_registration
from trials.models import OtherStudy, Trial
from trials.models.values import in_words
from trials.workflow.documents import ROWS, Document, document_fields, document_of

READ_IN_COPY = "(read in a copy)"
SAME_NAME = ("slug", "title", "doi", "pmid", "pmcid", "design", "cause", "countries")  # in both models
# What has a field or a row of its own in a study. All else goes into the abstract, as text.
COPIED = (
    *SAME_NAME, "first_author", "year", "registrations", "cell_source", "cells_deaths", "cells_out_of",
    "comparison_deaths", "comparison_out_of",
)  # fmt: skip
TO_PLACE = (
    "This is not the abstract of the paper. It is the rest of the record of the other study: put each part in its "
    "place. Each source with an address is entered as “{kind}”: choose its kind, and cite it."
)


def draft_document(other: OtherStudy) -> Document:
    """Return the document of a study with what the record holds. Raises ValidationError with what is missing."""
    needed = {"a title": other.title, "a first author": other.first_author, "a year": other.year}
    if absent := [name for name, value in needed.items() if not value]:
        names = get_text_list(absent, "and")
        raise ValidationError(f"A draft needs {names}, which this record does not have. Fill that in here first.")
    document = document_of(Trial(), {kind: [] for kind in ROWS})
    fields = document["fields"]
    fields |= {name: getattr(other, name) for name in SAME_NAME}
    fields |= {"publication_date": str(other.year), "authors_complete": False, "abstract": _rest(other)}
    given, _, family = other.first_author.rpartition(" ")
    fields["authors"] = f"{family}, {given}" if given else family
    _add_groups(document, other)
    for identifier, probably in other.registration_list:
        registry = registry_of(identifier)
        identifier = tidy_registration(registry, identifier) if registry else identifier
        named = {"registry": registry or v.Registry.OTHER, "identifier": identifier, "link_inferred": probably}
        _add(document, "registrations", **named)
    for line in other.source_list:
        if line.address:
            label, copied = line.label.replace(READ_IN_COPY, "").strip(), READ_IN_COPY in line.label
            named = {"label": label, "kind": v.SourceKind.INDEX, "address": line.address, "read_in_copy": copied}
            _add(document, "sources", **named)
    return document


def _add(document: Document, kind: str, /, **values: Any) -> str:
    """Append a row to the document, and return its key."""
    number = len(document[kind]) + 1
    document[kind].append({"key": f"{kind[0]}{number}", "position": number, **values})
    return f"{kind[0]}{number}"


def _add_groups(document: Document, other: OtherStudy) -> None:
    """Add the groups with their counts of deaths. Who was randomised is not known."""
    groups = [("Cells", v.Role.CELLS, other.cell_source, other.cells_deaths, other.cells_out_of)]
    if other.comparison_out_of is not None:
        groups.append(("Comparison", v.Role.COMPARISON, "", other.comparison_deaths, other.comparison_out_of))
    for name, role, tissue, deaths, people in groups:
        arm = _add(document, "arms", name=name, role=role, cell_source=tissue, analysed=people)
        if deaths is not None:
            counted = {"outcome": v.Outcome.DEATH, "time_point": other.counted_at, "headline": True}
            _add(document, "counts", arm=arm, events=deaths, total=people, **counted)


def _rest(other: OtherStudy) -> str:
    """Return each field that is not copied, with its name. The abstract is for the team alone, so none is public."""
    rest = [field for field in document_fields(OtherStudy) if field.name not in COPIED]
    values = [(capfirst(field.verbose_name), in_words(field, getattr(other, field.name))) for field in rest]
    parts = [f"{name}: {words}" for name, words in values if words]
    return "\n\n".join([TO_PLACE.format(kind=v.SourceKind.INDEX.label), *parts])
