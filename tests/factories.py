"""Records for the tests, saved through the workflow. Every value has a default: name the ones that matter to the test.

trial_document(doi="10.1000/example", arms=[arm("a1", analysed=9)], counts=[])
published_trial(slug="brown-2022", countries=["FR"])
draft_trial(by=editor("eva"), design="")
"""

from collections.abc import Callable
from typing import Any

from tests.users import editor, reviewer
from trials.models import GlossaryTerm, Page, Record, Revision, Trial
from trials.models.values import VALUE_ROWS, study_values
from trials.vocabulary import Status, Step
from trials.workflow import steps
from trials.workflow.documents import ROWS, Document, document_of, write
from trials.workflow.questions import questions
from trials.workflow.revisions import add_revision, newest_revision, working_copy
from trials.workflow.versions import content_write

Row = dict[str, Any]


# --- Rows of a document. A row has its place in the list as its position, unless it names another.


def arm(key: str = "a1", **values: Any) -> Row:
    """Return a group of ten people who were given cells from umbilical cords."""
    cells = {"name": "Cells", "role": "cells", "cell_source": "umbilical-cord", "given": "Cells into a vein"}
    return {"key": key, **cells, "randomised": 10, "analysed": 10, "note": ""} | values


def comparison(key: str = "a2", **values: Any) -> Row:
    """Return a group of ten people who were given placebo."""
    return arm(key, **{"name": "Placebo", "role": "comparison", "cell_source": "", "given": "Placebo"} | values)


def count(key: str = "c1", arm: str | None = "a1", **values: Any) -> Row:
    """Return the main count of deaths by day 28 in a group: 3 of 10."""
    deaths = {"outcome": "death", "days": 28, "time_point": "", "events": 3, "total": 10}
    return {"key": key, "arm": arm, **deaths, "headline": True, "note": ""} | values


def registration(key: str = "r1", **values: Any) -> Row:
    return {"key": key, "registry": "clinicaltrials-gov", "identifier": "NCT04457609"} | values


def source(key: str = "s1", **values: Any) -> Row:
    paper = {"label": "Abstract of the paper", "kind": "paper", "address": "https://doi.org/10.1000/example"}
    return {"key": key, **paper, "read_in_copy": False} | values


def citation(value: str, key: str = "q1", source: str = "s1", **values: Any) -> Row:
    """Return a citation of the value with this path, quoted from a source."""
    reading = {"quote": "a randomised trial", "basis": "quoted", "confidence": 3, "checked_twice": False, "note": ""}
    return {"key": key, "source": source, "value": value, **reading} | values


def blank(value: str, key: str = "b1", **values: Any) -> Row:
    return {"key": key, "value": value, "reason": "not-reported", "note": ""} | values


def judgement(key: str = "j1", **values: Any) -> Row:
    """Return what a review judged of the risk of bias as a whole: low."""
    overall = {"kind": "bias", "about": "overall", "tool": "", "verdict": "low", "reasons": ""}
    by = {"judged_by": "A review", "address": "https://example.org/review", "judged_on": ""}
    return {"key": key, **overall, **by} | values


def notice(key: str = "n1", **values: Any) -> Row:
    """Return the notice of a correction."""
    correction = {"kind": "correction", "date": "2022-03", "address": "https://doi.org/10.1000/correction", "note": ""}
    return {"key": key, **correction} | values


# --- Documents


def trial_document(**values: Any) -> Document:
    """Return a study that can be published: 3 of 10 people given cells died, and 5 of 10 given placebo.

    `arms`, `counts`, `registrations`, `sources`, `citations`, `blanks` and `notices` are lists of rows; all other
    values are fields of the study. Without `citations`, each value that is not empty has one.
    """
    rows: dict[str, list[Row]] = {
        "arms": [arm("a1"), comparison("a2")],
        "counts": [count("c1", "a1"), count("c2", "a2", events=5)],
        "registrations": [],
        "sources": [source("s1")],
        "blanks": [],
        "judgements": [],
        "notices": [],
    }
    rows |= {kind: [dict(row) for row in values.pop(kind)] for kind in ROWS if kind in values}
    for kind in rows:
        for position, row in enumerate(rows[kind], start=1):
            if kind != "citations" and kind != "blanks":
                row.setdefault("position", position)
    fields = {
        "slug": "smith-2021",
        "title": "Cells for acute respiratory distress syndrome: a randomised trial",
        "authors": "Smith, Jane\nBrown, Ann",
        "journal": "Journal of Trials",
        "publication_date": "2021-06-08",
        "design": "randomised",
        "masking": "double",
        "phase": "2",
        "cause": "covid-19",
        "control": "placebo",
        "countries": ["ID"],
        "heading": "Cells for 20 people with ARDS in Indonesia",
        "plain_summary": "20 people took part.",
        "last_reviewed": "2026-11-22",
        "review_due": "2027-05-22",
    } | values
    rows.setdefault("citations", _citations(fields, rows))
    return {"fields": fields, **{kind: rows[kind] for kind in ROWS}}


def _citations(fields: dict[str, Any], rows: dict[str, list[Row]]) -> list[Row]:
    paths = [path for path in study_values() if path == "cell_source" or fields.get(path)]
    paths += [f"{kind}.{row['key']}" for kind in VALUE_ROWS for row in rows[kind]]
    return [citation(path, key=f"q{number}") for number, path in enumerate(paths, start=1)]


def other_study_document(**fields: Any) -> Document:
    known = {
        "slug": "jones-2020",
        "name": "Jones 2020",
        "reason": "not-yet-reviewed",
        "progress": "published",
        "design": "randomised",
        "sources": "The paper https://doi.org/10.1000/jones “nobody died”",
        "looked_up": "2026-11-30",
    }
    return {"fields": known | fields}


def review_document(**fields: Any) -> Document:
    review = {
        "slug": "brown-2021",
        "title": "Cells: a review",
        "citation": "Journal of Reviews 2021",
        "address": "https://doi.org/10.1000/brown",
        "results": "death: RR 0.50 (0.34 to 0.75); 11 studies",
        "looked_up": "2026-11-30",
    }
    return {"fields": review | fields}


def page_document(**fields: Any) -> Document:
    about = {
        "slug": "about",
        "title": "About this site",
        "description": "Who runs this site.",
        "body": "We are librarians.",
        "last_reviewed": "2026-11-22",
        "review_due": "2027-05-22",
    }
    return {"fields": about | fields}


def term_document(**fields: Any) -> Document:
    placebo = {"slug": "placebo", "term": "placebo", "meaning": "A treatment that does nothing."}
    return {"fields": placebo | fields}


# --- Records


@content_write
def load(model: type[Record], document: Document) -> Any:
    """Return a published record that came with the site."""
    record, document = steps.build_and_check(document, model(status=Status.PUBLISHED))
    write(record)
    add_revision(record, Step.LOADED, "the site itself", document=document, live=True)
    return record


def published_trial(**values: Any) -> Trial:
    return Trial.objects.get(pk=load(Trial, trial_document(**values)).pk)


def draft_trial(by: Any = None, **values: Any) -> Trial:
    """Return a study that was never published, written by the editor Eva unless told otherwise."""
    record = steps.create(Trial, trial_document(**values), by=by or editor())
    return Trial.objects.get(pk=record.pk)


def archived_trial(**values: Any) -> Trial:
    trial = published_trial(**values)
    steps.archive(trial, by=reviewer(), base=1, reason="It was retracted.")
    return Trial.objects.get(pk=trial.pk)


def published_page(**fields: Any) -> Page:
    return Page.objects.get(pk=load(Page, page_document(**fields)).pk)


def published_term(**fields: Any) -> GlossaryTerm:
    return GlossaryTerm.objects.get(pk=load(GlossaryTerm, term_document(**fields)).pk)


# --- Steps


def edited(record: Any, edit: Callable[[Document], Any], by: Any = None) -> Any:
    """Return the draft of a record, whose document an editor changed with `edit`."""
    draft = steps.start_draft(record)
    document = document_of(draft)
    edit(document)
    steps.save(draft, document, by=by or editor(), base=newest(draft))
    return type(record).objects.get(pk=draft.pk)


def draft_of(record: Any, by: Any = None, **fields: Any) -> Any:
    """Return the draft of a record, in which an editor changed these fields."""
    return edited(record, lambda document: document["fields"].update(fields), by)


def submit(record: Any, by: Any = None, reason: str = "A misprint.") -> None:
    """Submit the draft of a record. Each value that changed while its source did not is confirmed."""
    confirmed = [question.token for question in questions(working_copy(record))]
    steps.submit(record, by=by or editor(), base=newest(record), reason=reason, confirmed=confirmed)


def publish(record: Any, by: Any = None, reason: str = "") -> Revision:
    return steps.publish(record, by=by or reviewer(), base=newest(record), reason=reason)


def newest(record: Any) -> int:
    return newest_revision(record).number


def republished(record: Any, reason: str = "A misprint.", **fields: Any) -> Any:
    """Return a public record in which an editor changed these fields, after a reviewer published the change."""
    draft_of(record, **fields)
    submit(record, reason=reason)
    publish(record)
    return type(record).objects.get(pk=record.pk)
