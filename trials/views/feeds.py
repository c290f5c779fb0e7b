"""What changed lately, for a feed reader."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.timezone import localdate

from trials import vocabulary as v
from trials.presenters import changelog
from trials.presenters.changelog import Entry
from trials.models.record import CONTROL_CHARACTERS as CONTROL

MOST_ENTRIES = 50
MOST_LINES = 12  # of one entry; its page has the rest


class ChangesFeed(Feed):  # type: ignore[type-arg]
    """Absolute addresses under ARDSINFO_SITE_URL, whatever host was asked, so that no reader sees an entry twice."""

    feed_type = Atom1Feed
    author_name = "ARDSinfo"

    title = "ARDSinfo: what changed"
    subtitle = "Studies, pages and glossary terms that were published or changed lately."

    def link(self) -> str:
        return settings.SITE_URL + reverse("trials:changes")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("trials:changes-feed")

    def feed_guid(self) -> str:
        return self.link()

    def items(self) -> list[Entry]:
        return changelog.entries(changelog.lately()[:MOST_ENTRIES])

    def item_title(self, entry: Entry) -> str:
        return CONTROL.sub(" ", f"{entry.name}: {entry.what[:1].lower()}{entry.what[1:]}")

    def item_description(self, entry: Entry) -> str:
        """Plain sentences. An Atom summary is HTML to a reader, hence the escaping."""
        said = [line.in_one_line for line in entry.lines[:MOST_LINES]]
        if len(entry.lines) > MOST_LINES:
            said.append(f"{len(entry.lines) - MOST_LINES} more values changed.")
        if entry.is_change and not entry.lines:
            said.append("No value changed.")
        if not entry.is_change:
            said.append(f"{entry.kind}: {entry.what[:1].lower()}{entry.what[1:]}.")
        said += [f"Why: {reason}" for reason in entry.reasons]
        return escape(CONTROL.sub(" ", " ".join(said)))

    def item_link(self, entry: Entry) -> str:
        if entry.revision.kind == v.RecordKind.TRIAL:
            return settings.SITE_URL + reverse("trials:trial-history", args=[entry.record.slug])
        return settings.SITE_URL + entry.record.get_absolute_url()

    def item_guid(self, entry: Entry) -> str:
        """A tag (RFC 4151): host, day, and what will never change of the revision. No key, no number of drafts."""
        made = entry.revision.made_at
        host = urlsplit(settings.SITE_URL).hostname
        return f"tag:{host},{localdate(made)}:{entry.revision.kind}/{entry.revision.name}/{made:%H%M%S%f}"

    def item_pubdate(self, entry: Entry) -> datetime:
        return entry.revision.made_at

    def item_updateddate(self, entry: Entry) -> datetime:
        return entry.revision.made_at
