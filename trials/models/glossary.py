"""A word that the site explains."""

from django.db import models
from django.urls import reverse

from trials.models.constraints import unique
from trials.models.record import Record, RecordQuerySet


class GlossaryTerm(Record):
    UNIQUE_AMONG_ORIGINALS = ("slug", "term")

    slug = models.SlugField("address")
    term = models.CharField(max_length=80, help_text="The word as a reader meets it.")
    meaning = models.TextField(help_text="One or two plain sentences.")
    other_spellings = models.CharField(max_length=200, blank=True, help_text="With commas between them.")

    objects = RecordQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["term"]
        permissions = [("publish_glossaryterm", "Can check and publish a glossary term")]
        constraints = [*Record.Meta.constraints, unique("term_unique", "term", where=models.Q(draft_of=None))]

    def __str__(self) -> str:
        return self.term

    def get_absolute_url(self) -> str:
        return f"{reverse('trials:glossary')}#{self.slug}"

    @property
    def spellings(self) -> list[str]:
        return [self.term, *(word.strip() for word in self.other_spellings.split(",") if word.strip())]
