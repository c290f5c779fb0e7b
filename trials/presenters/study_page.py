"""A study as its own page shows it, from a study whose rows were fetched with it or built from a document."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.dateformat import format as format_date

from trials import vocabulary as v
from trials.models import Blank, OutcomeCount, Trial
from trials.models.fields import show_partial_date
from trials.models.values import TOGETHER, value_in_words
from trials.presenters.card import TrialCard
from trials.presenters.deaths import row_of
from trials.presenters.facts import NOT_CHECKED, Citations, Entry, Fact, label_of, value_anchor, with_note
from trials.presenters.judgements import judgements
from trials.presenters.people_picture import people_picture
from trials.presenters.study_tables import (
    NO_VALUE,
    READ_FROM,
    ArmRow,
    CountRow,
    OutcomeRows,
    Registered,
    RegistrationRow,
)
from trials.quality.disagreements import disagreements, people_in_words
from trials.workflow.derived import totals

DATE = "j F Y"
FIRST_AUTHORS = 2  # named at the top of the page

# The facts of a study page, section by section in reading order: the names of the values.
FINDINGS = ("primary_outcome", "primary_result", "safety_result", "safety_related", "authors_conclusion")
MORE_FINDINGS = ("safety_definition", "other_findings")
TOOK_PART = ("cause", "severity", "ventilation", "age", "sex", "countries")
HOW_SURE = ("limits", "authors_limits", "funding", "interests")
HOW_DONE = ("allocation_wording", "control", "follow_up")
MORE_ON_HOW = (
    "cell_source", "donor", "preparation", "dose", "infusions", "schedule", "route", "centres", "recruitment",
)  # fmt: skip
BIBLIOGRAPHY = (
    "title", "acronym", "authors", "more_authors", "journal", "journal_abbreviation", "publication_date", "received",
    "accepted", "volume", "issue", "pages", "language", "doi", "pmid", "pmcid", "licence",
)  # fmt: skip
AT_THE_TOP = ("title", "authors", "journal")  # shown at the top too, with one control for the sources of all three
_PAGES = re.compile(r"[A-Za-z]?\d+-[A-Za-z]?\d+")  # a range, not an article number such as e-12


@dataclass(frozen=True)
class Reading:
    """What the title, the paper and each registration say of the design, the masking or the phase."""

    reported: Fact
    titled: str
    wording: str
    registered: list[Registered]
    entries: tuple[Entry, ...]
    anchor: str


@dataclass(frozen=True)
class Disagreement:
    """A source that says something else. `note` is empty where the open questions tell what it says."""

    number: int
    source: str
    values: str
    note: str


class StudyPage(TrialCard):
    """A study as its own page shows it."""

    def __init__(self, trial: Trial) -> None:
        for name, value in totals(trial).items():  # a study that was built from a document does not have them
            setattr(trial, name, value)
        super().__init__(trial)
        self.arms = list(trial.arms.all())
        self.counts: list[OutcomeCount] = list(trial.counts.all())
        self.has_death_counts = any(count.outcome == v.Outcome.DEATH for count in self.counts)
        self.citations = Citations(trial)
        self.documents = self.citations.documents
        blanks: dict[str, Blank] = {blank.value: blank for blank in trial.blanks.all()}
        self._blanks = blanks
        self.author_names = [author.full for author in trial.author_list]
        self.groups = [ArmRow(arm, self.citations, blanks) for arm in self.arms]
        self.registration_rows = [RegistrationRow(row, self.citations, blanks) for row in trial.registrations.all()]
        self.readings = [self._reading(name) for name in READ_FROM]
        self.more_readings = [self._more(name) for name in ("control", "people", "primary_outcome", "timing")]
        self.differences = disagreements(trial)
        self.findings, self.more_findings = map(self.facts, (FINDINGS, MORE_FINDINGS))
        self.took_part, self.how_sure = map(self.facts, (TOOK_PART, HOW_SURE))
        self.how_done, self.more_on_how = map(self.facts, (HOW_DONE, MORE_ON_HOW))
        # Few studies have an acronym: one without has no blank on the page.
        left_out = {"acronym": not trial.acronym, "more_authors": trial.authors_complete}
        self.bibliography = [fact for fact in self.facts(BIBLIOGRAPHY) if not left_out.get(fact.name)]
        self.unsettled = self.fact("unsettled")
        self.judgements = judgements(trial)
        self.compared = row_of(trial)
        self.people_picture = people_picture(trial)

    def text(self, name: str) -> str:
        """Return the value in words, or "" if it is empty."""
        trial = self.trial
        if name == "cell_source":
            return with_note(self.cell_sources, trial.cell_source_wording)
        if name == "cause":
            return with_note(trial.get_cause_display(), trial.cause_wording)
        if name == "centres":
            number = "" if trial.centres is None else f"{trial.centres} centre{'' if trial.centres == 1 else 's'}"
            return with_note(number, trial.centres_note)
        if name == "recruitment":
            start, end = show_partial_date(trial.recruitment_start), show_partial_date(trial.recruitment_end)
            return f"{start} to {end}" if start and end else f"from {start}" if start else f"until {end}" if end else ""
        if name == "dose":
            return with_note(f"{trial.dose} {trial.get_dose_unit_display()}", trial.dose_note) if trial.dose else ""
        if name == "title":
            return f"“{trial.title}”"
        if name == "authors":
            return ", ".join(self.author_names)
        if name == "pages":
            return self.pages
        return value_in_words(name, trial, {})

    def fact(self, name: str) -> Fact:
        if name == "more_authors":
            return Fact(name, "Other authors", "", NOT_CHECKED)
        text, paths = self.text(name), TOGETHER.get(name, (name,))
        entries = self.citations.of(*paths)
        if text:
            names = tuple(self.author_names) if name == "authors" else ()
            return Fact(name, label_of(name), text, entries=entries, names=names)
        blank = next((self._blanks[path] for path in paths if path in self._blanks), None)
        reason = blank.get_reason_display() if blank else NOT_CHECKED
        return Fact(name, label_of(name), "", reason, blank.note if blank else "", entries)

    def facts(self, names: Iterable[str]) -> list[Fact]:
        return [self.fact(name) for name in names]

    @property
    def pages(self) -> str:
        """The range of pages with an en dash, or the article number as it is."""
        pages = self.trial.pages
        return pages.replace("-", "–") if _PAGES.fullmatch(pages) else pages

    @property
    def place_in_journal(self) -> str:
        """Year, volume, issue and pages: 2021; 10(4): 1–9."""
        trial = self.trial
        issue = f"({trial.issue})" if trial.issue else ""
        volume = f"; {trial.volume}{issue}" if trial.volume else ""
        return f"{trial.publication_date[:4]}{volume}{f': {self.pages}' if trial.pages else ''}"

    @property
    def first_authors(self) -> list[str]:
        """The first authors; all of them where that spares no more than one name."""
        names = self.author_names
        return names if len(names) <= FIRST_AUTHORS + 1 else names[:FIRST_AUTHORS]

    @property
    def other_authors(self) -> str:
        """What follows the first authors: 28 others."""
        number = len(self.author_names) - len(self.first_authors)
        return f"{number} others" if number else "" if self.trial.authors_complete else "others"

    @property
    def entries_at_the_top(self) -> tuple[Entry, ...]:
        return self.citations.of(*AT_THE_TOP)

    @property
    def summary_lines(self) -> list[str]:
        return [line for line in self.trial.plain_summary.splitlines() if line.strip()]

    @property
    def review_sentence(self) -> str:
        trial = self.trial
        due = f"; the next review is due on {format_date(trial.review_due, DATE)}" if trial.review_due else ""
        reviewed = trial.last_reviewed
        return f"This entry was last reviewed on {format_date(reviewed, DATE)}{due}." if reviewed else ""

    @property
    def not_checked_sentence(self) -> str:
        number = sum(fact.is_not_checked for fact in self.shown_facts)
        values = "value on this page is" if number == 1 else "values on this page are"
        return f"{number} {values} not yet checked." if number else ""

    @property
    def shown_facts(self) -> list[Fact]:
        """Every value that the page shows, each of which can be blank."""
        return [
            *self.study_facts,
            *(fact for row in self.groups for fact in row.facts),
            *(registered.fact for reading in self.readings for registered in reading.registered),
            *(fact for row in self.registration_rows for fact in row.facts),
        ]

    @property
    def study_facts(self) -> list[Fact]:
        """Every value of the study itself, without its rows, that the page shows."""
        lists = (
            self.findings,
            self.more_findings,
            self.took_part,
            self.how_sure,
            self.how_done,
            self.more_on_how,
            self.bibliography,
        )
        reported = [reading.reported for reading in self.readings]
        return [*(fact for facts in lists for fact in facts), *reported, self.unsettled]

    @property
    def randomised(self) -> int | None:
        """People randomised, where every group gives the number and it differs from the number of people."""
        numbers = [arm.randomised for arm in self.arms if arm.randomised is not None]
        return sum(numbers) if len(numbers) == len(self.arms) and sum(numbers) != self.people else None

    def _reading(self, name: str) -> Reading:
        reported = self.fact(name)
        wording = self.citations.of(f"{name}_wording", "who_masked" if name == "masking" else "")
        registered = (entry for row in self.registration_rows for entry in row.entries_of_reading(name))
        return Reading(
            reported=replace(reported, entries=(*reported.entries, *wording)),
            titled=getattr(self.trial, f"titled_{name}"),
            wording=getattr(self.trial, f"{name}_wording"),
            registered=[row.readings[name] for row in self.registration_rows],
            entries=(*reported.entries, *wording, *registered),
            anchor=value_anchor(f"{name}-table"),
        )

    def _more(self, name: str) -> Reading:
        """Return what is said of a value that the page shows elsewhere, so that no source is repeated here."""
        trial, quotes = self.trial, (entry.citation.quote for entry in self.citations.of(name))
        titled = [quote for quote in quotes if quote and quote in trial.title]
        if name == "people":
            found = people_in_words(trial)
            reported = Fact(name, "People", f"{found[0]} {found[1]}" if found else "", NO_VALUE)
        elif name == "timing":
            start = show_partial_date(trial.recruitment_start)
            reported = Fact(name, "Timing of registration", f"Start: {start}" if start else "", NO_VALUE)
        else:
            reported = replace(self.fact(name), entries=(), blank=NO_VALUE)
        return Reading(
            reported=reported,
            titled=titled[0] if titled else "",
            wording="",
            registered=[row.more_readings[name] for row in self.registration_rows],
            entries=(),
            anchor=value_anchor(f"{name}-table"),
        )

    @property
    def outcomes(self) -> list[OutcomeRows]:
        """The counts, grouped by outcome and time."""
        rows: dict[tuple[str, str], OutcomeRows] = {}
        for count in self.counts:
            key = (count.get_outcome_display(), count.when)
            path = f"counts.{count.key}"
            row = CountRow(count, self.citations.of_row(path), value_anchor(path))
            rows.setdefault(key, OutcomeRows(*key)).rows.append(row)
        return list(rows.values())

    @property
    def disagreements(self) -> list[Disagreement]:
        """Each source that differs from a value shown, by its number, with its notes.

        The open questions cite the sources that they are about: what those say is told there, and not again here.
        """
        found: list[Disagreement] = []
        for document in self.documents:
            disputed = [entry for entry in document.entries if entry.citation.basis == v.Basis.DISPUTED]
            is_told = any(entry.citation.value == "unsettled" for entry in disputed)
            notes: dict[str, list[str]] = {}
            for entry in disputed:
                notes.setdefault("" if is_told else entry.citation.note, []).append(entry.value_label)
            for note, labels in notes.items():
                values = "" if is_told else "; ".join(labels)
                found.append(Disagreement(document.number, document.source.label, values, note))
        return found
