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


class ChangesFeed(Feed):  # type: ignore[type-arg]
    """An Atom feed. Its addresses are under ARDSINFO_SITE_URL, and its ids depend on no host at all."""

    feed_type = Atom1Feed
    author_name = "ARDSinfo"

    title: Any = "ARDSinfo: recent changes"
    subtitle: Any = "Studies, published reviews, pages and glossary terms recently published or changed."

    def link(self, trial: Trial | None) -> str:
        return settings.SITE_URL + reverse("trials:changes")

    def feed_url(self, trial: Trial | None) -> str:
        return settings.SITE_URL + reverse("trials:changes-feed")

    def feed_guid(self, trial: Trial | None) -> str:
        return f"tag:{AUTHORITY},{SINCE}:changes"

    def items(self, trial: Trial | None) -> list[PublishedChange]:
        return published_changes(recent_revisions()[:MOST_ENTRIES])

    def item_title(self, item: PublishedChange) -> str:
        return CONTROL_CHARACTERS.sub(" ", f"{item.name}: {item.event.lower()}")

    def item_description(self, item: PublishedChange) -> str:
        """Return plain sentences, escaped since an Atom summary is HTML."""
        sentences = [value.sentence for value in item.values[:MOST_SENTENCES]]
        if len(item.values) > MOST_SENTENCES:
            sentences.append(f"{len(item.values) - MOST_SENTENCES} more values changed.")
        if item.no_values:
            sentences.append(item.no_values)
        if not item.is_change:
            sentences.append(f"{item.kind}: {item.event.lower()}.")
        sentences += [f"Why: {reason}" for reason in item.reasons]
        return escape(CONTROL_CHARACTERS.sub(" ", " ".join(sentences)))

    def item_link(self, item: PublishedChange) -> str:
        if item.is_of_study:
            return settings.SITE_URL + reverse("trials:trial-history", args=[item.record.slug])
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

    def link(self, trial: Trial | None) -> str:
        return settings.SITE_URL + reverse("trials:trial-list")

    def feed_url(self, trial: Trial | None) -> str:
        return settings.SITE_URL + reverse("trials:new-studies-feed")

    def feed_guid(self, trial: Trial | None) -> str:
        return f"tag:{AUTHORITY},{SINCE}:new-studies"

    def items(self, trial: Trial | None) -> list[PublishedChange]:
        first = recent_revisions().filter(kind=v.RecordKind.TRIAL, earlier=None)
        return published_changes(first[:MOST_ENTRIES])

    def item_title(self, item: PublishedChange) -> str:
        return CONTROL_CHARACTERS.sub(" ", f"{item.name}: {item.record.heading or item.record.title}")

    def item_description(self, item: PublishedChange) -> str:
        trial = item.record
        sentences = (f"{trial.title}.", f"{trial.get_design_display()}, {trial.people} people.", trial.plain_summary)
        return escape(CONTROL_CHARACTERS.sub(" ", " ".join(filter(None, sentences))))

    def item_link(self, item: PublishedChange) -> str:
        return settings.SITE_URL + str(item.record.get_absolute_url())


class StudyFeed(ChangesFeed):
    """What changed in our entry of one study."""

    subtitle = "What changed in this entry, when and why."

    def get_object(self, request: HttpRequest, trial: Trial) -> Trial:
        return trial

    def title(self, trial: Trial) -> str:
        return f"ARDSinfo: what changed in {trial.short_name}"

    def link(self, trial: Any) -> str:
        return settings.SITE_URL + reverse("trials:trial-history", args=[trial.slug])

    def feed_url(self, trial: Any) -> str:
        return settings.SITE_URL + reverse("trials:trial-feed", args=[trial.slug])

    def feed_guid(self, trial: Any) -> str:
        first = live_revisions(trial).last()
        return f"tag:{AUTHORITY},{SINCE}:trial/{first.name if first else trial.slug}"

    def items(self, trial: Any) -> list[PublishedChange]:
        return published_changes(live_revisions(trial)[:MOST_ENTRIES], trial)


@cached_page()
@require_safe
def study_feed(request: HttpRequest, slug: str) -> HttpResponse:
    trial = Trial.objects.public().filter(slug=slug).first()
    if trial is None:
        return redirect_from_former_slug(slug, "trials:trial-feed")
    return StudyFeed()(request, trial=trial)
