"""The history of the records, and the version of everything that the public can see.

A revision is a whole record as one JSON document, with who saved it, when and why. Revisions are only ever added. They
hold no foreign key, because they outlive the record and the person.
"""

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

from trials import vocabulary as v
from trials.models.constraints import check, in_vocabulary, unique

REVISION = ["kind", "record_id", "number"]  # what identifies a revision


class AppendOnly(Exception):
    """Raised when a revision would be changed or deleted."""


def _refuse(*args: Any, **kwargs: Any) -> NoReturn:
    raise AppendOnly("Revisions are only ever added: they cannot be changed or deleted.")


class RevisionQuerySet(models.QuerySet[Any]):
    update = delete = bulk_update = update_or_create = _refuse

    def of(self, kind: str, record_id: int) -> "RevisionQuerySet":
        return self.filter(kind=kind, record_id=record_id).order_by("number")

    def pending(self) -> "RevisionQuerySet":
        return self.filter(live=False).exclude(step__in=v.ENDING_STEPS)


class Revision(models.Model):
    kind = models.CharField(max_length=8, choices=v.RecordKind.choices)
    record_id = models.BigIntegerField()  # of a record that may be gone
    name = models.CharField(max_length=80)  # its address at the time
    number = models.PositiveIntegerField()
    step = models.CharField(max_length=10, choices=v.Step.choices)
    live = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=150)  # the user's name at the time, as text
    account = models.CharField(max_length=40, blank=True)  # the key of the user, as text: a name can change hands
    reason = models.TextField(blank=True)
    confirmed = models.JSONField(default=list, blank=True)  # values that changed, whose sources still hold
    data = models.JSONField()
    # account -> the values and rows that it wrote, of those that differ from what the public sees
    writers = models.JSONField(default=dict, blank=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = REVISION
        indexes = [
            # Partial: SQLite uses no index for a condition such as `live` or `NOT live` alone.
            models.Index(fields=["-made_at", "-id"], condition=Q(live=True), name="trials_revision_live_newest"),
            models.Index(fields=REVISION, condition=Q(live=False), name="trials_revision_not_live"),
            models.Index(fields=["-made_at", "-id"], name="trials_revision_newest"),
        ]
        constraints = [
            unique("number_once", *REVISION),
            check("number_from_one", Q(number__gte=1)),
            in_vocabulary("kind", v.RecordKind),
            in_vocabulary("step", v.Step),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _refuse()
        # Without force_insert a new object with the key of an old one would overwrite it.
        super().save(*args, **{**kwargs, "force_insert": True})

    delete = _refuse

    def __str__(self) -> str:
        return f"{self.name}, revision {self.number}: {self.get_step_display()}"

    @property
    def is_pending(self) -> bool:
        """Whether it belongs to a draft: it is not live, and the draft was not withdrawn or deleted."""
        return not self.live and self.step not in v.ENDING_STEPS


class ContentVersion(models.Model):
    """One row with a random token that is renewed by every write of content.

    A token and not a number: after a restore from a backup, a number could come a second time with other content.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.CharField(max_length=36)

    class Meta:
        constraints = [check("one_row", Q(id=1))]

    def __str__(self) -> str:
        return self.token


class FormerSlug(models.Model):
    """An address that a study used to have. It redirects to the present one."""

    slug = models.SlugField(unique=True, max_length=80)
    trial = models.ForeignKey("trials.Trial", on_delete=models.CASCADE, related_name="former_slugs")

    def __str__(self) -> str:
        return self.slug
