"""The content version: a token that is renewed with every change that readers can see."""

import uuid

from trials.models import ContentVersion

TOKENS = ContentVersion.objects.values_list("token", flat=True)  # built once: it is read with every request


def content_version() -> str:
    """Return the token of the present content; "" before the first change."""
    return next(iter(TOKENS.all()), "")


def renew_content_version() -> None:
    """Store a new token, in the transaction of the change, so that no page cached before it is shown again."""
    ContentVersion.objects.update_or_create(id=1, defaults={"token": uuid.uuid4().hex})
