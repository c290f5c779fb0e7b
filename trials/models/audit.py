"""What happened at the door of the site and to people's rights.

Append-only, like the history, and without a foreign key: an entry outlives the person. Nothing removes old entries.
"""

from django.db import models

from trials.models.revision import AppendOnlyModel, AppendOnlyQuerySet


class AuditKind(models.TextChoices):
    LOGGED_IN = "log-in", "Log-in"
    FAILED = "failure", "Failed log-in"
    LOCKED_OUT = "lock-out", "Made to wait"
    LOGGED_OUT = "log-out", "Log-out"
    PASSWORD_CHANGED = "password", "Password changed"
    PASSWORD_RESET = "reset", "Password reset by e-mail"
    FACTOR_ADDED = "factor-added", "Second factor added"
    FACTOR_REMOVED = "factor-removed", "Second factor removed"
    FACTOR_FAILED = "factor-failed", "Wrong second factor"
    RECOVERY_CODE = "recovery-code", "Recovery code used"
    PERSON = "person", "Person added, changed or removed"
    RIGHTS = "rights", "Rights changed"


class AuditEvent(AppendOnlyModel):
    at = models.DateTimeField("when", auto_now_add=True)
    kind = models.CharField(max_length=14, choices=AuditKind.choices)
    who = models.CharField(max_length=150, blank=True, help_text="Who did it. Empty: nobody who was logged in.")
    whom = models.CharField("about", max_length=160, blank=True, help_text="The person or the group it is about.")
    what = models.TextField(blank=True)
    address = models.CharField("network address", max_length=45, blank=True, help_text="Where it came from.")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "audit log entry"
        verbose_name_plural = "audit log entries"
        base_manager_name = "objects"
        default_permissions = ["view"]  # there is nothing else that anybody could be allowed
        indexes = [models.Index(fields=["-at", "-id"], name="trials_auditevent_newest")]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=AuditKind.values), name="trials_auditevent_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.whom or self.who}"
