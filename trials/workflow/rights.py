"""Who may edit and publish: the groups have the same rights to every kind of record, so those to studies count."""

from typing import Any

PUBLISH = "trials.publish_trial"


def may_edit(person: Any) -> bool:
    """Return whether this person may add and change records."""
    return bool(person.has_perm("trials.change_trial"))


def may_publish(person: Any) -> bool:
    """Return whether this person may check what others wrote, publish it, and take it off the public pages."""
    return bool(person.has_perm(PUBLISH))
