"""The database itself refuses wrong values, whichever way they are written."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from tests.factories import (
    arm,
    blank,
    citation,
    count,
    judgement,
    notice,
    other_study_document,
    page_document,
    published_page,
    published_term,
    published_trial,
    registration,
    review_document,
    source,
    term_document,
    trial_document,
)
from tests.users import editor, reviewer
from trials.models import (
    Arm,
    Blank,
    Citation,
    ContentVersion,
    FormerSlug,
    GlossaryTerm,
    Judgement,
    Notice,
    OtherStudy,
    OutcomeCount,
    Page,
    Preference,
    Registration,
    Remark,
    Review,
    Revision,
    Source,
    Trial,
)

pytestmark = pytest.mark.django_db

# A right row of each model, which each test makes wrong in one way.
RIGHT: dict[Any, dict[str, Any]] = {
    Trial: trial_document(slug="other-2020", status="published")["fields"],
    Arm: arm("a9"),
    OutcomeCount: count("c9", None, outcome="sae", headline=False),
    Registration: registration("r9", registry="irct", identifier="IRCT20160809029275N1"),
    Source: source("s9"),
    Citation: citation("dose", "q99"),
    Blank: blank("sex", "b9"),
    Notice: notice("n9"),
    Judgement: judgement("j9"),
    Page: page_document(slug="methods")["fields"],
    GlossaryTerm: term_document(slug="dose", term="dose")["fields"],
    OtherStudy: other_study_document()["fields"],
    Review: review_document()["fields"],
    Remark: {
        "kind": "trial", "record_id": 700, "text": "Give the page.", "number": 1, "made_by": "eva", "account": "1",
    },
    Preference: {"user": "eva"},
    Revision: {
        "kind": "page", "record_id": 700, "name": "about", "number": 2, "step": "edited", "made_by": "eva",
        "data": {"fields": {}},
    },
    FormerSlug: {"slug": "older-2019"},
    ContentVersion: {"token": "x"},
}  # fmt: skip

# (model, what is wrong, the constraint that refuses it, or the name of a unique field)
REFUSED = [
    (ContentVersion, {"id": 2}, "trials_contentversion_one_row"),
    (Trial, {"status": "live"}, "trials_trial_status_known"),
    (Trial, {"draft_of": "study"}, "trials_trial_draft_not_public"),
    (Trial, {"draft_of": "study", "status": "archived"}, "trials_trial_draft_not_public"),
    (Trial, {"draft_of": "with draft", "status": "draft"}, "draft_of"),
    (Trial, {"design": "randomized"}, "trials_trial_design_known"),
    (Trial, {"design": ""}, "trials_trial_published_design"),
    (Trial, {"masking": "blind"}, "trials_trial_masking_known"),
    (Trial, {"phase": "1/2"}, "trials_trial_phase_known"),
    (Trial, {"publication_date": "2021-6"}, "trials_trial_publication_date_form"),
    (Trial, {"publication_date": "2021-06-8x"}, "trials_trial_publication_date_form"),
    (Trial, {"publication_date": "1899-12-31"}, "trials_trial_publication_date_years"),
    (Trial, {"publication_date": "2101"}, "trials_trial_publication_date_years"),
    (Trial, {"dose": "1 × 10⁶"}, "trials_trial_dose_has_unit"),
    (Trial, {"dose_unit": "cells"}, "trials_trial_dose_has_unit"),
    (Trial, {"review_due": "2026-11-22"}, "trials_trial_review_after_last"),
    (Trial, {"last_reviewed": None}, "trials_trial_published_reviewed"),
    (Trial, {"slug": "smith-2021"}, "trials_trial_slug_unique"),
    (Arm, {"key": "a1"}, "trials_arm_key_unique"),
    (Arm, {"role": "control"}, "trials_arm_role_known"),
    (Arm, {"role": "comparison", "cell_source": "placenta"}, "trials_arm_only_cells_have_source"),
    (Arm, {"randomised": 10, "analysed": 11}, "trials_arm_analysed_within_randomised"),
    (OutcomeCount, {"key": "c1"}, "trials_outcomecount_key_unique"),
    (OutcomeCount, {"arm": "a1", "outcome": "death", "headline": True}, "trials_outcomecount_one_main_per_arm"),
    (OutcomeCount, {"headline": True}, "trials_outcomecount_one_main_for_all"),
    (OutcomeCount, {"outcome": "cure"}, "trials_outcomecount_outcome_known"),
    (OutcomeCount, {"events": 11}, "trials_outcomecount_events_within_total"),
    (OutcomeCount, {"events": 0, "total": 0}, "trials_outcomecount_total_not_zero"),
    (Registration, {"key": "r1"}, "trials_registration_key_unique"),
    (
        Registration,
        {"registry": "clinicaltrials-gov", "identifier": "NCT04457609"},
        "trials_registration_identifier_once",
    ),
    (Registration, {"registry": "nct"}, "trials_registration_registry_known"),
    (Registration, {"masking": "blind"}, "trials_registration_masking_known"),
    (Registration, {"registry": "clinicaltrials-gov", "identifier": "NCT0445760"}, "trials_registration_nct_form"),
    (Registration, {"registry": "isrctn", "identifier": "52319075"}, "trials_registration_isrctn_form"),
    (Source, {"key": "s1"}, "trials_source_key_unique"),
    (Source, {"kind": "book"}, "trials_source_kind_known"),
    (Citation, {"key": "q1"}, "trials_citation_key_unique"),
    (Citation, {"basis": "guessed"}, "trials_citation_basis_known"),
    (Citation, {"confidence": 4}, "trials_citation_confidence_known"),
    (Citation, {"basis": "derived"}, "trials_citation_reading_explained"),
    (Citation, {"basis": "inferred"}, "trials_citation_reading_explained"),
    (Citation, {"basis": "disputed"}, "trials_citation_reading_explained"),
    (Citation, {"quote": ""}, "trials_citation_quoted_has_quote"),
    (Blank, {"key": "b1"}, "trials_blank_key_unique"),
    (Blank, {"value": "age"}, "trials_blank_value_once"),
    (Blank, {"reason": "unknown"}, "trials_blank_reason_known"),
    (Notice, {"key": "n1"}, "trials_notice_key_unique"),
    (Notice, {"kind": "erratum"}, "trials_notice_kind_known"),
    (Notice, {"date": ""}, "trials_notice_dated"),
    (Notice, {"address": ""}, "trials_notice_has_address"),
    (Remark, {"kind": "country"}, "trials_remark_kind_known"),
    (Remark, {"text": ""}, "trials_remark_has_text"),
    (Remark, {"done_by": "eva"}, "trials_remark_done_once"),
    (Preference, {"user": "rita"}, "user"),
    (Page, {"status": ""}, "trials_page_status_known"),
    (Page, {"slug": "about"}, "trials_page_slug_unique"),
    (Page, {"draft_of": "study", "status": "published"}, "trials_page_draft_not_public"),
    (Page, {"review_due": "2026-11-22"}, "trials_page_review_after_last"),
    (Page, {"status": "published", "description": ""}, "trials_page_published_complete"),
    (Page, {"status": "published", "last_reviewed": None}, "trials_page_published_complete"),
    (Page, {"status": "published", "review_due": None}, "trials_page_published_complete"),
    (GlossaryTerm, {"status": "live"}, "trials_glossaryterm_status_known"),
    (GlossaryTerm, {"slug": "placebo"}, "trials_glossaryterm_slug_unique"),
    (GlossaryTerm, {"term": "placebo"}, "trials_glossaryterm_term_unique"),
    (GlossaryTerm, {"term": "Placebo"}, "trials_glossaryterm_term_unique"),
    (GlossaryTerm, {"draft_of": "study", "status": "published"}, "trials_glossaryterm_draft_not_public"),
    (Judgement, {"key": "j1"}, "trials_judgement_key_unique"),
    (Judgement, {"kind": "quality"}, "trials_judgement_kind_known"),
    (Judgement, {"tool": "jadad"}, "trials_judgement_tool_known"),
    (Judgement, {"verdict": "good"}, "trials_judgement_verdict_known"),
    (OtherStudy, {"status": "live"}, "trials_otherstudy_status_known"),
    (OtherStudy, {"slug": "taken-2020"}, "trials_otherstudy_slug_unique"),
    (OtherStudy, {"draft_of": "study", "status": "published"}, "trials_otherstudy_draft_not_public"),
    (OtherStudy, {"reason": "boring"}, "trials_otherstudy_reason_known"),
    (OtherStudy, {"progress": "done"}, "trials_otherstudy_progress_known"),
    (OtherStudy, {"design": "trial"}, "trials_otherstudy_design_known"),
    (OtherStudy, {"cells_deaths": 3}, "trials_otherstudy_cells_counted_whole"),
    (OtherStudy, {"cells_deaths": 3, "cells_out_of": 2}, "trials_otherstudy_cells_counted_whole"),
    (OtherStudy, {"cells_deaths": 0, "cells_out_of": 0}, "trials_otherstudy_cells_counted_whole"),
    (OtherStudy, {"comparison_out_of": 3}, "trials_otherstudy_comparison_counted_whole"),
    (Review, {"status": "live"}, "trials_review_status_known"),
    (Review, {"slug": "taken-2021"}, "trials_review_slug_unique"),
    (Review, {"draft_of": "study", "status": "published"}, "trials_review_draft_not_public"),
    (Review, {"kind": "essay"}, "trials_review_kind_known"),
    (FormerSlug, {"slug": "smith-2020"}, "slug"),
    (Revision, {"number": 1}, "trials_revision_number_once"),
    (Revision, {"number": 0}, "trials_revision_number_from_one"),
    (Revision, {"kind": "country"}, "trials_revision_kind_known"),
    (Revision, {"step": "polished"}, "trials_revision_step_known"),
]
IDENTIFIERS = {"doi": "10.1000/taken", "pmid": "1234", "pmcid": "PMC1234"}
for each in (Trial, OtherStudy, Review):
    prefix = f"trials_{each._meta.model_name}_"
    REFUSED += [(each, {name: ""}, f"{prefix}identifiers_null_not_empty") for name in IDENTIFIERS]
    REFUSED += [(each, {name: taken}, f"{prefix}{name}_unique") for name, taken in IDENTIFIERS.items()]
    REFUSED.append((each, {"doi": "10.1000/Example"}, f"{prefix}doi_in_small_letters"))
BELOW_ZERO = [
    (Trial, "centres"), (Trial, "infusions"), (Arm, "randomised"), (Arm, "analysed"), (OutcomeCount, "events"),
    (OutcomeCount, "days"), (Registration, "enrolment"),
]  # fmt: skip


@pytest.fixture
def study() -> Trial:
    """A study with a row of each kind, and one record of each other model."""
    trial = published_trial(
        **IDENTIFIERS,
        counts=[count("c1", "a1"), count("c2", None, outcome="sae")],
        registrations=[registration("r1")],
        blanks=[blank("age")],
        judgements=[judgement("j1")],
        notices=[notice("n1")],
    )
    OtherStudy.objects.create(**RIGHT[OtherStudy] | IDENTIFIERS | {"slug": "taken-2020"})
    Review.objects.create(**RIGHT[Review] | IDENTIFIERS | {"slug": "taken-2021"})
    Preference.objects.create(user=reviewer())
    published_page()
    published_term()
    FormerSlug.objects.create(slug="smith-2020", trial=trial)
    Revision.objects.create(**RIGHT[Revision] | {"number": 1})
    other = Trial.objects.create(**RIGHT[Trial] | {"slug": "brown-2020"})
    Trial.objects.create(**RIGHT[Trial] | {"status": "draft", "draft_of": other})
    return trial


def row_of(model: Any, study: Trial, wrong: dict[str, Any]) -> models.Model:
    """Return a row that is right but for `wrong`, in which names stand in for the records of the study."""
    values = RIGHT[model] | wrong
    names = {field.name for field in model._meta.fields}
    if "trial" in names:
        values["trial"] = study
    if model is Citation:
        values["source"] = study.sources.get(key="s1")
    if "user" in values:
        values["user"] = editor() if values["user"] == "eva" else reviewer()
    if values.get("arm"):
        values["arm"] = study.arms.get(key=values["arm"])
    if "draft_of" in values:
        slug = "brown-2020" if values["draft_of"] == "with draft" else None
        values["draft_of"] = model.objects.get(slug=slug) if slug else model.objects.originals().first()
    return model(**values)  # type: ignore[no-any-return]


def identity(values: Any) -> str:
    return values.__name__ if isinstance(values, type) else str(values)


@pytest.mark.parametrize("model", RIGHT, ids=identity)
def test_database_accepts_a_right_row(study: Trial, model: Any) -> None:
    ContentVersion.objects.all().delete()
    row = row_of(model, study, {})
    row.save()
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(("model", "wrong", "constraint"), REFUSED, ids=identity)
def test_database_refuses_a_wrong_row(study: Trial, model: Any, wrong: dict[str, Any], constraint: str) -> None:
    checks = {c.name for c in model._meta.constraints if isinstance(c, models.CheckConstraint)}
    expected = constraint if constraint in checks else "unique"
    with pytest.raises(IntegrityError, match=re.compile(expected, re.IGNORECASE)), transaction.atomic():
        model.objects.bulk_create([row_of(model, study, wrong)])


@pytest.mark.parametrize(("model", "name"), BELOW_ZERO, ids=identity)
def test_database_refuses_a_number_below_zero(study: Trial, model: Any, name: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.bulk_create([row_of(model, study, {name: -1})])


def test_each_constraint_is_tried() -> None:
    every = [model for model in RIGHT if model._meta.app_label == "trials"]
    named = {constraint.name for model in every for constraint in model._meta.constraints}
    unique = {field.name for model in every for field in model._meta.fields if field.unique and not field.primary_key}
    assert named | unique == {constraint for _, _, constraint in REFUSED}


def test_each_model_of_content_is_tried() -> None:
    assert set(RIGHT) == {model for model in apps.get_models() if model.__module__.startswith("trials.models.")}


def test_draft_may_share_the_identifiers_of_its_original(study: Trial) -> None:
    same = {name: getattr(study, name) for name in ("slug", "doi", "pmid", "pmcid")}
    draft = Trial.objects.create(**RIGHT[Trial] | same | {"status": "draft", "draft_of": study})
    assert set(Trial.objects.filter(slug="smith-2021")) == {study, draft}
    assert list(Trial.objects.public().filter(slug="smith-2021")) == [study]
    assert list(Trial.objects.originals().filter(slug="smith-2021")) == [study]
