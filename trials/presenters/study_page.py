"""A study as its own page shows it, from a study whose rows were fetched with it or built from a document."""

from collections.abc import Iterable
from typing import Any

from django.utils.dateformat import format as format_date

from trials import vocabulary as v
from trials.models import Blank, OutcomeCount, Trial
from trials.models.fields import show_partial_date
from trials.models.values import TOGETHER, value_in_words
from trials.presenters.card import TrialCard
from trials.presenters.facts import Citations, Entry, Fact, label_of, value_anchor, with_note
from trials.presenters.study_tables import ArmRow, CountRow, OutcomeRows, RegistrationRow
from trials.workflow.derived import totals

DATE = "j F Y"
FIRST_AUTHORS = 6  # shown at once; the others unfold

# The facts of a study page, in reading order: (heading, the names of the values).
FACT_GROUPS: list[tuple[str, tuple[str, ...]]] = [
    ("How it was done", ("control", "allocation_wording", "centres", "countries", "recruitment", "follow_up")),
    ("Who took part", ("cause", "severity", "ventilation", "age", "sex")),
    ("What was given", ("cell_source", "donor", "preparation", "dose", "infusions", "schedule", "route")),
]
FINDINGS = (
    "safety_result", "safety_definition", "safety_related", "primary_outcome", "primary_result", "other_findings",
)  # fmt: skip
APPRAISAL = ("authors_conclusion", "authors_limits", "limits", "unsettled", "funding", "interests")
IN_THE_HEADER = ("title", "acronym", "authors", "journal")
BIBLIOGRAPHY = (
    "journal_abbreviation", "publication_date", "received", "accepted", "volume", "issue", "pages", "language", "doi",
    "pmid", "pmcid", "licence",
)  # fmt: skip


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
        self._blanks: dict[str, Blank] = {blank.value: blank for blank in trial.blanks.all()}
        self.registration_rows = [RegistrationRow(row, self.citations) for row in trial.registrations.all()]
        names = [author.full for author in trial.author_list]
        self.first_authors, self.more_authors = ", ".join(names[:FIRST_AUTHORS]), names[FIRST_AUTHORS:]
        self.header = {name: self.fact(name) for name in IN_THE_HEADER}
        self.fact_groups = [(heading, self.facts(names)) for heading, names in FACT_GROUPS]
        self.findings, self.appraisal = self.facts(FINDINGS), self.facts(APPRAISAL)
        self.bibliography = self.facts(BIBLIOGRAPHY)

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
        if name == "authors":
            return ", ".join(author.full for author in trial.author_list)
        return value_in_words(name, trial, {})

    def fact(self, name: str) -> Fact:
        text, paths = self.text(name), TOGETHER.get(name, (name,))
        entries = self.citations.of(*paths)
        if text:
            return Fact(name, label_of(name), text, entries=entries)
        blank = next((self._blanks[path] for path in paths if path in self._blanks), None)
        reason = blank.get_reason_display() if blank else v.BlankReason.NOT_CHECKED.label
        return Fact(name, label_of(name), "", reason, blank.note if blank else "", entries)

    def facts(self, names: Iterable[str]) -> list[Fact]:
        return [self.fact(name) for name in names]

    @property
    def place_in_journal(self) -> str:
        """Year, volume, issue and pages: 2021; 10(4): 1–9."""
        trial = self.trial
        issue = f"({trial.issue})" if trial.issue else ""
        volume = f"; {trial.volume}{issue}" if trial.volume else ""
        return f"{trial.publication_date[:4]}{volume}{f': {trial.pages}' if trial.pages else ''}"

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
        number = sum(not fact.text and fact.blank == v.BlankReason.NOT_CHECKED.label for fact in self.all_facts)
        values = "value on this page is" if number == 1 else "values on this page are"
        return f"{number} {values} not yet checked." if number else ""

    @property
    def randomised(self) -> int | None:
        """People randomised, where every group gives the number and it differs from the number of people."""
        numbers = [arm.randomised for arm in self.arms if arm.randomised is not None]
        return sum(numbers) if len(numbers) == len(self.arms) and sum(numbers) != self.people else None

    @property
    def people_entries(self) -> tuple[Entry, ...]:
        """The sources of the numbers that add up to the people of the study."""
        return tuple(entry for row in self.groups for entry in row.entries)

    @property
    def all_facts(self) -> list[Fact]:
        """Every value of the study itself that the page shows."""
        facts = [fact for _, group in self.fact_groups for fact in group]
        facts += self.facts(("design", "masking", "phase"))
        # Few studies have an acronym: one without has no blank on the page.
        header = [fact for name, fact in self.header.items() if fact.text or name != "acronym"]
        return facts + self.findings + self.appraisal + header + self.bibliography

    @property
    def readings(self) -> list[dict[str, Any]]:
        """What the title, the paper and each registration say of the design, the masking and the phase."""
        return [
            {
                "reported": (fact := self.fact(name)),
                "titled": getattr(self.trial, f"titled_{name}"),
                "wording": getattr(self.trial, f"{name}_wording"),
                "entries": (*fact.entries, *self.citations.of(f"{name}_wording")),
                "registered": [row.reading(name) for row in self.registration_rows],
                "anchor": value_anchor(f"{name}-table"),
            }
            for name in ("design", "masking", "phase")
        ]

    @property
    def groups(self) -> list[ArmRow]:
        return [
            ArmRow(arm, self.citations.of_row(path), value_anchor(path), self._blanks.get(f"{path}.randomised"))
            for arm in self.arms
            if (path := f"arms.{arm.key}")
        ]

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
