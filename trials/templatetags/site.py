"""Filters and tags for templates. The only query is that for the glossary, where a page first explains a text."""

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeData, SafeString, mark_safe
from django_guid import get_guid

from trials.presenters.facts import Entry, by_source
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


@register.filter
def lines(text: str) -> list[str]:
    """Return the lines of a text that are not empty."""
    return [line for line in text.splitlines() if line.strip()]


@register.filter(is_safe=True)
def one_line(text: str) -> str:
    """Return a text with single spaces between its words."""
    return " ".join(text.split())


@register.simple_tag
def request_id() -> str:
    """Return the id under which the log has this request; "" outside a request."""
    return get_guid() or ""


@register.inclusion_tag("trials/_sources_of_value.html")
def sources(entries: Iterable[Entry], anchor: str, label: str) -> dict[str, Any]:
    """Show the numbers of a value's sources as one control that opens them in place.

    `anchor` is the id of the place on the page, which may have one such control; `label` names the value.
    """
    documents = by_source(entries)
    numbers = ", ".join(str(document.number) for document in documents)
    return {
        "documents": documents,
        "numbers": numbers,
        "id": f"sources-{anchor}",
        "label": f"Source{'s' if len(documents) > 1 else ''} {numbers} for {label}",
        "several": len({entry.value_label for document in documents for entry in document.entries}) > 1,
    }


# Words that a line must not break between: phase 1, 12 people, 2 of 12, 1 × 10⁶, p = 0.02.
_UNBROKEN = re.compile(
    r"\b(phase|days?|group|table|of|p|n) (?=[\d=<>≤≥])|(?<=[\d=<>≤≥×±]) (?=[\d×±%]|(?:people|person|mg|mL|kg)\b|of \d)",
    re.IGNORECASE,
)


@register.filter
def unbroken(text: str) -> str:
    """Return a text or safe HTML with no-break spaces between a number and the word that it belongs to."""
    words = _UNBROKEN.sub(lambda match: f"{match[1] or ''}\N{NO-BREAK SPACE}", text)
    return mark_safe(words) if isinstance(text, SafeData) else words  # noqa: S308 - only spaces were changed


@register.filter
def own_heading(text: str) -> str:
    """Return a heading of our own so that a line breaks neither as in `unbroken` nor after the hyphen of COVID-19.

    A word joiner does that. A search within the page still finds the word, as it would not with another hyphen.
    """
    return re.sub(r"(?<=\w)-(?=\d)", "-\N{WORD JOINER}", unbroken(text))


@register.inclusion_tag("partials/design.html")
def design(mark: str, label: str) -> dict[str, str]:
    """Show the words of a design with its shape. The shape is never shown without the words."""
    return {"mark": mark, "label": label}
