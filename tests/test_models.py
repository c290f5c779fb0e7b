"""What the database refuses, what the forms refuse and with which words, and what is worked out from a record."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from tests.factories import (
    DUE,
    REVIEWED,
    make_arm,
    make_blank,
    make_count,
    make_country,
    make_page,
    make_registration,
    make_source,
    make_term,
    make_trial,
)
from trials.models import (
    Arm,
    Author,
    Blank,
    ContentVersion,
    Country,
    FormerSlug,
    GlossaryTerm,
    ImportFile,
    ImportRecord,
    LoadedRecord,
    OutcomeCount,
    Page,
    Registration,
    Revision,
    Source,
    Trial,
)
from trials.models.fields import show_partial_date, validate_partial_date

pytestmark = pytest.mark.django_db

TRIAL = {
    "slug": "other-2020",
    "status": "published",
    "title": "Another study",
    "authors": "Other, Ann",
    "publication_date": "2020",
    "design": "randomised",
    "last_reviewed": REVIEWED,
    "review_due": DUE,
}
ARM = {"position": 3, "name": "More cells", "role": "cells"}
COUNT = {"position": 3, "outcome": "sae", "events": 1, "total": 10}
REGISTRATION = {"position": 2, "registry": "irct", "identifier": "IRCT20160809029275N1"}
SOURCE = {
    "position": 2,
    "value": "dose",
    "label": "Abstract",
    "kind": "paper",
    "address": "https://doi.org/10.1000/x",
    "quote": "a dose",
}
BLANK = {"value": "sex", "reason": "not-checked"}
PAGE = {
    "slug": "methods",
    "title": "Methods",
    "description": "How.",
    "body": "So.",
    "last_reviewed": REVIEWED,
    "review_due": DUE,
}
TERM = {"slug": "dose", "term": "dose", "meaning": "How much."}
CONTENT_VERSION = {"token": "x"}
COUNTRY = {"code": "TR", "name": "Turkey"}
REVISION = {
    "kind": "page",
    "record_id": 7,
    "name": "about",
    "number": 2,
    "step": "edited",
    "made_by": "ann",
    "data": {"fields": {}},
}
IMPORTED = {"number": 2, "line": 7, "data": {"number": 2}}
ROWS_OF_A_STUDY = (Arm, OutcomeCount, Registration, Source, Blank)

# (model, its good values, what is wrong with them, the constraint that refuses it, or the field that is unique)
REFUSED = [
    (ContentVersion, CONTENT_VERSION, {"id": 2}, "trials_contentversion_one_row"),
    (Trial, TRIAL, {"status": "live"}, "trials_trial_status_known"),
    (Trial, TRIAL, {"status": ""}, "trials_trial_status_known"),
    (Trial, TRIAL, {"design": "randomized"}, "trials_trial_design_known"),
    (
        Trial,
        TRIAL,
        {"design": "", "status": "published", "last_reviewed": REVIEWED},
        "trials_trial_published_design",
    ),
    (Trial, TRIAL, {"masking": "blind"}, "trials_trial_masking_known"),
    (Trial, TRIAL, {"phase": "1/2"}, "trials_trial_phase_known"),
    (Trial, TRIAL, {"publication_date": "2021-6"}, "trials_trial_publication_date_form"),
    (Trial, TRIAL, {"publication_date": "2021-06-8x"}, "trials_trial_publication_date_form"),
    (Trial, TRIAL, {"publication_date": "1899-12-31"}, "trials_trial_publication_date_years"),
    (Trial, TRIAL, {"publication_date": "2101"}, "trials_trial_publication_date_years"),
    (Trial, TRIAL, {"publication_date": "9999-12"}, "trials_trial_publication_date_years"),
    (Trial, TRIAL, {"dose": "1 × 10⁶"}, "trials_trial_dose_has_unit"),
    (Trial, TRIAL, {"dose_unit": "cells"}, "trials_trial_dose_has_unit"),
    (Trial, TRIAL, {"review_due": REVIEWED}, "trials_trial_review_after_last"),
    (Trial, TRIAL, {"last_reviewed": None}, "trials_trial_published_reviewed"),
    (Trial, TRIAL, {"doi": ""}, "trials_trial_identifiers_null_not_empty"),
    (Trial, TRIAL, {"pmid": ""}, "trials_trial_identifiers_null_not_empty"),
    (Trial, TRIAL, {"pmcid": ""}, "trials_trial_identifiers_null_not_empty"),
    (Trial, TRIAL, {"slug": "smith-2021"}, "slug"),
    (Trial, TRIAL, {"doi": "10.1000/taken"}, "doi"),
    (Trial, TRIAL, {"pmid": "1234"}, "pmid"),
    (Trial, TRIAL, {"pmcid": "PMC1234"}, "pmcid"),
    (Arm, ARM, {"position": 1}, "trials_arm_position_once"),
    (Arm, ARM, {"position": 0}, "trials_arm_position_from_one"),
    (Arm, ARM, {"role": "control"}, "trials_arm_role_known"),
    (Arm, ARM, {"role": "comparison", "cell_source": "placenta"}, "trials_arm_only_cells_have_source"),
    (Arm, ARM, {"role": "other", "cell_source": "placenta"}, "trials_arm_only_cells_have_source"),
    (Arm, ARM, {"randomised": 10, "analysed": 11}, "trials_arm_analysed_within_randomised"),
    (OutcomeCount, COUNT, {"position": 1}, "trials_outcomecount_position_once"),
    (OutcomeCount, COUNT, {"arm": 1, "outcome": "death", "headline": True}, "trials_outcomecount_one_main_per_arm"),
    (OutcomeCount, COUNT, {"outcome": "death", "headline": True}, "trials_outcomecount_one_main_for_all"),
    (OutcomeCount, COUNT, {"outcome": "cure"}, "trials_outcomecount_outcome_known"),
    (OutcomeCount, COUNT, {"events": 11}, "trials_outcomecount_events_within_total"),
    (OutcomeCount, COUNT, {"events": 0, "total": 0}, "trials_outcomecount_total_not_zero"),
    (Registration, REGISTRATION, {"position": 1}, "trials_registration_position_once"),
    (Registration, REGISTRATION, {"identifier": "IRCT20200217046526N1"}, "trials_registration_identifier_once"),
    (Registration, REGISTRATION, {"registry": "nct"}, "trials_registration_registry_known"),
    (Registration, REGISTRATION, {"masking": "blind"}, "trials_registration_masking_known"),
    (
        Registration,
        REGISTRATION,
        {"registry": "clinicaltrials-gov", "identifier": "NCT0445760"},
        "trials_registration_nct_form",
    ),
    (
        Registration,
        REGISTRATION,
        {"registry": "isrctn", "identifier": "52319075"},
        "trials_registration_isrctn_form",
    ),
    (Source, SOURCE, {"position": 1}, "trials_source_position_once"),
    (Source, SOURCE, {"kind": "book"}, "trials_source_kind_known"),
    (Source, SOURCE, {"basis": "guessed"}, "trials_source_basis_known"),
    (Source, SOURCE, {"confidence": 4}, "trials_source_confidence_known"),
    (Source, SOURCE, {"basis": "derived"}, "trials_source_reading_explained"),
    (Source, SOURCE, {"basis": "inferred"}, "trials_source_reading_explained"),
    (Source, SOURCE, {"basis": "disputed"}, "trials_source_reading_explained"),
    (Source, SOURCE, {"quote": ""}, "trials_source_quoted_has_quote"),
    (Blank, BLANK, {"value": "age"}, "trials_blank_value_once"),
    (Blank, BLANK, {"reason": "unknown"}, "trials_blank_reason_known"),
    (Country, COUNTRY, {"code": "tr"}, "trials_country_code_iso"),
    (Country, COUNTRY, {"code": "T1"}, "trials_country_code_iso"),
    (Country, COUNTRY, {"code": "ID"}, "code"),
    (Country, COUNTRY, {"name": "Country ID"}, "name"),
    (Page, PAGE, {"review_due": REVIEWED}, "trials_page_review_after_last"),
    (Page, PAGE, {"slug": "about"}, "slug"),
    (Page, PAGE, {"status": "live"}, "trials_page_status_known"),
    (GlossaryTerm, TERM, {"status": ""}, "trials_glossaryterm_status_known"),
    (GlossaryTerm, TERM, {"slug": "placebo"}, "slug"),
    (GlossaryTerm, TERM, {"term": "placebo"}, "term"),
    (FormerSlug, {"slug": "older-2019"}, {"slug": "smith-2020"}, "slug"),
    (LoadedRecord, {"kind": "page", "key": "methods"}, {"key": "about"}, "trials_loadedrecord_once"),
    (Revision, REVISION, {"number": 1}, "trials_revision_number_once"),
    (Revision, REVISION, {"number": 0}, "trials_revision_number_from_one"),
    (Revision, REVISION, {"kind": "country"}, "trials_revision_kind_known"),
    (Revision, REVISION, {"step": "polished"}, "trials_revision_step_known"),
    (ImportRecord, IMPORTED, {"number": 1}, "trials_importrecord_number_once"),
    (ImportRecord, IMPORTED, {"outcome": "lost"}, "trials_importrecord_outcome_known"),
]


def name_of(row) -> str:
    model, _, wrong, _ = row
    return f"{model.__name__}-{'-'.join(f'{key}={value}' for key, value in wrong.items())}"


@pytest.fixture
def study() -> Trial:
    """A study with one of every row, beside which the rows of the table above are put."""
    trial = make_trial(countries=("ID",), doi="10.1000/taken", pmid="1234", pmcid="PMC1234")
    make_count(trial, position=9, arm=None)
    make_registration(trial, registry="irct", identifier="IRCT20200217046526N1")
    make_source(trial)
    make_blank(trial, value="age")
    make_page()
    make_term()
    FormerSlug.objects.create(slug="smith-2020", trial=trial)
    LoadedRecord.objects.create(kind="page", key="about")
    ImportFile.objects.create(name="few.ris", format="RIS").records.create(number=1, line=1)
    Revision(**(REVISION | {"number": 1})).save()
    return trial


def made(model, study: Trial, values) -> models.Model:
    if model in (*ROWS_OF_A_STUDY, FormerSlug):
        values = values | {"trial": study}
    if model is ImportRecord:
        values = values | {"file": ImportFile.objects.get()}
    if "arm" in values:
        values = values | {"arm": study.arms.get(position=values["arm"])}
    return model(**values)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Trial, TRIAL),
        (Arm, ARM),
        (OutcomeCount, COUNT),
        (Registration, REGISTRATION),
        (Source, SOURCE),
        (Blank, BLANK),
        (Country, COUNTRY),
        (Page, PAGE),
        (GlossaryTerm, TERM),
        (FormerSlug, {"slug": "older-2019"}),
        (LoadedRecord, {"kind": "page", "key": "methods"}),
        (Revision, REVISION),
        (ImportRecord, IMPORTED),
        (Trial, TRIAL | {"design": "", "status": "draft"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_the_good_values_of_the_table_are_taken(study: Trial, model, values) -> None:
    row = made(model, study, values)
    row.full_clean()
    row.save()
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(("model", "values", "wrong", "rule"), REFUSED, ids=map(name_of, REFUSED))
def test_the_database_refuses(study: Trial, model, values, wrong, rule: str) -> None:
    row = made(model, study, values | wrong)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        row.save()
    said = str(refusal.value).lower()
    is_check = any(isinstance(c, models.CheckConstraint) and c.name == rule for c in model._meta.constraints)
    assert rule in said if is_check else "unique" in said
    # The same in bulk, which asks no model for its opinion.
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.bulk_create([made(model, study, values | wrong)])


def test_every_constraint_of_the_database_has_a_bad_value_in_the_table() -> None:
    tried = {rule for *_, rule in REFUSED}
    there = {rule.name for model in apps.get_app_config("trials").get_models() for rule in model._meta.constraints}
    assert there - tried == set()
    unique = {
        (model, field.name)
        for model in apps.get_app_config("trials").get_models()
        for field in model._meta.fields
        if field.unique and not field.primary_key
    }
    assert unique - {(model, rule) for model, _, _, rule in REFUSED} == set()


@pytest.mark.parametrize(
    ("model", "values", "wrong"),
    [
        (Trial, TRIAL, {"centres": -1}),
        (Trial, TRIAL, {"infusions": -1}),
        (Arm, ARM, {"randomised": -1}),
        (Arm, ARM, {"analysed": -1}),
        (OutcomeCount, COUNT, {"events": -1}),
        (OutcomeCount, COUNT, {"days": -1}),
        (Registration, REGISTRATION, {"enrolment": -1}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) and len(value) == 1 else "",
)
def test_the_database_refuses_a_number_below_zero(study: Trial, model, values, wrong) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        made(model, study, values | wrong).save()


# --- What the forms refuse ------------------------------------------------------------------------------------

NOT_A_VALUE = (
    "“{}” is not a value of a study. Write a field such as dose, a row such as arm-1, count-2 or "
    "registration-1, or a field of a row such as arm-1.analysed."
)
NOT_A_DATE = "“{}” is not a date. Write 2021, 2021-06 or 2021-06-08."
NOT_MASKED = "Nobody is masked in a study that is open label or does not report masking."
ELSEWHERE = ("account", "admin", "changes", "static", "trials")
TAKEN = "/{}/ is another part of the site. Choose another name for the page."
IN_ORDER = "“{}” is not a list of participant, care-provider, investigator, outcomes-assessor, in that order."
NOT_A_NAME = "“{}” is not a name. Write one name a line, as “Family, Given”."
NO_COMPARISON = "A study with this design has no comparison group."
NOT_A_DOI = "“{}” is not a DOI. Write 10., a number, a slash and the rest, such as 10.1002/sctm.21-0046."
NOT_A_PMID = "“{}” is not a PubMed ID. It is a number of at most eight digits, such as 33902726."
NOT_A_PMCID = "“{}” is not a PubMed Central ID. Write PMC and its number, such as PMC8046040."
NOT_AN_NCT = "“{}” cannot be right. A ClinicalTrials.gov identifier is NCT and eight digits, such as NCT04457609."
NOT_AN_ISRCTN = "“{}” cannot be right. An ISRCTN identifier is ISRCTN and eight digits, such as ISRCTN52319075."
EXPLAIN = "Say in the note how it was worked out or inferred, or what both readings are."

WRONG = [
    (Trial, TRIAL, {"doi": "doi.org/10.1002/x"}, "doi", NOT_A_DOI.format("doi.org/10.1002/x")),
    (Trial, TRIAL, {"doi": "10.1002/with space"}, "doi", NOT_A_DOI.format("10.1002/with space")),
    (Trial, TRIAL, {"doi": "10.1000/taken"}, "doi", "Study with this DOI already exists."),
    (Trial, TRIAL, {"pmid": "0123"}, "pmid", NOT_A_PMID.format("0123")),
    (Trial, TRIAL, {"pmid": "PMC1"}, "pmid", NOT_A_PMID.format("PMC1")),
    (Trial, TRIAL, {"pmcid": "8046040"}, "pmcid", NOT_A_PMCID.format("8046040")),
    (
        Trial,
        TRIAL,
        {"slug": "not a slug"},
        "slug",
        "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
    ),
    (Trial, TRIAL, {"publication_date": "June 2021"}, "publication_date", NOT_A_DATE.format("June 2021")),
    (Trial, TRIAL, {"publication_date": "2021-02-30"}, "publication_date", NOT_A_DATE.format("2021-02-30")),
    (Trial, TRIAL, {"publication_date": ""}, "publication_date", "This field cannot be blank."),
    (Trial, TRIAL, {"received": "2021-13"}, "received", NOT_A_DATE.format("2021-13")),
    (Trial, TRIAL, {"accepted": "21-06-08"}, "accepted", NOT_A_DATE.format("21-06-08")),
    (Trial, TRIAL, {"recruitment_start": "2020-4"}, "recruitment_start", NOT_A_DATE.format("2020-4")),
    (
        Trial,
        TRIAL,
        {"recruitment_start": "2020-05-02", "recruitment_end": "2020-05-01"},
        "recruitment_end",
        "2020-05-01 is before the start, 2020-05-02.",
    ),
    (
        Trial,
        TRIAL,
        {"recruitment_start": "2020-05", "recruitment_end": "2019"},
        "recruitment_end",
        "2019 is before the start, 2020-05.",
    ),
    (Trial, TRIAL, {"centres": 0}, "centres", "Ensure this value is greater than or equal to 1."),
    (Trial, TRIAL, {"infusions": 0}, "infusions", "Ensure this value is greater than or equal to 1."),
    (
        Trial,
        TRIAL,
        {"titled_design": "randomised"},
        "titled_design",
        "“randomised” does not stand in the title. Copy the words from the title.",
    ),
    (
        Trial,
        TRIAL,
        {"titled_masking": "another"},
        "titled_masking",
        "“another” does not stand in the title. Copy the words from the title.",
    ),
    (
        Trial,
        TRIAL,
        {"titled_phase": "phase 1"},
        "titled_phase",
        "“phase 1” does not stand in the title. Copy the words from the title.",
    ),
    (Trial, TRIAL, {"authors": "Other, Ann, B"}, "authors", NOT_A_NAME.format("Other, Ann, B")),
    (Trial, TRIAL, {"authors": "Other, Ann\n \nBrown, B"}, "authors", NOT_A_NAME.format(" ")),
    (Trial, TRIAL, {"masking": "open", "who_masked": ["participant"]}, "who_masked", NOT_MASKED),
    (Trial, TRIAL, {"masking": "not-reported", "who_masked": ["participant"]}, "who_masked", NOT_MASKED),
    (Trial, TRIAL, {"masking": "", "who_masked": ["participant"]}, "who_masked", NOT_MASKED),
    (
        Trial,
        TRIAL,
        {"masking": "double", "who_masked": ["investigator", "participant"]},
        "who_masked",
        IN_ORDER.format("['investigator', 'participant']"),
    ),
    (
        Trial,
        TRIAL,
        {"masking": "double", "who_masked": ["participant", "participant"]},
        "who_masked",
        IN_ORDER.format("['participant', 'participant']"),
    ),
    (
        Trial,
        TRIAL,
        {"masking": "double", "who_masked": ["patient"]},
        "who_masked",
        IN_ORDER.format("['patient']"),
    ),
    (
        Trial,
        TRIAL,
        {"masking": "double", "who_masked": "participant"},
        "who_masked",
        IN_ORDER.format("participant"),
    ),
    (Trial, TRIAL, {"design": "single-arm", "control": "placebo"}, "control", NO_COMPARISON),
    (Trial, TRIAL, {"design": "case-series", "control": "standard-care"}, "control", NO_COMPARISON),
    (Trial, TRIAL, {"dose": "3 × 10⁶"}, "__all__", "A dose needs its unit, and a unit its dose."),
    (Trial, TRIAL, {"review_due": REVIEWED}, "__all__", "The next review must come after the last one."),
    (
        Trial,
        TRIAL,
        {"last_reviewed": None},
        "__all__",
        "A published study needs the date on which it was last reviewed.",
    ),
    (Arm, ARM, {"position": 0}, "position", "Ensure this value is greater than or equal to 1."),
    (
        Arm,
        ARM,
        {"role": "other", "cell_source": "placenta"},
        "__all__",
        "Only a group that was given cells has a tissue of the cells.",
    ),
    (Arm, ARM, {"randomised": 1, "analysed": 2}, "__all__", "More people cannot be analysed than were randomised."),
    (OutcomeCount, COUNT, {"arm": 1, "total": 11}, "total", "11 is more than the 10 people in this group."),
    (OutcomeCount, COUNT, {"total": 0, "events": 0}, "total", "Ensure this value is greater than or equal to 1."),
    (
        OutcomeCount,
        COUNT,
        {"events": 11},
        "__all__",
        "There cannot be more people with the event than people in all.",
    ),
    (
        OutcomeCount,
        COUNT,
        {"arm": 1, "outcome": "death", "headline": True},
        "__all__",
        "This group has a main count of this outcome already.",
    ),
    (
        OutcomeCount,
        COUNT,
        {"outcome": "death", "headline": True},
        "__all__",
        "There is a main count of this outcome for all groups together already.",
    ),
    (
        Registration,
        REGISTRATION,
        {"registry": "clinicaltrials-gov", "identifier": "nct04457609"},
        "identifier",
        NOT_AN_NCT.format("nct04457609"),
    ),
    (
        Registration,
        REGISTRATION,
        {"registry": "isrctn", "identifier": "ISRCTN5231907"},
        "identifier",
        NOT_AN_ISRCTN.format("ISRCTN5231907"),
    ),
    (
        Registration,
        REGISTRATION,
        {"identifier": "IRCT20200217046526N1"},
        "__all__",
        "This study has that registration already.",
    ),
    (Registration, REGISTRATION, {"start": "2020-00"}, "start", NOT_A_DATE.format("2020-00")),
    (
        Registration,
        REGISTRATION,
        {"who_masked": ["investigator", "care-provider"]},
        "who_masked",
        IN_ORDER.format("['investigator', 'care-provider']"),
    ),
    (Source, SOURCE, {"value": "doses"}, "value", NOT_A_VALUE.format("doses")),
    (Source, SOURCE, {"value": "slug"}, "value", NOT_A_VALUE.format("slug")),
    (Source, SOURCE, {"value": "plain_summary"}, "value", NOT_A_VALUE.format("plain_summary")),
    (Source, SOURCE, {"value": "arm-0"}, "value", NOT_A_VALUE.format("arm-0")),
    (Source, SOURCE, {"value": "arm-1.deaths"}, "value", NOT_A_VALUE.format("arm-1.deaths")),
    (Source, SOURCE, {"value": "arm-1.position"}, "value", NOT_A_VALUE.format("arm-1.position")),
    (Source, SOURCE, {"value": "source-1"}, "value", NOT_A_VALUE.format("source-1")),
    (Source, SOURCE, {"address": "doi.org/10.1000/x"}, "address", "Enter a valid URL."),
    (Source, SOURCE, {"address": "javascript:alert(1)"}, "address", "Enter a valid URL."),
    (Source, SOURCE, {"quote": "word " * 26}, "quote", "The quote has 26 words. At most 25 are allowed."),
    (Source, SOURCE, {"basis": "derived"}, "__all__", EXPLAIN),
    (Source, SOURCE, {"quote": ""}, "__all__", "A value that is quoted needs its quote."),
    (Blank, BLANK, {"value": "journal"}, "value", "journal is not empty: it holds “Journal of Trials”."),
    (Blank, BLANK, {"value": "blood"}, "value", NOT_A_VALUE.format("blood")),
    (Blank, BLANK, {"value": "age"}, "__all__", "This value has a reason already."),
    (Country, COUNTRY, {"code": "tr"}, "code", "Write the two capital letters of ISO 3166-1, such as TR."),
    (Page, PAGE, {"review_due": REVIEWED}, "__all__", "The next review must come after the last one."),
    *((Page, PAGE, {"slug": name}, "__all__", TAKEN.format(name)) for name in ELSEWHERE),
    (
        Page,
        PAGE,
        {"description": "x" * 161},
        "description",
        "Ensure this value has at most 160 characters (it has 161).",
    ),
]


@pytest.mark.parametrize(
    ("model", "values", "wrong", "field", "message"), WRONG, ids=[name_of(row[:4]) for row in WRONG]
)
def test_full_clean_names_the_field_and_the_mistake(study: Trial, model, values, wrong, field, message) -> None:
    with pytest.raises(ValidationError) as refusal:
        made(model, study, values | wrong).full_clean()
    assert message in refusal.value.message_dict[field]


def test_count_of_a_group_of_another_study(study: Trial) -> None:
    other = make_trial(slug="jones-2020")
    count = OutcomeCount(trial=study, arm=other.arms.get(position=1), **COUNT)
    with pytest.raises(ValidationError) as refusal:
        count.full_clean()
    assert refusal.value.message_dict["arm"] == ["“Cells” is a group of another study."]


@pytest.mark.parametrize(
    ("randomised", "analysed", "total", "is_right"),
    [(12, 10, 12, True), (12, 10, 13, False), (None, 10, 10, True), (None, 10, 11, False), (None, None, 99, True)],
    ids=["all randomised", "more than randomised", "all analysed", "more than analysed", "nobody knows"],
)
def test_count_holds_no_more_people_than_its_group(randomised, analysed, total, is_right) -> None:
    trial = make_trial(rows=False)
    arm = make_arm(trial, randomised=randomised, analysed=analysed)
    count = OutcomeCount(trial=trial, position=1, arm=arm, outcome="death", events=0, total=total)
    if is_right:
        count.full_clean()
    else:
        with pytest.raises(ValidationError, match=f"{total} is more than the"):
            count.full_clean()


def test_quote_of_25_words_is_short_enough(study: Trial) -> None:
    Source(trial=study, **(SOURCE | {"quote": "word " * 25})).full_clean()


def test_identifiers_left_empty_in_a_form_become_null_so_that_two_studies_can_lack_them() -> None:
    first = make_trial(doi="", pmid="", pmcid="")
    second = make_trial(slug="jones-2020", doi="", pmid="", pmcid="")
    for trial in (first, second):
        trial.refresh_from_db()
        assert (trial.doi, trial.pmid, trial.pmcid) == (None, None, None)


@pytest.mark.parametrize("design", ["single-arm", "case-series"])
def test_study_without_a_comparison_group_may_say_so(design: str) -> None:
    Trial(**(TRIAL | {"design": design, "control": "none"})).full_clean()


def test_recruitment_may_end_in_the_month_in_which_it_began() -> None:
    Trial(**(TRIAL | {"recruitment_start": "2020-05-20", "recruitment_end": "2020-05"})).full_clean()


# --- Dates that may stop at the year or the month -------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("2021-06-08", "8 June 2021"),
        ("2021-06", "June 2021"),
        ("2021", "2021"),
        ("2024-02-29", "29 February 2024"),
        ("", ""),
    ],
)
def test_partial_date_is_shown_no_more_exactly_than_it_is_known(kept: str, shown: str) -> None:
    if kept:
        validate_partial_date(kept)
    assert show_partial_date(kept) == shown


@pytest.mark.parametrize(
    "bad",
    [
        "21",
        "2021-",
        "2021-6",
        "2021-06-8",
        "2021-00",
        "2021-13",
        "2021-02-29",
        "0000",
        "2021/06",
        " 2021",
        "2021\n",
        "२०२१",
    ],
)
def test_partial_date_of_another_form_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_partial_date(bad)
    assert refusal.value.messages == [f"“{bad}” is not a date. Write 2021, 2021-06 or 2021-06-08."]


@pytest.mark.parametrize(("date", "year"), [("1899-12-31", 1899), ("2101", 2101), ("9999-12", 9999), ("0001", 1)])
def test_partial_date_of_another_time_is_refused(date: str, year: int) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_partial_date(date)
    assert refusal.value.messages == [f"{year} is not a year from 1900 to 2100."]


@pytest.mark.parametrize(("date", "year"), [("2021-06-08", 2021), ("2020-12", 2020), ("1999", 1999)])
def test_publication_year_follows_the_date_by_itself(date: str, year: int) -> None:
    trial = make_trial(publication_date=date)
    assert Trial.objects.get(publication_year=year) == trial
    Trial.objects.filter(pk=trial.pk).update(publication_date="2003-01")
    trial.refresh_from_db()
    assert trial.publication_year == 2003


# --- What is worked out ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "full", "short"),
    [
        ("Dilogo, Ismail Hadisoebroto", "Ismail Hadisoebroto Dilogo", "Dilogo IH"),
        ("Hashemian, Seyed-Mohammad Reza", "Seyed-Mohammad Reza Hashemian", "Hashemian SMR"),
        ("Caplan, Arnold I.", "Arnold I. Caplan", "Caplan AI"),
        ("Koyuncu, ID", "ID Koyuncu", "Koyuncu ID"),
        ("Adas, G", "G Adas", "Adas G"),
        ("de Azambuja, Ana Paula", "Ana Paula de Azambuja", "de Azambuja AP"),
        ("Larghero, Jérôme", "Jérôme Larghero", "Larghero J"),
        ("Boucher-Pillet, Hélène", "Hélène Boucher-Pillet", "Boucher-Pillet H"),
        ("Research Group of Paris", "Research Group of Paris", "Research Group of Paris"),
    ],
)
def test_author_in_full_and_as_citations_print_them(line: str, full: str, short: str) -> None:
    (author,) = Trial(authors=line).author_list
    assert (author.full, author.short) == (full, short)


def test_author_list_keeps_the_order_and_knows_a_group() -> None:
    trial = Trial(authors="Smith, Jane\nKart Yasar, K\nThe Group", publication_date="2021-06")
    assert trial.author_list == [Author("Smith", "Jane"), Author("Kart Yasar", "K"), Author("The Group", "")]
    assert trial.lead_author == "Smith"
    assert trial.short_name == "Smith 2021"


@pytest.mark.parametrize(
    ("events", "total", "per_100"), [(0, 10, 0), (7, 12, 58), (2, 12, 17), (1, 8, 13), (6, 6, 100)]
)
def test_count_per_100_people_with_a_half_rounded_up(events: int, total: int, per_100: int) -> None:
    assert OutcomeCount(events=events, total=total).per_100 == per_100


@pytest.mark.parametrize(
    ("days", "time_point", "when"),
    [
        (31, "", "by day 31"),
        (0, "", "by day 0"),
        (None, "in hospital", "in hospital"),
        (None, "", "time point not stated"),
    ],
)
def test_count_says_when_it_was_taken(days, time_point: str, when: str) -> None:
    assert OutcomeCount(days=days, time_point=time_point).when == when


@pytest.mark.parametrize(
    ("randomised", "analysed", "people"),
    [(22, 21, 21), (12, None, 12), (None, 10, 10), (5, 0, 0), (None, None, None)],
)
def test_people_of_a_group_are_those_analysed_or_else_those_randomised(randomised, analysed, people) -> None:
    assert Arm(randomised=randomised, analysed=analysed).people == people


@pytest.mark.parametrize(
    ("registry", "identifier", "url", "address"),
    [
        ("clinicaltrials-gov", "NCT04457609", "", "https://clinicaltrials.gov/study/NCT04457609"),
        ("isrctn", "ISRCTN52319075", "", "https://www.isrctn.com/ISRCTN52319075"),
        ("irct", "IRCT1", "https://irct.ir/trial/1", "https://irct.ir/trial/1"),
        ("rebec", "RBR-3fz9yr", "", ""),
    ],
)
def test_registration_leads_to_its_record(registry: str, identifier: str, url: str, address: str) -> None:
    assert Registration(registry=registry, identifier=identifier, url=url).record_url == address


@pytest.mark.parametrize(
    ("basis", "confidence", "is_probable"),
    [("quoted", 3, False), ("derived", 3, False), ("disputed", 3, False), ("inferred", 3, True), ("quoted", 2, True)],
)
def test_source_that_is_inferred_or_not_sure_makes_its_value_probable(basis, confidence, is_probable) -> None:
    assert Source(basis=basis, confidence=confidence).is_probable is is_probable


def test_glossary_term_is_known_by_all_its_spellings() -> None:
    term = GlossaryTerm(term="mesenchymal stem cell", other_spellings="MSC, MSCs , ,")
    assert term.spellings == ["mesenchymal stem cell", "MSC", "MSCs"]


@pytest.mark.parametrize(
    ("record", "field", "value", "said"),
    [
        (Trial(), "age", "40 to\x0b60", "In age, “40 to�60” holds a control character (U+000B, shown here as �)."),
        (Arm(), "note", "\x00", "In note, “�” holds a control character (U+0000, shown here as �)."),
        (OutcomeCount(), "time_point", "in\x08hospital", "In time point, “in�hospital” holds a control character"),
        (Registration(), "sponsor", "a\x1fb", "In sponsor, “a�b” holds a control character (U+001F,"),
        (Source(), "quote", "a\x0cb", "In quote, “a�b” holds a control character (U+000C,"),
        (Blank(), "note", "a\x0eb", "In note, “a�b” holds a control character (U+000E,"),
        (Page(), "body", f"{'x' * 99}\uffff{'y' * 99}", f"In text, “{'x' * 20}�{'y' * 20}” holds a control character"),
        (GlossaryTerm(), "meaning", "a\ufffeb", "In meaning, “a�b” holds a control character (U+FFFE,"),
        (Country(), "name", "a\x0bb", "In name, “a�b” holds a control character (U+000B,"),
    ],
)
def test_control_character_in_a_text_is_refused(record: models.Model, field: str, value: str, said: str) -> None:
    setattr(record, field, value)
    with pytest.raises(ValidationError) as refusal:
        record.clean_fields()
    assert list(refusal.value.message_dict) == [field]
    assert refusal.value.message_dict[field][0].startswith(said)
    record.clean_fields(exclude={each.name for each in record._meta.fields})


def test_line_ends_and_tabs_are_part_of_a_text() -> None:
    Page(body="a\tb\r\nc\nd\x85").clean_fields(exclude={f.name for f in Page._meta.fields if f.name != "body"})


# --- Natural keys ---------------------------------------------------------------------------------------------


def test_natural_keys_lead_back_to_their_records(study: Trial) -> None:
    expected = [
        (study, ("smith-2021",)),
        (study.arms.get(position=2), ("smith-2021", 2)),
        (study.counts.get(position=9), ("smith-2021", 9)),
        (study.registrations.get(), ("smith-2021", 1)),
        (study.sources.get(), ("smith-2021", 1)),
        (study.blanks.get(), ("smith-2021", "age")),
        (make_country(code="ID"), ("ID",)),
        (Page.objects.get(), ("about",)),
        (GlossaryTerm.objects.get(), ("placebo",)),
    ]
    # A second study, so that a key which forgot its study would find the wrong row.
    make_trial(slug="jones-2020")
    for record, key in expected:
        assert record.natural_key() == key
        assert type(record).objects.get_by_natural_key(*key) == record


@pytest.mark.parametrize("slug", ["overview", "glossary", "about", "change", "robots", "sitemap"])
def test_page_may_have_any_name_that_leads_to_it(slug: str) -> None:
    Page(**PAGE | {"slug": slug}).full_clean()


@pytest.mark.parametrize(
    ("slug", "address"),
    [("overview", "/"), ("glossary", "/glossary/"), ("about", "/about/")],
)
def test_page_address(slug: str, address: str) -> None:
    assert Page(slug=slug).get_absolute_url() == address


def test_study_and_term_addresses() -> None:
    assert Trial(slug="dilogo-2021").get_absolute_url() == "/trials/dilogo-2021/"
    assert GlossaryTerm(slug="ards").get_absolute_url() == "/glossary/#ards"


@pytest.mark.parametrize("status", ["draft", "in-review", "archived", "published"])
def test_only_a_published_study_is_public(status: str) -> None:
    trial = make_trial(status=status)
    assert trial.is_public is (status == "published")
    assert list(Trial.objects.public()) == ([trial] if status == "published" else [])
