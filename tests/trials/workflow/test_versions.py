"""Every write of content renews the content version."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.factories import draft_trial, published_page, published_term, published_trial
from tests.users import editor, reviewer
from trials.models import ContentVersion, Trial
from trials.workflow import steps
from trials.workflow.versions import content_version, content_write, write_nothing

pytestmark = pytest.mark.django_db


def test_there_is_no_version_before_the_first_write() -> None:
    assert content_version() == ""


@pytest.mark.parametrize(
    "write",
    [
        published_page,
        published_term,
        lambda: draft_trial(slug="brown-2020"),
        lambda: steps.start_draft(Trial.objects.get()),
        lambda: steps.archive(Trial.objects.get(), by=reviewer(), base=1, reason="It was retracted."),
        lambda: steps.discard(draft_trial(slug="brown-2020"), by=editor(), base=1),
    ],
    ids=["page", "term", "draft", "start a draft", "archive", "discard"],
)
def test_each_write_renews_the_version(write: Any) -> None:
    published_trial()
    before = content_version()
    write()
    assert content_version() not in ("", before)


def test_opening_the_draft_that_is_there_keeps_the_version() -> None:
    trial = published_trial()
    steps.start_draft(trial)
    before = content_version()
    steps.start_draft(trial)
    assert content_version() == before


def test_failed_write_keeps_the_version() -> None:
    trial = published_trial()
    before = content_version()
    with pytest.raises(steps.Conflict):
        steps.archive(trial, by=reviewer(), base=0, reason="It was retracted.")
    assert content_version() == before
    assert ContentVersion.objects.count() == 1


def test_write_nothing_undoes_the_innermost_write_alone() -> None:
    @content_write
    def inner() -> None:
        editor("ann")
        write_nothing()

    @content_write
    def outer() -> str:
        before = content_version()
        inner()
        editor("ben")
        return before

    assert outer() == content_version()
    assert [user.username for user in User.objects.all()] == ["ben"]
