"""What colleagues say to each other about a record. It is never public, and stays after publication as history."""

from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q

from trials import vocabulary as v
from trials.models.constraints import check, in_vocabulary
from trials.models.record import PlainText
from trials.models.values import LONGEST_PATH

LONGEST_REMARK = 2000  # characters


class RemarkQuerySet(models.QuerySet[Any]):
    def of(self, kind: str, record_id: int) -> "RemarkQuerySet":
        return self.filter(kind=kind, record_id=record_id)

    def open(self) -> "RemarkQuerySet":
        return self.filter(done_at=None)


class Remark(PlainText):
    """A remark on a record, or on one of its values or rows. It stays open until a person ticks it off."""

    kind = models.CharField(max_length=8, choices=v.RecordKind.choices)
    record_id = models.BigIntegerField()  # no foreign key: a remark outlives the record, as its revisions do
    path = models.CharField(max_length=LONGEST_PATH, blank=True)  # of a value or a row; empty for the whole record
    text = models.TextField(validators=[MaxLengthValidator(LONGEST_REMARK)])
    number = models.PositiveIntegerField()  # of the revision that it was made on
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=150)
    account = models.CharField(max_length=40)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=150, blank=True)
    done_account = models.CharField(max_length=40, blank=True)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["kind", "record_id"], name="trials_remark_record")]
        constraints = [
            in_vocabulary("kind", v.RecordKind),
            check("has_text", ~Q(text="")),
            check("done_once", Q(done_at=None, done_by="") | (Q(done_at__isnull=False) & ~Q(done_by=""))),
        ]

    def __str__(self) -> str:
        return f"{self.made_by}: {self.text}"
