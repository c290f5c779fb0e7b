"""A study as its own page shows it, from a study whose rows were fetched with it or built from a document."""

import re
from dataclasses import dataclass, replace
from itertools import chain

from django.template.defaultfilters import pluralize

from trials import vocabulary as v
from trials.models import OutcomeCount, Trial
from trials.models.fields import show_partial_date
from trials.presenters.card import TrialCard, records_of_paper
from trials.presenters.deaths import row_of
from trials.presenters.facts import NOT_CHECKED, Entry, Fact, Values, label_of, value_anchor, with_note
from trials.presenters.judgements import judgements, main_judgements
from trials.presenters.people_picture import people_picture
from trials.presenters.study_tables import NO_VALUE, CountRow, GroupRow, OutcomeRows, RegistrationRow
from trials.quality.disagreements import disagreements, origin, people_in_words
from trials.workflow.derived import totals

FIRST_AUTHORS = 2  # named at the top of the page

# The facts of a study page, section by section in reading order: the names of the values.
SECTIONS = {
    "findings": ("primary_outcome", "primary_result", "safety_result", "safety_related", "authors_conclusion"),
    "more_findings": ("safety_definition", "other_findings"),
    "took_part": ("cause", "severity", "ventilation", "age", "sex", "countries"),
    "how_sure": ("limits", "authors_limits", "funding", "interests"),
    "how_done": ("allocation_wording", "control", "follow_up"),
    "more_on_how": (
        "cell_source", "donor", "preparation", "dose", "infusions", "schedule", "route", "centres", "recruitment",
    ),
    "bibliography": (
        "title", "acronym", "authors", "more_authors", "journal", "journal_abbreviation", "publication_date",
        "received", "accepted", "volume", "issue", "pages", "language", "doi", "pmid", "pmcid", "licence",
    ),
}  # fmt: skip
AT_THE_TOP = ("title", "authors", "journal")  # shown at the top too, with one control for the sources of all three
_PAGES = re.compile(r"[A-Za-z]?\d+-[A-Za-z]?\d+")  # a range, not an article number such as e-12


@dataclass(frozen=True)
class Reading:
    """What the title, the paper and each registration say of one value."""

    reported: Fact
    titled: str
    registered: list[Fact]
    wording: str = ""
    origin: str = ""  # the kinds of source that the value is from, where the paper is not among them

    @property
    def anchor(self) -> str:
        return value_anchor(f"{self.reported.name}-table")


@dataclass(frozen=True)
class Disagreement:
    """A source that says something else. `note` is empty where the open questions tell what it says."""

    number: int
    source: str
    values: str
    note: str


def _period(start: str, end: str) -> str:
    if start and end:
        return f"{start} to {end}"
    if start:
        return f"from {start}"
    return f"until {end}" if end else ""


class StudyPage(TrialCard):
    """A study as its own page shows it."""

    def __init__(self, trial: Trial) -> None:
        for name, value in totals(trial).items():  # a study that was built from a document does not have them
            setattr(trial, name, value)
        super().__init__(trial)
        self.records = records_of_paper(trial)
        self.values = Values(trial)
        self.documents = self.values.documents
        names = self.author_names = [author.full for author in trial.author_list]
        # The first authors are named at the top; all of them where that spares no more than one name.
        self.first_authors = names if len(names) <= FIRST_AUTHORS + 1 else names[:FIRST_AUTHORS]
        others = len(names) - len(self.first_authors)
        unknown_others = "" if trial.authors_complete else "others"
        self.other_authors = f"{others} others" if others else unknown_others
        self.entries_at_the_top = self.values.entries_of(*AT_THE_TOP)
        self.pages = trial.pages.replace("-", "–") if _PAGES.fullmatch(trial.pages) else trial.pages
        volume = f"; {trial.volume}{f'({trial.issue})' if trial.issue else ''}" if trial.volume else ""
        self.place_in_journal = f"{trial.publication_date[:4]}{volume}{f': {self.pages}' if self.pages else ''}"
        self.groups = [GroupRow(arm, self.values) for arm in trial.arms.all()]
        self.registrations = [RegistrationRow(row, self.values) for row in trial.registrations.all()]
        self.readings = [self._reading(name) for name in ("design", "masking", "phase")]
        self.more_readings = [self._more(name) for name in ("control", "people", "primary_outcome", "timing")]
        # Few studies have an acronym: one without has no blank on the page.
        left_out = {"acronym"} if not trial.acronym else set()
        left_out |= {"more_authors"} if trial.authors_complete else set()
        self.facts = {
            section: [self.fact(name) for name in values if name not in left_out]
            for section, values in SECTIONS.items()
        }
        self.unsettled = self.fact("unsettled")
        self.differences = disagreements(trial)
        self.judgements, self.main_judgements = judgements(trial), main_judgements(trial)
        self.compared = row_of(trial)
        self.people_picture = people_picture(trial)
        self.counts: list[OutcomeCount] = list(trial.counts.all())
        self.has_death_counts = any(count.outcome == v.Outcome.DEATH for count in self.counts)

    def fact(self, name: str) -> Fact:
        """Return a value of the study itself."""
        if name == "more_authors":
            return Fact(name, "Other authors", "", NOT_CHECKED)
        fact = self.values.fact(name, label_of(name), self._words(name))
        return replace(fact, names=tuple(self.author_names)) if name == "authors" else fact

    def _words(self, name: str) -> str | None:
        """Return a value in other words than those of its field; None where they are the same."""
        trial = self.trial
        centres = "" if trial.centres is None else f"{trial.centres} centre{pluralize(trial.centres)}"
        dose = f"{trial.dose} {trial.get_dose_unit_display()}"
        return {
            "cell_source": with_note(self.cell_sources, trial.cell_source_wording),
            "cause": with_note(trial.get_cause_display(), trial.cause_wording),
            "centres": with_note(centres, trial.centres_note),
            "recruitment": _period(
                show_partial_date(trial.recruitment_start), show_partial_date(trial.recruitment_end)
            ),
            "dose": with_note(dose, trial.dose_note) if trial.dose else "",
            "title": f"“{trial.title}”",
            "authors": ", ".join(self.author_names),
            "pages": self.pages,
        }.get(name)

    @property
    def entries_of_readings(self) -> tuple[Entry, ...]:
        """The citations of what the title, the paper and the registry say."""
        facts = (fact for reading in self.readings for fact in (reading.reported, *reading.registered))
        return tuple(entry for fact in facts for entry in fact.entries)

    @property
    def not_checked_sentence(self) -> str:
        number = sum(fact.is_not_checked for fact in self.shown_facts)
        values = "value on this page is" if number == 1 else "values on this page are"
        return f"{number} {values} not yet checked." if number else ""

    @property
    def study_facts(self) -> list[Fact]:
        """Every value of the study itself, without its rows, that the page shows."""
        return [*chain(*self.facts.values()), *(reading.reported for reading in self.readings), self.unsettled]

    @property
    def shown_facts(self) -> list[Fact]:
        """Every value that the page shows, each of which can be blank."""
        rows = chain(*(row.facts for row in self.groups), *(row.facts for row in self.registrations))
        return [*self.study_facts, *rows, *chain(*(reading.registered for reading in self.readings))]

    @property
    def randomised(self) -> int | None:
        """People randomised, where every group gives the number and it differs from the number of people."""
        numbers = [row.arm.randomised for row in self.groups]
        number = sum(each or 0 for each in numbers)
        return None if None in numbers or number == self.people else number

    def _reading(self, name: str) -> Reading:
        reported = self.fact(name)
        wording = self.values.entries_of(f"{name}_wording", "who_masked" if name == "masking" else "")
        return Reading(
            reported=replace(reported, entries=(*reported.entries, *wording)),
            titled=getattr(self.trial, f"titled_{name}"),
            registered=[row.readings[name] for row in self.registrations],
            wording=getattr(self.trial, f"{name}_wording"),
            origin=origin(entry.citation for entry in reported.entries),
        )

    def _more(self, name: str) -> Reading:
        """Return what is said of a value that the page shows elsewhere, so that no source is repeated here."""
        trial, people = self.trial, people_in_words(self.trial)
        start = show_partial_date(trial.recruitment_start)
        reported = {
            "people": Fact(name, "People", f"{people[0]} {people[1]}" if people else ""),
            "timing": Fact(name, "Timing of registration", f"Start: {start}" if start else ""),
        }.get(name) or self.fact(name)
        arms = [f"arms.{row.arm.key}" for row in self.groups]
        paths = {
            "timing": ["recruitment_start"],
            "people": [*arms, *(f"{arm}.{people[1]}" for arm in arms)] if people else [],
        }
        read = [entry.citation for entry in self.values.entries_of(*paths.get(name, [name]))]
        titled = next((each.quote for each in read if each.quote and each.quote in trial.title), "")
        registered = [row.more_readings[name] for row in self.registrations]
        return Reading(replace(reported, entries=(), blank=NO_VALUE), titled, registered, origin=origin(read))

    @property
    def outcomes(self) -> list[OutcomeRows]:
        """The counts, grouped by outcome and time."""
        rows: dict[tuple[str, str], list[CountRow]] = {}
        for count in self.counts:
            key = (count.get_outcome_display(), count.when)
            rows.setdefault(key, []).append(CountRow(count, self.values))
        return [OutcomeRows(*key, of_key) for key, of_key in rows.items()]

    @property
    def disagreements(self) -> list[Disagreement]:
        """Each source that differs from a value shown, by its number, with its notes.

        The open questions cite the sources that they are about: what those say is told there, and not again here.
        """
        found: list[Disagreement] = []
        for document in self.documents:
            disputed = [entry for entry in document.entries if entry.citation.basis == v.Basis.DISPUTED]
            is_explained = any(entry.citation.value == "unsettled" for entry in disputed)
            notes: dict[str, list[str]] = {}
            for entry in disputed:
                notes.setdefault("" if is_explained else entry.citation.note, []).append(entry.value_label)
            for note, labels in notes.items():
                values = "" if is_explained else "; ".join(labels)
                found.append(Disagreement(document.number, document.source.label, values, note))
        return found
