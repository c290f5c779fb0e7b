"""The feeds: what changed, new studies, and what changed in one study."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials import vocabulary as v
from trials.models import Trial
from trials.models.record import CONTROL_CHARACTERS
from trials.presenters.changelog import PublishedChange, live_revisions, published_changes, recent_revisions
from trials.views.study import redirect_from_former_slug

MOST_ENTRIES = 50
MOST_SENTENCES = 12  # of one entry; the page it links to has the others
# Of the tags (RFC 4151) that name feeds and entries. It stays the same under another host: otherwise every reader of
# the feed would see all of its entries again.
AUTHORITY = "ardsinfo"
SINCE = "2026-11-22"


def address(name: str, trial: Trial | None) -> str:
    return settings.SITE_URL + reverse(f"trials:{name}", args=[trial.slug] if trial else [])


class ChangesFeed(Feed):  # type: ignore[type-arg]
    """An Atom feed. Its addresses are under ARDSINFO_SITE_URL, and its ids depend on no host at all."""

    feed_type = Atom1Feed
    author_name = "ARDSinfo"

    title: Any = "ARDSinfo: recent changes"
    subtitle = "Studies, other studies, reviews, pages and glossary terms recently published or changed."
    name = "changes"
    page = "changes"  # that shows the same

    def link(self, trial: Trial | None) -> str:
        return address(self.page, trial)

    def feed_url(self, trial: Trial | None) -> str:
        return address(f"{self.name}-feed", trial)

    def feed_guid(self, trial: Any) -> str:
        return f"tag:{AUTHORITY},{SINCE}:{self.name}"

    def items(self, trial: Any) -> list[PublishedChange]:
        return published_changes(recent_revisions()[:MOST_ENTRIES])

    def item_title(self, item: PublishedChange) -> str:
        return CONTROL_CHARACTERS.sub(" ", f"{item.name}: {self.about(item)}")

    def item_description(self, item: PublishedChange) -> str:
        """Return plain sentences, escaped since an Atom summary is HTML."""
        return escape(CONTROL_CHARACTERS.sub(" ", " ".join(filter(None, self.sentences(item)))))

    def about(self, item: PublishedChange) -> str:
        return item.event.lower()

    def sentences(self, item: PublishedChange) -> list[str]:
        found = [value.sentence for value in item.values[:MOST_SENTENCES]]
        if len(item.values) > MOST_SENTENCES:
            found.append(f"{len(item.values) - MOST_SENTENCES} more values changed.")
        event = "" if item.is_change else f"{item.kind}: {item.event.lower()}."
        return [*found, item.no_values, event, *(f"Why: {reason}" for reason in item.reasons)]

    def item_link(self, item: PublishedChange) -> str:
        if item.is_of_study:
            return address("trial-history", item.record)
        return settings.SITE_URL + item.record.get_absolute_url()

    def item_guid(self, item: PublishedChange) -> str:
        """Return a tag of the day and of what never changes of a revision. It shows no primary key."""
        made_at = item.revision.made_at
        return f"tag:{AUTHORITY},{localdate(made_at)}:{item.revision.kind}/{item.revision.name}/{made_at:%H%M%S%f}"

    def item_pubdate(self, item: PublishedChange) -> datetime:
        return item.revision.made_at

    item_updateddate = item_pubdate


class NewStudiesFeed(ChangesFeed):
    """The studies that were published here for the first time."""

    title = "ARDSinfo: new studies"
    subtitle = "Studies that were added to the list lately."
    name = "new-studies"
    page = "trial-list"

    def items(self, trial: Any) -> list[PublishedChange]:
        first = recent_revisions().filter(kind=v.RecordKind.TRIAL, earlier=None)
        return published_changes(first[:MOST_ENTRIES])

    def about(self, item: PublishedChange) -> str:
        return item.record.heading or item.record.title

    def sentences(self, item: PublishedChange) -> list[str]:
        trial = item.record
        return [f"{trial.title}.", f"{trial.get_design_display()}, {trial.people} people.", trial.plain_summary]

    def item_link(self, item: PublishedChange) -> str:
        return address("trial-detail", item.record)


class StudyFeed(ChangesFeed):
    """What changed in our entry of one study."""

    subtitle = "What changed in this entry, when and why."
    name = "trial"
    page = "trial-history"

    def get_object(self, request: HttpRequest, trial: Trial) -> Trial:
        return trial

    def title(self, trial: Trial) -> str:
        return f"ARDSinfo: what changed in {trial.short_name}"

    def feed_guid(self, trial: Trial) -> str:
        first = live_revisions(trial).last()
        return f"{super().feed_guid(trial)}/{first.name if first else trial.slug}"

    def items(self, trial: Trial) -> list[PublishedChange]:
        return published_changes(live_revisions(trial)[:MOST_ENTRIES], trial)


@cached_page()
@require_safe
def study_feed(request: HttpRequest, slug: str) -> HttpResponse:
    trial = Trial.objects.once_public().filter(slug=slug).first()
    if trial is None:
        return redirect_from_former_slug(slug, "trials:trial-feed")
    return StudyFeed()(request, trial=trial)
