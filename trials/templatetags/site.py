"""Small filters for templates. None runs a query and none decides anything."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ardsinfo import request_id as numbers
from trials.prose import Explainer

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
    """The number under which this request is in the log."""
    return numbers.current()
