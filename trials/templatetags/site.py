"""Filters and tags for templates. None runs a query."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_guid import get_guid

from trials.presenters.facts import Entry, one_of_each_source
from trials.presenters.prose import Explainer

register = template.Library()


@register.filter
def explained(text: str, explainer: Explainer) -> SafeString:
    """Return plain text with each glossary term explained where the page first mentions it."""
    return explainer.text(str(text))


@register.filter
def explained_html(html: SafeString, explainer: Explainer) -> SafeString:
    """Return safe HTML with each glossary term explained where the page first mentions it."""
    return explainer.html(html)


@register.simple_tag
def request_id() -> str:
    """Return the id under which the log has this request; "" outside a request."""
    return get_guid() or ""


@register.simple_tag
def sources(entries: Iterable[Entry]) -> SafeString:
    """Return the sources of a value as small numbers that lead to the list of sources."""
    numbers = format_html_join(
        "",
        '<sup class="source-number"><a href="#source-{}" aria-label="Source {} for {}">{}</a></sup>',
        ((entry.citation.key, entry.number, entry.value_label, entry.number) for entry in one_of_each_source(entries)),
    )
    return format_html(" {} ", numbers)  # with a space to the words before and after


@register.inclusion_tag("partials/design.html")
def design(mark: str, label: str) -> dict[str, str]:
    """Show the words of a design with its shape. The shape is never shown without the words."""
    return {"mark": mark, "label": label}
