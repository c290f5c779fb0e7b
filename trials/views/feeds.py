"""The feed of recent changes."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.timezone import localdate

from trials.models.record import CONTROL_CHARACTERS
from trials.presenters.changelog import PublishedChange, published_changes, recent_revisions

MOST_ENTRIES = 50
MOST_SENTENCES = 12  # of one entry; the page it links to has the others


class ChangesFeed(Feed):  # type: ignore[type-arg]
    """An Atom feed. Its addresses do not depend on the host of the request, so no reader sees one entry twice."""

    feed_type = Atom1Feed
    author_name = "ARDSinfo"

    title = "ARDSinfo: recent changes"
    subtitle = "Studies, published reviews, pages and glossary terms recently published or changed."

    def link(self) -> str:
        return settings.SITE_URL + reverse("trials:changes")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("trials:changes-feed")

    def items(self) -> list[PublishedChange]:
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
        """Return a tag (RFC 4151) of host, day, and what never changes of a revision. It shows no primary key."""
        made_at = item.revision.made_at
        host = urlsplit(settings.SITE_URL).hostname
        return f"tag:{host},{localdate(made_at)}:{item.revision.kind}/{item.revision.name}/{made_at:%H%M%S%f}"

    def item_pubdate(self, item: PublishedChange) -> datetime:
        return item.revision.made_at

    item_updateddate = item_pubdate
