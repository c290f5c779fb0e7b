"""The pages that staff write, and the words that the site explains."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import Resolver404, resolve, reverse

from trials import markdown
from trials import vocabulary as v
from trials.models.constraints import NAME, check
from trials.models.record import REVIEW_ORDER, Record, RecordQuerySet

# Pages whose text is shown above records, each at an address of its own.
WITH_RECORDS = ("overview", "glossary", "evidence", "other-studies", "reviews", "data")
# Those, and the pages that the menu, the footer and other templates lead to.
NEEDED_PAGES = (*WITH_RECORDS, "about", "methods", "independence", "accessibility")

DESCRIPTION_HELP = "What a search engine shows, at most 160 characters."
MENU_TITLE_HELP = "If the heading is too long for the menu and the foot of each page."
PLACE_HELP = "1 comes first. Empty: it is not there."


class Page(Record):
    slug = models.SlugField("name", help_text="overview, about, methods … The overview is the front page.")
    title = models.CharField(max_length=120, help_text="The heading of the page.")
    lead = models.TextField(blank=True, help_text="One or two sentences below the heading: the main message.")
    description = models.CharField(max_length=160, blank=True, help_text=DESCRIPTION_HELP)
    body = models.TextField(
        "text", blank=True, help_text="Markdown: ## for a heading, - for a list, [words](address) for a link."
    )
    menu_title = models.CharField("title in the menu", max_length=30, blank=True, help_text=MENU_TITLE_HELP)
    menu_position = models.PositiveSmallIntegerField("place in the menu", null=True, blank=True, help_text=PLACE_HELP)
    footer_position = models.PositiveSmallIntegerField(
        "place at the foot of each page", null=True, blank=True, help_text=PLACE_HELP
    )
    last_reviewed = models.DateField(
        null=True, blank=True, help_text="When the whole page was last checked. Not for small edits."
    )
    review_due = models.DateField("next review due", null=True, blank=True)
    updated = models.DateTimeField(auto_now=True)

    objects = RecordQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["slug"]
        constraints = [
            *Record.Meta.constraints,
            check("review_after_last", Q(review_due__gt=F("last_reviewed"))),
            check(
                "published_complete",
                ~Q(status=v.Status.PUBLISHED)
                | Q(last_reviewed__isnull=False, review_due__isnull=False) & ~Q(description=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        dates: list[Any] = [self.last_reviewed, self.review_due]
        if all(dates) and dates[1] <= dates[0]:
            raise ValidationError({"review_due": REVIEW_ORDER})
        if problems := markdown.problems(self.body):
            raise ValidationError({"body": problems})
        try:
            shown = resolve(f"/{self.slug}/").view_name
        except Resolver404:  # the field itself refuses such a name
            return
        if (shown != "trials:page" and self.slug not in WITH_RECORDS) or f"/{self.slug}/" == settings.STATIC_URL:
            raise ValidationError(f"/{self.slug}/ is another part of the site. Choose another name for the page.")

    @property
    def title_in_menu(self) -> str:
        return self.menu_title or self.title

    @property
    def is_needed(self) -> bool:
        return self.slug in NEEDED_PAGES

    def get_absolute_url(self) -> str:
        if self.slug in WITH_RECORDS:
            return reverse(f"trials:{self.slug}")
        return reverse("trials:page", args=[self.slug])


class GlossaryTerm(Record):
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
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(Lower("term"), condition=Q(draft_of=None), name=NAME.format("term_unique")),
        ]

    def __str__(self) -> str:
        return self.term

    def clean(self) -> None:
        """Refuse a spelling of another term: the site could explain a word by one of the two only."""
        super().clean()
        others = GlossaryTerm.objects.originals().exclude(pk__in=[self.pk, self.draft_of_id])
        taken = [(word, other) for other in others for word in other.spellings]
        errors: dict[str, str] = {}
        for spelling in self.spellings:
            # A pattern compares as the pages do, to which i, ı and İ are one letter.
            same = re.compile(re.escape(spelling), re.IGNORECASE)
            if other := next((other for word, other in taken if same.fullmatch(word)), None):
                field = "term" if spelling == self.term else "other_spellings"
                errors[field] = f"“{spelling}” is explained by the glossary term “{other.term}” already."
        if errors:
            raise ValidationError(errors)

    def get_absolute_url(self) -> str:
        return f"{reverse('trials:glossary')}#{self.slug}"

    @property
    def spellings(self) -> list[str]:
        return [self.term, *(word.strip() for word in self.other_spellings.split(",") if word.strip())]
