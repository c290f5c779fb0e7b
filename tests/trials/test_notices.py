"""A notice after publication, from the form to the list: a correction, an expression of concern, a retraction."""

import pytest
from django.test import Client

from tests.factories import notice, published_trial, submit
from tests.trials.admin.forms import address, client_of, new_row, opened
from tests.users import editor
from trials.models import Trial
from trials.workflow import steps
from trials.workflow.diff import changes
from trials.workflow.documents import document_of

pytestmark = pytest.mark.django_db

RETRACTION = notice(kind="retraction", date="2023-05-02", note="Two of the authors ask for it.")


def test_notice_is_a_band_on_the_page_of_the_study(client: Client) -> None:
    published_trial(notices=[RETRACTION])
    page = " ".join(client.get("/trials/smith-2021/").content.decode().split())
    assert "<strong>Retraction</strong>, 2 May 2023: Two of the authors ask for it." in page
    assert 'href="https://doi.org/10.1000/correction"' in page


@pytest.mark.parametrize("query", ["", "?view=table", "?notice=retraction", "?notice=correction&notice=retraction"])
def test_notice_is_marked_in_the_list(client: Client, query: str) -> None:
    published_trial(notices=[RETRACTION])
    published_trial(slug="brown-2022", authors="Brown, Ann")
    page = client.get(f"/trials/{query}").content.decode()
    assert page.count('<strong class="notice-mark">Retraction</strong>') == 1
    assert ("/trials/brown-2022/" in page) is ("notice" not in query)


def test_filter_of_notices_is_there_once_a_study_has_one(client: Client) -> None:
    trial = published_trial()
    assert "Notice after publication" not in client.get("/trials/").content.decode()
    assert "/trials/smith-2021/" not in client.get("/trials/?notice=concern").content.decode()
    draft = steps.start_draft(trial)
    steps.save(draft, document_of(draft) | {"notices": [notice(position=1)]}, by=editor(), base=1)
    submit(draft, reason="A correction was published.")
    assert Trial.objects.get(pk=trial.pk).notice_kinds == []


def test_notice_is_added_on_the_form_and_compared_in_words() -> None:
    trial = steps.start_draft(published_trial())
    client = client_of(editor())
    row = {"kind": "concern", "date": "2022-03", "address": "https://doi.org/10.1000/concern"}
    data = opened(client, trial)
    new_row(data, "notices", **row)
    client.post(address(trial), data, follow=True)
    draft = Trial.objects.get(pk=trial.pk)
    [added] = changes(Trial, document_of(draft.draft_of), document_of(draft))
    assert added.label == "Expression of concern of March 2022"
    assert added.after == (
        "Kind: Expression of concern; Date: March 2022; Where it can be read: https://doi.org/10.1000/concern"
    )


def test_notice_comes_back_with_an_earlier_revision() -> None:
    trial = published_trial(notices=[RETRACTION])
    draft = steps.start_draft(trial)
    steps.save(draft, document_of(draft) | {"notices": []}, by=editor(), base=1)
    assert document_of(Trial.objects.get(pk=draft.pk))["notices"] == []
    steps.restore(trial, 1, by=editor(), base=2)
    assert [str(row) for row in Trial.objects.get(pk=draft.pk).notices.all()] == ["Retraction, 2 May 2023"]
