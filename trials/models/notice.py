"""What a journal published about the paper of a study afterwards: a correction, a concern, a retraction."""

from django.db import models

from trials import vocabulary as v
from trials.models.constraints import check, in_vocabulary
from trials.models.fields import PartialDateField, show_partial_date
from trials.models.record import OrderedRow
from trials.models.trial import Trial


class Notice(OrderedRow):
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=v.NoticeKind.choices)
    date = PartialDateField(help_text="When the notice was published: 2021, 2021-06 or 2021-06-08.")
    address = models.URLField("where it can be read", max_length=600, help_text="Its own DOI link, if it has one.")
    note = models.CharField(max_length=400, blank=True, help_text="In our words, what it says of the paper.")

    class Meta(OrderedRow.Meta):
        verbose_name = "notice after publication"
        verbose_name_plural = "notices after publication"
        constraints = [
            *OrderedRow.Meta.constraints,
            in_vocabulary("kind", v.NoticeKind),
            check("dated", ~models.Q(date="")),
            check("has_address", ~models.Q(address="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.when}"

    @property
    def when(self) -> str:
        """The date in words, such as: March 2022."""
        return show_partial_date(self.date)
