"""Small filters and tags for templates. None runs a query and none decides anything."""

import re
from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django_guid import get_guid

from trials.presenters.facts import Entry, unique
from trials.presenters.prose import Explainer

register = template.Library()


@register.filter
def explained(text: str, explainer: Explainer) -> SafeString:
    """Plain text with each hard word explained where it first stands on the page."""
    return explainer.text(str(text))


@register.filter
def explained_html(html: SafeString, explainer: Explainer) -> SafeString:
    """The same for HTML that is safe already."""
    return explainer.html(html)


@register.filter
def unbroken(title: str) -> SafeString:
    """A title in which a line never ends within a name such as COVID-19."""
    return mark_safe(  # noqa: S308 - escaped before the spans go in
        re.sub(r"\w+-\d+\b", lambda match: f'<span class="unbroken">{match.group()}</span>', escape(title))
    )


@register.simple_tag
def request_id() -> str:
    """Return the id under which the log has this request; "" outside a request."""
    return get_guid() or ""


@register.simple_tag
def sources(entries: Iterable[Entry]) -> SafeString:
    """The readings behind one value, as small numbers that lead to the list of sources."""
    numbers = format_html_join(
        "",
        '<sup class="src"><a href="#{}" aria-label="Source {} for {}">{}</a></sup>',
        ((entry.anchor, entry.number, entry.value_label, entry.number) for entry in unique(entries)),
    )
    return format_html(" {} ", numbers)  # apart from the words before and after


@register.simple_tag
def design(mark: str, label: str) -> SafeString:
    """The words of a design with the shape that goes with them. The shape never stands alone."""
    return _design(mark, str(label))


@lru_cache(maxsize=16)
def _design(mark: str, label: str) -> SafeString:
    return render_to_string("partials/design.html", {"mark": mark, "label": label})
