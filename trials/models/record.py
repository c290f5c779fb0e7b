"""What the models share: texts without control characters, records with drafts, rows with a key."""

import re
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst

from trials import vocabulary as v
from trials.models.constraints import check, in_vocabulary, unique
from trials.models.fields import new_key

# XML or HTML cannot hold these, and a word processor may leave them: U+000B is a new line in Word, U+0093 a quotation
# mark of Windows. The others change where a line ends or which way the text that follows runs.
CONTROL_CHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff]"
)
# Soft hyphens, spaces without width and marks of direction come along with what is copied, and cannot be seen.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
# Joiners, which some scripts need, and blanks that are letters to a computer: a text of these alone is empty.
_SEEN = re.compile("[^\\s\u034f\u115f\u1160\u200c\u200d\u2800\u3164\ufe00-\ufe0f\uffa0]")
REVIEW_ORDER = "The next review must come after the last one."
CONTEXT = 20  # characters shown on either side of a control character


def control_character(text: str, name: str) -> str:
    """Return a sentence that says where the text has a control character, or "" if it has none."""
    if not (found := CONTROL_CHARACTERS.search(text)):
        return ""
    around = CONTROL_CHARACTERS.sub("\ufffd", text[max(0, found.start() - CONTEXT) : found.end() + CONTEXT])
    return (
        f"In {name}, “{around}” holds a control character (U+{ord(found[0]):04X}, shown here as �). Delete it, or type "
        "a space or a new line."
    )


def visible_text(text: str) -> str:
    """Return the text without the characters that cannot be seen; "" if nothing else is left."""
    text = text if text.isascii() else _INVISIBLE.sub("", text)
    return text if _SEEN.search(text) else ""


class PlainText(models.Model):
    """A model whose texts hold no control characters, and no characters that cannot be seen."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        errors = {}
        texts = [each for each in self._meta.concrete_fields if isinstance(each, (models.CharField, models.TextField))]
        for field in texts:
            value = getattr(self, field.attname)
            if field.name not in (exclude or ()) and isinstance(value, str):
                setattr(self, field.attname, visible_text(value))
                if sentence := control_character(visible_text(value), str(field.verbose_name)):
                    errors[field.name] = sentence
        if errors:
            raise ValidationError(errors)
        super().clean_fields(exclude)


class RecordQuerySet(models.QuerySet[Any]):
    def public(self) -> Any:
        """Return what the public may see. Every public page starts here."""
        return self.filter(status=v.Status.PUBLISHED)

    def once_public(self) -> Any:
        """Return what is public or was taken off: an address that was cited keeps its answer."""
        return self.originals().filter(status__in=[v.Status.PUBLISHED, v.Status.ARCHIVED])

    def originals(self) -> Any:
        """Return the records without the drafts of published ones."""
        return self.filter(draft_of__isnull=True)


class Record(PlainText):
    """What has a workflow, such as a study. A draft of a published record is a row of its own, with `draft_of`."""

    status = models.CharField(max_length=10, choices=v.Status.choices, default=v.Status.DRAFT, editable=False)
    draft_of = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="draft"
    )

    # Texts that identify a record: two records that are not drafts never share one.
    UNIQUE_AMONG_ORIGINALS: tuple[str, ...] = ("slug",)

    class Meta:
        abstract = True
        constraints = [
            in_vocabulary("status", v.Status),
            check("draft_not_public", Q(draft_of=None) | Q(status__in=[v.Status.DRAFT, v.Status.IN_REVIEW])),
            unique("slug_unique", "slug", where=Q(draft_of=None)),
        ]

    slug: Any
    pk: Any
    draft_of_id: int | None

    @property
    def name(self) -> str:
        """What its address is made of."""
        return str(self)

    @property
    def is_public(self) -> bool:
        return self.status == v.Status.PUBLISHED

    @property
    def is_needed(self) -> bool:
        """Whether other pages of the site always lead to it."""
        return False

    @property
    def is_draft(self) -> bool:
        """Whether the row itself may be edited: it is not published and not archived."""
        return self.status in (v.Status.DRAFT, v.Status.IN_REVIEW)

    @property
    def original(self) -> Any:
        """The record that this row is the draft of, or the record itself."""
        return self.draft_of if self.draft_of_id else self

    def clean(self) -> None:
        self.slug = self.slug.lower()  # capitals would make two addresses of what a reader takes for one
        super().clean()
        others = type(self)._default_manager.filter(draft_of__isnull=True).exclude(pk__in=[self.pk, self.draft_of_id])
        errors = {}
        for name in self.UNIQUE_AMONG_ORIGINALS:
            value = getattr(self, name) or None  # the database takes two that have none, but not two empty texts
            value = value.lower() if value and name == "doi" else value  # DOIs do not distinguish capitals
            setattr(self, name, value)
            if value and (other := others.filter(**{name: value}).first()):
                field: Any = self._meta.get_field(name)
                errors[name] = f"{capfirst(field.verbose_name)} “{value}” is that of another entry: {other}."
        if errors:
            raise ValidationError(errors)


class Row(PlainText):
    """A row of a study. Its key is unique in its study, and the same in every version of the study."""

    trial: Any
    key = models.CharField(max_length=12, default=new_key, editable=False)

    class Meta:
        abstract = True
        constraints = [unique("key_unique", "trial", "key")]


class OrderedRow(Row):
    """A row with a place among the rows of its kind."""

    position = models.PositiveSmallIntegerField("no.", default=1, validators=[MinValueValidator(1)])

    class Meta(Row.Meta):
        abstract = True
        ordering = ["trial", "position", "pk"]
