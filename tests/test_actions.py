"""Every step on the road of a record: who may take it, what it asks for, and that a step that fails leaves no trace."""

import copy
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ANN, BEN, EVA, ROOT, Person, make_complete_trial, make_page, make_term, make_trial
from trials import actions, history
from trials.actions import Conflict
from trials.models import Arm, Country, FormerSlug, GlossaryTerm, Page, Revision, Trial

pytestmark = pytest.mark.django_db

WHY = "The paper says so on page 3"
UNCHECKED = "Published by a superuser, without the check by a second person."


@pytest.fixture
def public() -> Trial:
    """A published study, as it came with the site."""
    trial = make_complete_trial(age="40 to 60")
    actions.loaded(trial)
    return trial


@pytest.fixture
def draft() -> Trial:
    """A study that Ann has just written; nothing is missing."""
    trial = make_complete_trial(slug="new-2026", status="draft", age="40 to 60")
    actions.created(trial, by=ANN, reason="Found by chance")
    return trial


def steps(record: Any) -> list[tuple[int, str, bool, str, str]]:
    return [(r.number, r.step, r.live, r.made_by, r.reason) for r in actions.revisions(record)]


def last(record: Any) -> int:
    return actions.newest_revision(record).number


def with_(record: Any, **fields: Any) -> Any:
    """What an editor sends: what they opened, with other values."""
    document = actions.working_document(record)
    document["fields"] |= fields
    return document


def edit(record: Any, by: Any = ANN, reason: str = WHY, **fields: Any) -> Revision:
    revision = actions.edit(record, with_(record, **fields), by=by, base=last(record), reason=reason)
    assert revision is not None
    return revision


def kept() -> Any:
    """Everything there is, to see that nothing changed."""
    records = [*Trial.objects.all(), *Page.objects.all()]
    return (
        [(r.status, history.snapshot(r)) for r in records],
        list(Revision.objects.values()),
        FormerSlug.objects.count(),
    )


# --- The road -------------------------------------------------------------------------------------------------


def test_new_study_goes_from_draft_to_published_by_two_people(draft: Trial) -> None:
    edit(draft, age="41", reason="")
    actions.submit(draft, by=ANN, reason="Please check the dose")
    assert Trial.objects.get().status == "in-review"
    assert list(Trial.objects.public()) == []
    actions.publish(draft, by=EVA)
    assert Trial.objects.public().get().age == "41"
    # The reasons were written for colleagues, and the first publication needs none.
    assert steps(draft) == [
        (1, "created", False, "ann", "Found by chance"),
        (2, "edited", False, "ann", ""),
        (3, "submitted", False, "ann", "Please check the dose"),
        (4, "published", True, "eva", ""),
    ]


def test_published_study_is_changed_as_a_draft_and_goes_live_as_one(public: Trial) -> None:
    edit(public, age="50", reason="A typing error")
    edit(public, by=BEN, sex="9 men", reason=WHY)
    seen = Trial.objects.public().get()
    assert (seen.age, seen.sex, seen.status) == ("40 to 60", "", "published")
    actions.submit(public, by=BEN)
    assert Trial.objects.public().get().age == "40 to 60"
    actions.publish(public, by=EVA)
    seen = Trial.objects.public().get()
    assert (seen.age, seen.sex) == ("50", "9 men")
    assert steps(public) == [
        (1, "loaded", True, "the site itself", ""),
        (2, "edited", False, "ann", "A typing error"),
        (3, "edited", False, "ben", WHY),
        (4, "submitted", False, "ben", ""),
        (5, "published", True, "eva", f"A typing error\n{WHY}"),
    ]
    assert actions.pending_revision(public) is None
    assert actions.revisions(public).last().data == history.snapshot(public)


@pytest.mark.parametrize(("make", "field"), [(make_page, "title"), (make_term, "meaning")], ids=["page", "term"])
def test_page_and_term_follow_the_same_road(make: Any, field: str) -> None:
    record = make(status="draft")
    actions.created(record, by=ANN)
    actions.submit(record, by=ANN)
    actions.publish(record, by=EVA)
    edit(record, **{field: "Changed"}, reason="Plainer")
    assert type(record).objects.public().get() == record
    assert getattr(type(record).objects.get(), field) != "Changed"
    actions.submit(record, by=ANN)
    with pytest.raises(PermissionDenied):
        actions.publish(record, by=Person("ann", is_reviewer=True))
    actions.publish(record, by=EVA)
    assert getattr(type(record).objects.public().get(), field) == "Changed"
    assert [step for _, step, *_ in steps(record)] == [
        "created",
        "submitted",
        "published",
        "edited",
        "submitted",
        "published",
    ]


def test_change_of_address_leaves_the_old_one_leading_to_it_once_it_is_live(public: Trial) -> None:
    edit(public, slug="smith-2022")
    assert FormerSlug.objects.count() == 0
    actions.submit(public, by=ANN)
    actions.publish(public, by=EVA)
    assert Trial.objects.public().get().slug == "smith-2022"
    assert [(former.slug, former.trial_id) for former in FormerSlug.objects.all()] == [("smith-2021", public.pk)]
    assert Revision.objects.order_by("number").last().name == "smith-2022"


def test_former_address_is_refused_to_every_other_study(public: Trial, draft: Trial) -> None:
    edit(public, slug="smith-2022")
    actions.publish(public, by=ROOT)
    said = ["“smith-2021” was the address of Smith 2021, and leads there for good."]
    new = history.snapshot(draft) | {"counts": [], "arms": [], "sources": []}
    new["fields"] |= {"slug": "smith-2021"}
    assert refused(lambda: actions.import_trial(new, by=ANN)) == said
    typed = Trial(slug="smith-2021", title="A", authors="B", publication_date="2020")
    assert refused(lambda: actions.save_trial(typed)) == said
    assert refused(lambda: edit(draft, slug="smith-2021")) == said
    actions.publish(draft, by=ROOT)
    assert refused(lambda: edit(draft, slug="smith-2021")) == said
    edit(public, slug="smith-2021")
    actions.publish(public, by=ROOT)
    assert list(FormerSlug.objects.values_list("slug", "trial_id")) == [("smith-2022", public.pk)]


def test_address_that_was_never_public_is_free_again(draft: Trial) -> None:
    before = draft.slug
    edit(draft, slug="smith-2022")
    assert FormerSlug.objects.count() == 0
    actions.save_trial(Trial(slug=before, title="A", authors="B", publication_date="2020"))
    assert sorted(Trial.objects.values_list("slug", flat=True)) == sorted([before, "smith-2022"])


def test_former_address_of_a_study_that_is_archived_is_refused_too(public: Trial) -> None:
    actions.archive(public, by=ROOT, reason="Retracted")
    edit(public, slug="smith-2022")
    assert refused(lambda: make_trial(slug="smith-2021")) == [
        "“smith-2021” was the address of Smith 2021, and leads there for good."
    ]


def test_what_is_worked_out_follows_what_goes_live(public: Trial) -> None:
    edit(public, authors="Öz, Ayşe", title="Cells and nothing else")
    assert "oz" not in Trial.objects.get().search_text
    actions.submit(public, by=ANN)
    actions.publish(public, by=EVA)
    trial = Trial.objects.get()
    assert trial.author_key == "oz"
    assert trial.search_text.startswith("cells and nothing else ayse oz")


# --- Who may ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        (BEN, "Publishing needs the reviewer's right."),
        (
            Person("ann", is_reviewer=True),
            "You wrote part of this change, so somebody else has to check and publish it.",
        ),
        (EVA, ""),
        (ROOT, ""),
        (Person("ann", is_superuser=True), ""),
    ],
    ids=["editor", "writer", "reviewer", "superuser", "writer who is superuser"],
)
def test_who_may_publish_a_change_that_ann_wrote_and_submitted(public: Trial, by: Person, refusal: str) -> None:
    edit(public, age="50")
    actions.submit(public, by=ANN)
    assert actions.why_not_publish(public, by) == refusal
    if not refusal:
        assert actions.publish(public, by=by).made_by == by.name
        return
    before = kept()
    with pytest.raises(PermissionDenied, match=refusal[:20]):
        actions.publish(public, by=by)
    assert kept() == before


def test_everyone_who_wrote_part_of_a_change_is_a_writer_and_who_only_submitted_is_not(public: Trial) -> None:
    edit(public, age="50", by=ANN)
    edit(public, age="51", by=BEN)
    actions.submit(public, by=EVA)
    assert actions.writers(public) == {"ann", "ben"}
    actions.publish(public, by=EVA)
    assert actions.writers(public) == set()


def test_who_restored_an_earlier_revision_is_a_writer(public: Trial) -> None:
    edit(public, age="50")
    actions.submit(public, by=ANN)
    actions.publish(public, by=EVA)
    actions.restore(public, 1, by=EVA, base=last(public), reason="It was right")
    actions.submit(public, by=ANN)
    with pytest.raises(PermissionDenied, match="You wrote part"):
        actions.publish(public, by=EVA)


def test_writer_of_a_draft_that_was_given_up_may_check_the_next(public: Trial) -> None:
    edit(public, age="50", by=EVA, reason="Not for the public")
    actions.withdraw(public, by=EVA)
    edit(public, age="51", by=ANN, reason="As printed")
    actions.submit(public, by=ANN)
    assert actions.publish(public, by=EVA).reason == "As printed"


def test_superuser_publishes_without_a_check_and_the_history_says_so(public: Trial) -> None:
    edit(public, age="50", by=ANN)
    assert actions.publish(public, by=ROOT).reason == f"{WHY}\n{UNCHECKED}"
    edit(public, age="51", by=ROOT, reason="Again")
    actions.submit(public, by=ANN)
    assert actions.publish(public, by=ROOT).reason == f"Again\n{UNCHECKED}"


def test_superuser_who_checks_what_another_wrote_and_submitted_is_a_second_person(public: Trial) -> None:
    edit(public, age="50", by=ANN)
    actions.submit(public, by=ANN)
    assert actions.publish(public, by=ROOT).reason == WHY


@pytest.mark.parametrize("by", [ANN, BEN], ids=["writer", "editor"])
def test_only_a_reviewer_sends_back_or_archives(public: Trial, by: Person) -> None:
    edit(public, age="50")
    actions.submit(public, by=ANN)
    before = kept()
    with pytest.raises(PermissionDenied, match=r"This needs the reviewer's right\."):
        actions.send_back(public, by=by, reason="No")
    with pytest.raises(PermissionDenied, match=r"This needs the reviewer's right\."):
        actions.archive(public, by=by, reason="No")
    assert kept() == before


def test_right_to_publish_pages_is_none_to_publish_studies(draft: Trial) -> None:
    class PageReviewer(Person):
        def has_perm(self, perm: str, obj: Any = None) -> bool:
            return perm == "trials.publish_page"

    actions.submit(draft, by=ANN)
    assert actions.why_not_publish(draft, PageReviewer("pat")) == "Publishing needs the reviewer's right."


# --- What a step asks for -------------------------------------------------------------------------------------


def refused(step: Any) -> list[str]:
    """The sentences with which a step is refused. Nothing must have changed."""
    before = kept()
    with pytest.raises(ValidationError) as refusal:
        step()
    assert kept() == before
    return list(refusal.value.messages)


def test_reason_is_asked_for_where_the_public_sees_the_record(public: Trial) -> None:
    document = with_(public, age="50")
    say_why = ["Say why: the public sees this record, and the reason stands in its history."]
    assert refused(lambda: actions.edit(public, document, by=ANN, base=1)) == say_why
    assert refused(lambda: actions.edit(public, document, by=ANN, base=1, reason=" \n")) == say_why
    actions.edit(public, document, by=ANN, base=1, reason="  Mended ")
    assert refused(lambda: actions.restore(public, 1, by=ANN, base=2, reason="")) == say_why
    assert Revision.objects.get(number=2).reason == "Mended"


def test_reason_is_asked_for_in_sending_back_and_archiving(public: Trial) -> None:
    assert refused(lambda: actions.archive(public, by=EVA, reason=" ")) == ["Say why it is taken off the public pages."]
    edit(public, age="50")
    actions.submit(public, by=ANN)
    assert refused(lambda: actions.send_back(public, by=EVA, reason="")) == [
        "Say what has to be done before it can be published."
    ]


def test_step_that_makes_no_sense_is_refused_with_the_reason(public: Trial, draft: Trial) -> None:
    assert refused(lambda: actions.submit(public, by=ANN)) == [
        "There is nothing to check: the public sees the newest revision."
    ]
    assert refused(lambda: actions.withdraw(public, by=ANN)) == ["There is no draft to withdraw."]
    assert refused(lambda: actions.withdraw(draft, by=ANN)) == ["There is no draft to withdraw."]
    assert refused(lambda: actions.send_back(draft, by=EVA, reason="No")) == ["It has not been submitted."]
    assert refused(lambda: actions.archive(draft, by=EVA, reason="No")) == [
        "Only what the public sees can be archived."
    ]
    assert actions.why_not_publish(public, ROOT) == "The public sees the newest revision already."
    assert actions.why_not_publish(draft, EVA) == "It has to be submitted for a check first."
    actions.submit(draft, by=ANN)
    assert refused(lambda: actions.submit(draft, by=BEN)) == ["ann has submitted it already."]


def test_edit_after_submission_has_to_be_submitted_again(public: Trial, draft: Trial) -> None:
    for record, name in ((public, "published"), (draft, "draft")):
        if record is public:
            edit(record, age="50")
        actions.submit(record, by=ANN)
        edit(record, age="51", by=BEN)
        assert type(record).objects.get(pk=record.pk).status == name
        with pytest.raises(PermissionDenied, match="It has to be submitted for a check first"):
            actions.publish(record, by=EVA)


def test_sent_back_draft_goes_on_from_where_it_was(public: Trial, draft: Trial) -> None:
    edit(public, age="50")
    for record, status in ((public, "published"), (draft, "draft")):
        actions.submit(record, by=ANN)
        actions.send_back(record, by=EVA, reason="Give the page")
        assert (record.status, actions.is_in_review(record)) == (status, False)
        assert actions.newest_revision(record).reason == "Give the page"
    assert actions.working_document(public)["fields"]["age"] == "50"
    actions.submit(public, by=ANN)
    actions.publish(public, by=EVA)
    assert Revision.objects.filter(live=True, record_id=public.pk).order_by("number").last().reason == WHY


def test_withdrawn_draft_is_gone_and_stays_in_the_history(public: Trial) -> None:
    edit(public, age="50")
    actions.withdraw(public, by=BEN, reason="No good")
    assert actions.pending_revision(public) is None
    assert actions.working_document(public)["fields"]["age"] == "40 to 60"
    with pytest.raises(PermissionDenied, match="already"):
        actions.publish(public, by=EVA)
    assert [(r.step, r.data["fields"]["age"]) for r in actions.revisions(public)] == [
        ("loaded", "40 to 60"),
        ("edited", "50"),
        ("withdrawn", "40 to 60"),
    ]


def test_archived_study_is_off_the_public_pages_and_can_come_back(public: Trial) -> None:
    edit(public, age="50")
    actions.archive(public, by=EVA, reason="Retracted by the journal")
    assert list(Trial.objects.public()) == []
    assert actions.working_document(public)["fields"]["age"] == "40 to 60"
    actions.submit(public, by=ANN)
    actions.publish(public, by=EVA)
    assert Trial.objects.public().get().age == "40 to 60"
    assert [(number, step, live) for number, step, live, *_ in steps(public)] == [
        (1, "loaded", True),
        (2, "edited", False),
        (3, "archived", True),
        (4, "submitted", False),
        (5, "published", True),
    ]


def test_published_study_is_not_deleted_and_a_draft_is(public: Trial, draft: Trial) -> None:
    message = (
        "Smith 2021 is published, so its address may be cited: it cannot be deleted. Archive it instead, which takes "
        "it off the public pages."
    )
    assert refused(lambda: actions.delete_record(public)) == [message]
    key = draft.pk
    actions.delete_record(draft)
    assert [r.step for r in Revision.objects.of("trial", key)] == ["created"]


def test_draft_that_was_published_since_it_was_looked_at_is_not_deleted(draft: Trial) -> None:
    looked_at = Trial.objects.get()
    actions.submit(draft, by=ANN)
    actions.publish(draft, by=EVA)
    assert refused(lambda: actions.delete_record(looked_at))[0].startswith("Smith 2021 is published")
    assert Trial.objects.public().count() == 1


def test_saving_without_a_change_makes_no_revision(public: Trial, draft: Trial) -> None:
    for record in (public, draft):
        updated = Trial.objects.get(pk=record.pk).updated
        same = with_(record)
        assert actions.edit(record, same, by=ANN, base=1) is None
        # The same, as a form may send it: an identifier as "", rows in another order.
        alike = with_(record, doi="")
        alike["sources"].reverse()
        assert actions.edit(record, alike, by=ANN, base=1, reason=WHY) is None
        assert [number for number, *_ in steps(record)] == [1]
        assert Trial.objects.get(pk=record.pk).updated == updated


def test_draft_keeps_what_the_tables_would_hold(public: Trial) -> None:
    sent = with_(public, doi="", who_masked=["participant"])
    sent["arms"].reverse()
    revision = actions.edit(public, sent, by=ANN, base=1, reason=WHY)
    assert revision is not None
    assert revision.data["fields"]["doi"] is None
    assert [arm["position"] for arm in revision.data["arms"]] == [1, 2]
    assert [c.path for c in history.changes(Trial, history.snapshot(public), revision.data)] == ["fields.who_masked"]


# --- What is missing ------------------------------------------------------------------------------------------


def test_nothing_is_missing_from_the_eight_studies(eight_studies: None) -> None:
    assert {trial.slug: actions.what_is_missing(trial) for trial in Trial.objects.all()} == {
        "adas-2021": [],
        "dilogo-2021": [],
        "hashemian-2021": [],
        "kaffash-farkhad-2022": [],
        "lanzoni-2021": [],
        "monsel-2022": [],
        "rebelatto-2022": [],
        "yip-2020": [],
    }


def test_every_value_that_is_missing_is_named(draft: Trial) -> None:
    document = with_(draft, journal="", plain_summary="", last_reviewed=None, review_due=None, donor="allogeneic")
    document["countries"] = []
    document["sources"] = [s for s in document["sources"] if s["value"] not in ("design", "arm-2", "count-1")]
    document["registrations"] = [
        {
            "id": str(uuid.uuid4()),
            "position": 1,
            "registry": "irct",
            "identifier": "IRCT20200217046526N1",
            "masking": "open",
        }
    ]
    actions.edit(draft, document, by=ANN, base=1)
    sentences = [
        "The journal is missing.",
        "The plain-language summary is missing.",
        "The date of the last review is missing.",
        "The date of the next review is missing.",
        "The country is missing.",
        "“Donor” (donor) has no source.",
        "“Design” (design) has no source.",
        "Group “Placebo” has no source.",
        "The count “Death: 3 of 10” (Cells, by day 28) has no source.",
        "Registration IRCT20200217046526N1 has no source.",
    ]
    assert actions.what_is_missing(draft) == sentences
    actions.submit(draft, by=ANN)
    assert refused(lambda: actions.publish(draft, by=EVA)) == sentences


def test_study_without_a_group_given_cells_is_not_published(draft: Trial) -> None:
    document = with_(draft)
    for arm in document["arms"]:
        arm["role"], arm["cell_source"] = "other", ""
    actions.edit(draft, document, by=ANN, base=1)
    assert actions.what_is_missing(draft) == ["There is no group that was given cells."]


def test_what_is_missing_from_a_draft_of_a_published_study_is_asked_of_the_draft(public: Trial) -> None:
    assert actions.what_is_missing(public) == []
    edit(public, plain_summary="")
    assert actions.what_is_missing(public) == ["The plain-language summary is missing."]
    assert public.plain_summary == Trial.objects.get().plain_summary == "20 people took part."
    assert refused(lambda: actions.publish(public, by=ROOT)) == ["The plain-language summary is missing."]


# --- What is wrong --------------------------------------------------------------------------------------------


def spoiled(change: Any, **fields: Any) -> Any:
    def make(record: Trial) -> Any:
        document = with_(record, **fields)
        change(document)
        return document

    return make


BLANK = {"id": str(uuid.uuid4()), "reason": "not-reported", "note": ""}
WRONG = {
    "field": (
        spoiled(lambda d: None, publication_date="soon"),
        ["“soon” is not a date. Write 2021, 2021-06 or 2021-06-08."],
    ),
    "taken": (spoiled(lambda d: None, doi="10.1000/taken"), ["Study with this DOI already exists."]),
    "taken address": (spoiled(lambda d: None, slug="other-2020"), ["Study with this Address already exists."]),
    "rule": (spoiled(lambda d: None, dose="1"), ["A dose needs its unit, and a unit its dose."]),
    "value of a row": (
        spoiled(lambda d: d["arms"][1].update(role="control")),
        ["Group 2 “Placebo”, role: Value 'control' is not a valid choice."],
    ),
    "rule of a row": (
        spoiled(lambda d: d["counts"][0].update(events=11)),
        [
            "Count 1: Death, Cells: There cannot be more people with the event than people in all.",
        ],
    ),
    "two rows in one place": (
        spoiled(lambda d: d["arms"][1].update(position=1)),
        ["Group 1 “Placebo”: Group with this Trial and Position already exists."],
    ),
    "two main counts": (
        spoiled(lambda d: d["counts"][1].update(arm=d["arms"][0]["id"])),
        ["Count 2: Death, Cells: This group has a main count of this outcome already."],
    ),
    "source of no row": (
        spoiled(lambda d: d["sources"][0].update(value="arm-7")),
        ["Source 1 is a source of “arm-7”, and there is no such row."],
    ),
    "reason for a value of a row that is there": (
        spoiled(lambda d: d["blanks"].append(BLANK | {"value": "arm-1.analysed"})),
        ["The reason for the blank “arm-1.analysed”: arm-1.analysed is not empty: it holds “10”."],
    ),
    "reason for countries that are there": (
        spoiled(lambda d: d["blanks"].append(BLANK | {"value": "countries"})),
        ["The reason for the blank “countries”: countries is not empty: it holds “Country ID”."],
    ),
    "reason for a tissue that is there": (
        spoiled(lambda d: d["blanks"].append(BLANK | {"value": "cell_source"})),
        ["The reason for the blank “cell_source”: cell_source is not empty: it holds “Umbilical cord”."],
    ),
    "group gone": (
        spoiled(lambda d: d["arms"].pop(0)),
        ["Count 1 belongs to a group that is not there any more."],
    ),
    "country gone": (spoiled(lambda d: d["countries"].append("ZZ")), ["There is no country ZZ any more."]),
}


@pytest.mark.parametrize("which", ["public", "draft"])
@pytest.mark.parametrize(("make", "sentences"), WRONG.values(), ids=WRONG)
def test_wrong_document_is_refused_in_words_and_leaves_no_trace(
    request: pytest.FixtureRequest, which: str, make: Any, sentences: list[str]
) -> None:
    make_trial(slug="other-2020", doi="10.1000/taken")
    record = request.getfixturevalue(which)
    document = make(record)
    assert refused(lambda: actions.edit(record, document, by=ANN, base=1, reason=WHY)) == sentences


def test_new_study_that_does_not_fit_is_refused_with_the_row_that_does_not(public: Trial) -> None:
    document = history.snapshot(public)
    document["fields"]["slug"] = "new-2026"
    for kind in history.ROWS:
        for row in document[kind]:
            row["id"] = str(uuid.uuid4())
    document["counts"] = []
    document["arms"][1]["position"] = 1
    assert refused(lambda: actions.import_trial(document, by=ANN)) == [
        "Group 1 “Placebo”: Group with this Trial and Position already exists."
    ]


def test_value_that_goes_makes_room_for_the_reason_of_its_blank(draft: Trial) -> None:
    document = with_(draft)
    document["countries"] = []
    document["arms"][0] |= {"analysed": None, "cell_source": ""}
    document["blanks"] = [
        BLANK | {"id": str(uuid.uuid4()), "value": value} for value in ("arm-1.analysed", "cell_source", "countries")
    ]
    actions.edit(draft, document, by=ANN, base=1)
    assert draft.blanks.count() == 3


def test_draft_that_no_longer_fits_is_not_published_and_says_why(public: Trial) -> None:
    edit(public, doi="10.1000/wanted")
    make_trial(slug="other-2020", doi="10.1000/wanted")
    assert refused(lambda: actions.publish(public, by=ROOT)) == [
        "It does not fit what is there now: two of its rows are in each other's way, or another record has the same "
        "address or identifier."
    ]


def test_country_of_a_draft_that_was_deleted_meanwhile_is_not_dropped_in_silence(public: Trial) -> None:
    Country.objects.create(code="TR", name="Türkiye")
    document = with_(public)
    document["countries"].append("TR")
    actions.edit(public, document, by=ANN, base=1, reason=WHY)
    actions.delete_country(Country.objects.get(code="TR"))
    assert refused(lambda: actions.publish(public, by=ROOT)) == ["There is no country TR any more."]


@pytest.mark.parametrize("where", ["complete_trial", "_set_status", "_add"])
def test_publishing_that_fails_half_way_leaves_no_trace(public: Trial, monkeypatch: Any, where: str) -> None:
    edit(public, age="50", slug="smith-2022")
    actions.submit(public, by=ANN)
    before = kept()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(actions, where, fail)
    with pytest.raises(ZeroDivisionError):
        actions.publish(public, by=EVA)
    monkeypatch.undo()
    assert kept() == before
    assert actions.publish(Trial.objects.get(), by=EVA).number == 4


# --- Two people at once ---------------------------------------------------------------------------------------


def test_second_of_two_who_opened_the_same_revision_is_told_and_nothing_is_saved(public: Trial, draft: Trial) -> None:
    for record in (public, draft):
        mine = with_(record, sex="9 men")
        edit(record, by=BEN, age="50")
        before = kept()
        with pytest.raises(Conflict) as conflict:
            actions.edit(record, mine, by=ANN, base=1, reason=WHY)
        assert kept() == before
        assert str(conflict.value) == "ben saved revision 2 meanwhile."
        assert (conflict.value.base.number, conflict.value.newest.number) == (1, 2)
        assert conflict.value.mine == mine
        # What she needs to choose field by field.
        theirs = history.changes(Trial, conflict.value.base.data, conflict.value.newest.data)
        assert [(c.path, c.after) for c in theirs] == [("fields.age", "50")]
        for change in theirs:
            history.take(mine, conflict.value.newest.data, change.path)
        revision = actions.edit(record, mine, by=ANN, base=2, reason=WHY)
        assert revision is not None
        assert (revision.data["fields"]["age"], revision.data["fields"]["sex"]) == ("50", "9 men")


def test_conflict_in_the_rows_is_one_too(public: Trial) -> None:
    mine, theirs = with_(public), with_(public)
    mine["arms"][0]["note"], theirs["arms"][1]["note"] = "Mine", "Theirs"
    actions.edit(public, theirs, by=BEN, base=1, reason=WHY)
    with pytest.raises(Conflict):
        actions.edit(public, mine, by=ANN, base=1, reason=WHY)
    assert Arm.objects.filter(note="").count() == 2


STEPS = {
    "submit": lambda record, base: actions.submit(record, by=BEN, base=base),
    "publish": lambda record, base: actions.publish(record, by=EVA, base=base),
    "send back": lambda record, base: actions.send_back(record, by=EVA, reason="No", base=base),
    "withdraw": lambda record, base: actions.withdraw(record, by=BEN, base=base),
    "archive": lambda record, base: actions.archive(record, by=EVA, reason="No", base=base),
    "restore": lambda record, base: actions.restore(record, 1, by=BEN, base=base, reason="No"),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_nobody_takes_a_step_with_what_they_have_not_seen(public: Trial, step: Any) -> None:
    edit(public, age="50")
    actions.submit(public, by=ANN)
    edit(public, age="SLIPPED IN")
    actions.submit(public, by=ANN)
    before = kept()
    with pytest.raises(Conflict) as conflict:
        step(public, 3)
    assert kept() == before
    assert conflict.value.newest.data["fields"]["age"] == "SLIPPED IN"


def test_reviewer_publishes_what_they_looked_at(public: Trial) -> None:
    edit(public, age="50")
    actions.submit(public, by=ANN)
    assert actions.publish(public, by=EVA, base=3).number == 4


# --- Restore --------------------------------------------------------------------------------------------------


def test_restored_revision_is_a_new_one_on_the_same_road(public: Trial) -> None:
    document = with_(public, age="50")
    del document["counts"][1], document["arms"][1]
    document["sources"] = [s for s in document["sources"] if s["value"] not in ("arm-2", "count-2")]
    document["fields"] |= {"control": "none", "design": "single-arm", "masking": "open"}
    actions.edit(public, document, by=ANN, base=1, reason=WHY)
    actions.submit(public, by=ANN)
    actions.publish(public, by=EVA)
    first = Revision.objects.get(number=1)
    restored = actions.restore(public, 1, by=ANN, base=4, reason="It was right at first")
    assert restored is not None
    assert (restored.number, restored.step, restored.live, restored.data) == (5, "restored", False, first.data)
    assert Trial.objects.get().arms.count() == 1
    actions.submit(public, by=ANN)
    actions.publish(public, by=EVA)
    assert history.snapshot(Trial.objects.get()) == first.data
    assert Revision.objects.order_by("number").last().reason == "It was right at first"
    assert Revision.objects.get(number=1).data == first.data


def test_restoring_what_is_there_changes_nothing(public: Trial) -> None:
    assert actions.restore(public, 1, by=ANN, base=1, reason="Sure is sure") is None
    assert len(steps(public)) == 1


def test_restoring_a_revision_that_is_older_than_a_field_keeps_the_field(draft: Trial) -> None:
    old = history.snapshot(draft)
    del old["fields"]["sex"]
    edit(draft, age="50", sex="9 men")
    Revision(kind="trial", record_id=draft.pk, name="x", number=3, step="edited", made_by="ann", data=old).save()
    revision = actions.restore(draft, 3, by=ANN, base=3, reason="")
    assert revision is not None
    assert (revision.data["fields"]["age"], revision.data["fields"]["sex"]) == ("40 to 60", "9 men")


def test_revision_that_is_not_there_is_not_restored(public: Trial) -> None:
    with pytest.raises(Revision.DoesNotExist):
        actions.restore(public, 9, by=ANN, base=1, reason=WHY)


# --- A database that came without a history -------------------------------------------------------------------


def test_first_step_of_a_record_without_a_history_saves_what_was_there() -> None:
    trial = make_complete_trial(age="40")
    page = make_page(status="draft")
    was = history.snapshot(trial)
    # Looking writes nothing.
    assert (actions.newest_revision(trial).number, actions.pending_revision(trial)) == (1, None)
    assert actions.working_document(trial) == was
    assert (actions.is_in_review(trial), actions.writers(trial), Revision.objects.count()) == (False, set(), 0)
    actions.edit(trial, with_(trial, age="50"), by=ANN, base=1, reason=WHY)
    actions.submit(page, by=ANN)
    assert steps(trial) == [(1, "loaded", True, "the site itself", ""), (2, "edited", False, "ann", WHY)]
    assert actions.revisions(trial).first().data == was
    assert steps(page) == [(1, "loaded", False, "the site itself", ""), (2, "submitted", False, "ann", "")]


def test_first_step_that_fails_begins_no_history() -> None:
    trial = make_complete_trial()
    assert refused(lambda: actions.archive(trial, by=EVA, reason=""))
    assert Revision.objects.count() == 0


# --- What it costs --------------------------------------------------------------------------------------------


def queries_of(step: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        step()
    return len(queries)


def test_number_of_queries_does_not_grow_with_the_rows(public: Trial) -> None:
    few = queries_of(lambda: edit(public, age="50"))
    document = with_(public)
    for number in range(100):
        document["sources"].append(document["sources"][0] | {"id": str(uuid.uuid4()), "position": 100 + number})
    actions.edit(public, document, by=ANN, base=last(public), reason=WHY)
    many = queries_of(lambda: edit(public, age="51"))
    assert many - few < 20  # SQLite takes and deletes them in batches
    assert queries_of(lambda: actions.publish(public, by=ROOT)) < 170


def test_writers_are_found_without_reading_the_snapshots(public: Trial) -> None:
    edit(public, age="50")
    with CaptureQueriesContext(connection) as queries:
        assert actions.writers(public) == {"ann"}
    assert len(queries) == 1
    assert '"data"' not in queries[0]["sql"]


def test_terms_and_pages_have_a_history_each_of_their_own() -> None:
    page, term = make_page(), make_term()
    actions.loaded(page)
    actions.loaded(term)
    edit(term, meaning="Nothing at all.")
    assert [step for _, step, *_ in steps(page)] == ["loaded"]
    assert GlossaryTerm.objects.get().meaning == "A treatment that does nothing."
    assert copy.deepcopy(actions.pending_revision(term)).data["fields"]["meaning"] == "Nothing at all."
