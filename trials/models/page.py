"""The prose of the site, and the words it explains."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import Resolver404, resolve, reverse

from trials import vocabulary as v
from trials.models.typed import Typed


class TextQuerySet(models.QuerySet[Any]):
    def public(self) -> "TextQuerySet":
        """What the public may see. Every public page starts here."""
        return self.filter(status=v.Status.PUBLISHED)


class PageManager(models.Manager["Page"]):
    def get_by_natural_key(self, slug: str) -> "Page":
        return self.get(slug=slug)


class Page(Typed):
    slug = models.SlugField("name", unique=True, help_text="overview, about, methods … The overview is the front page.")
    status = models.CharField(max_length=10, choices=v.Status.choices, default=v.Status.DRAFT, editable=False)
    title = models.CharField(max_length=120, help_text="The heading of the page.")
    lead = models.TextField(blank=True, help_text="One or two sentences below the heading: the main message.")
    description = models.CharField(max_length=160, help_text="What a search engine shows, at most 160 characters.")
    body = models.TextField("text", help_text="Markdown: ## for a heading, - for a list, [words](address) for a link.")
    last_reviewed = models.DateField(help_text="When the whole page was last checked. Not for small edits.")
    review_due = models.DateField("next review due")
    updated = models.DateTimeField(auto_now=True)

    objects = PageManager.from_queryset(TextQuerySet)()

    class Meta:
        ordering = ["slug"]
        permissions = [("publish_page", "Can check and publish a page")]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=v.Status.values), name="trials_page_status_known"),
            models.CheckConstraint(
                condition=models.Q(review_due__gt=models.F("last_reviewed")),
                name="trials_page_review_after_last",
                violation_error_message="The next review must come after the last one.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        try:
            shown = resolve(f"/{self.slug}/").view_name
        except Resolver404:  # it is no name at all, which the field says
            return
        if shown not in ("trials:page", "trials:glossary") or f"/{self.slug}/" == settings.STATIC_URL:
            raise ValidationError(f"/{self.slug}/ is another part of the site. Choose another name for the page.")

    def get_absolute_url(self) -> str:
        if self.slug == "overview":
            return reverse("trials:overview")
        if self.slug == "glossary":
            return reverse("trials:glossary")
        return reverse("trials:page", args=[self.slug])

    @property
    def is_public(self) -> bool:
        return self.status == v.Status.PUBLISHED


class GlossaryTermManager(models.Manager["GlossaryTerm"]):
    def get_by_natural_key(self, slug: str) -> "GlossaryTerm":
        return self.get(slug=slug)


class GlossaryTerm(Typed):
    slug = models.SlugField("address", unique=True)
    status = models.CharField(max_length=10, choices=v.Status.choices, default=v.Status.DRAFT, editable=False)
    term = models.CharField(max_length=80, unique=True, help_text="The word as a reader meets it.")
    meaning = models.TextField(help_text="One or two plain sentences.")
    other_spellings = models.CharField(
        max_length=200, blank=True, help_text="Other forms to explain, with commas between them."
    )

    objects = GlossaryTermManager.from_queryset(TextQuerySet)()

    class Meta:
        ordering = ["term"]
        permissions = [("publish_glossaryterm", "Can check and publish a glossary term")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=v.Status.values), name="trials_glossaryterm_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.term

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return f"{reverse('trials:glossary')}#{self.slug}"

    @property
    def is_public(self) -> bool:
        return self.status == v.Status.PUBLISHED

    @property
    def spellings(self) -> list[str]:
        return [self.term, *(word.strip() for word in self.other_spellings.split(",") if word.strip())]
