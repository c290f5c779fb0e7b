"""The pages that staff write, and the words that the site explains."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import Resolver404, resolve, reverse

from trials.models.constraints import check, unique
from trials.models.record import REVIEW_ORDER, Record, RecordQuerySet


class Page(Record):
    slug = models.SlugField("name", help_text="overview, about, methods … The overview is the front page.")
    title = models.CharField(max_length=120, help_text="The heading of the page.")
    lead = models.TextField(blank=True, help_text="One or two sentences below the heading: the main message.")
    description = models.CharField(max_length=160, help_text="What a search engine shows, at most 160 characters.")
    body = models.TextField("text", help_text="Markdown: ## for a heading, - for a list, [words](address) for a link.")
    last_reviewed = models.DateField(help_text="When the whole page was last checked. Not for small edits.")
    review_due = models.DateField("next review due")
    updated = models.DateTimeField(auto_now=True)

    objects = RecordQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["slug"]
        permissions = [("publish_page", "Can check and publish a page")]
        constraints = [*Record.Meta.constraints, check("review_after_last", Q(review_due__gt=F("last_reviewed")))]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        dates: list[Any] = [self.last_reviewed, self.review_due]
        if all(dates) and dates[1] <= dates[0]:
            raise ValidationError({"review_due": REVIEW_ORDER})
        try:
            shown = resolve(f"/{self.slug}/").view_name
        except Resolver404:  # the field itself refuses such a name
            return
        if shown not in ("trials:page", "trials:glossary", "trials:data") or f"/{self.slug}/" == settings.STATIC_URL:
            raise ValidationError(f"/{self.slug}/ is another part of the site. Choose another name for the page.")

    def get_absolute_url(self) -> str:
        if self.slug in ("overview", "glossary"):
            return reverse(f"trials:{self.slug}")
        return reverse("trials:page", args=[self.slug])


class GlossaryTerm(Record):
    UNIQUE_AMONG_ORIGINALS = ("slug", "term")

    slug = models.SlugField("address")
    term = models.CharField(max_length=80, help_text="The word as a reader meets it.")
    meaning = models.TextField(help_text="One or two plain sentences.")
    other_spellings = models.CharField(
        max_length=300, blank=True, help_text="With commas between them. The site explains these too, where they occur."
    )
    search_words = models.CharField(
        "also searched as",
        max_length=300,
        blank=True,
        help_text="With commas between them. A search for one finds all.",
    )

    objects = RecordQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["term"]
        permissions = [("publish_glossaryterm", "Can check and publish a glossary term")]
        constraints = [*Record.Meta.constraints, unique("term_unique", "term", where=Q(draft_of=None))]

    def __str__(self) -> str:
        return self.term

    def get_absolute_url(self) -> str:
        return f"{reverse('trials:glossary')}#{self.slug}"

    @property
    def spellings(self) -> list[str]:
        return [self.term, *(word.strip() for word in self.other_spellings.split(",") if word.strip())]
