"""A file of records that a member of staff is importing, between the pages that lead through it.

A table, not a session: a thousand records outgrow a cookie, two server processes must see the same, and each record's
outcome is saved together with the study made of it, so that an interrupted import goes on where it stood.
"""

import uuid

from django.db import models


class ImportOutcome(models.TextChoices):
    WAITING = "", "waiting"
    ADDED = "added", "added"
    CHANGED = "changed", "taken into a study that was there"
    SKIPPED = "skipped", "skipped"
    REFUSED = "refused", "refused"


class ImportFile(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=150)  # the user's name: nobody else may see it
    name = models.CharField(max_length=200)  # of the file, or how else it came
    format = models.CharField(max_length=40)

    class Meta:
        ordering = ["-made_at"]
        default_permissions = []  # whoever may add or change studies may import

    def __str__(self) -> str:
        return f"{self.name} ({self.format})"


class ImportRecord(models.Model):
    """One record of the file. `data` is what the reader found (importers.Found), empty where it was refused."""

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="records")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    title = models.TextField(blank=True)
    data = models.JSONField(null=True)
    outcome = models.CharField(max_length=8, choices=ImportOutcome.choices, blank=True, default=ImportOutcome.WAITING)
    reason = models.TextField(blank=True)
    trial = models.ForeignKey("trials.Trial", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["file", "number"]
        default_permissions = []
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="trials_importrecord_number_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=ImportOutcome.values), name="trials_importrecord_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Record {self.number}: {self.title or self.reason}"
