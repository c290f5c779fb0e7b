"""A study as its own page shows it, from a study whose rows were fetched with it or built from a document."""

from collections.abc import Iterable

from trials import vocabulary as v
from trials.models import Arm, Blank, OutcomeCount, Registration, Trial
from trials.models.countries import COUNTRIES
from trials.models.fields import show_partial_date
from trials.models.values import label, rows_by_path
from trials.presenters.card import TrialCard
from trials.presenters.facts import SHOWN_UNDER, Document, Entry, Fact, in_words, label_of
from trials.presenters.study_tables import (
    ArmRow,
    CountRow,
    OutcomeRows,
    Reading,
    RegistryEntry,
    registered_words,
    registration_entries,
)

FIRST_AUTHORS = 6  # shown at once; the rest unfold

# The facts of a study page, in reading order: (heading, the names of the values).
FACT_GROUPS: list[tuple[str, tuple[str, ...]]] = [
    ("How it was done", ("control", "allocation_wording", "centres", "countries", "recruitment", "follow_up")),
    ("Who took part", ("cause", "severity", "ventilation", "age", "sex")),
    ("What was given", ("cell_source", "donor", "preparation", "dose", "infusions", "schedule", "route")),
]
WHAT_WAS_FOUND = ("primary_outcome", "primary_result", "other_findings")
SAFETY = ("safety_result", "safety_definition", "safety_related")
OUR_READING = ("authors_conclusion", "authors_limits", "limits", "unsettled")
MONEY = ("funding", "interests")
CITATION = (
    "title", "acronym", "authors", "journal", "journal_abbreviation", "publication_date", "received", "accepted",
    "volume", "issue", "pages", "language", "doi", "pmid", "pmcid", "licence",
)  # fmt: skip


class StudyPage(TrialCard):
    """A study as its own page shows it."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.arms: list[Arm] = list(trial.arms.all())
        self.counts: list[OutcomeCount] = list(trial.counts.all())
        self.registrations: list[Registration] = list(trial.registrations.all())
        self._blanks: dict[str, Blank] = {blank.value: blank for blank in trial.blanks.all()}
        self._entries: dict[str, list[Entry]] = {}
        rows = rows_by_path(trial)
        documents = {source.key: Document(0, source) for source in trial.sources.all()}
        citations = list(trial.citations.all())
        cited = {citation.source.key for citation in citations}
        self.documents = [document for key, document in documents.items() if key in cited]
        for number, document in enumerate(self.documents, start=1):
            document.number = number
        for citation in citations:
            document = documents[citation.source.key]
            entry = Entry(citation, document.number, _value_label(citation.value, rows))
            document.entries.append(entry)
            self._entries.setdefault(citation.value, []).append(entry)

    # --- facts
    def entries(self, *names: str) -> tuple[Entry, ...]:
        return tuple(entry for name in names for entry in self._entries.get(name, []))

    def text(self, name: str) -> str:
        trial = self.trial
        if name == "countries":
            return ", ".join(COUNTRIES[code].name for code in trial.countries)
        if name == "cell_source":
            return in_words(self.cell_sources, trial.cell_source_wording)
        if name == "cause":
            return in_words(trial.get_cause_display(), trial.cause_wording)
        if name == "centres":
            number = "" if trial.centres is None else f"{trial.centres} centre{'' if trial.centres == 1 else 's'}"
            return in_words(number, trial.centres_note)
        if name == "recruitment":
            start, end = show_partial_date(trial.recruitment_start), show_partial_date(trial.recruitment_end)
            return f"{start} to {end}" if start and end else f"from {start}" if start else f"until {end}" if end else ""
        if name == "dose":
            return in_words(f"{trial.dose} {trial.get_dose_unit_display()}", trial.dose_note) if trial.dose else ""
        if name in ("publication_date", "received", "accepted"):
            return show_partial_date(getattr(trial, name))
        if name == "authors":
            return ", ".join(author.full for author in trial.author_list)
        value = getattr(trial, name)
        if value is None or value == "":
            return ""
        display = getattr(trial, f"get_{name}_display", None)
        return str(display() if display else value)

    def paths_behind(self, name: str) -> tuple[str, ...]:
        """Return the values whose sources belong to what is shown under this name."""
        parts = [part for part, shown in SHOWN_UNDER.items() if shown == name]
        return tuple(parts) if name == "recruitment" else (name, *parts)

    def fact(self, name: str) -> Fact:
        text, names = self.text(name), self.paths_behind(name)
        if text:
            return Fact(name, label_of(name), text, entries=self.entries(*names))
        blank = next((self._blanks[part] for part in names if part in self._blanks), None)
        reason = blank.get_reason_display() if blank else v.BlankReason.NOT_CHECKED.label
        return Fact(name, label_of(name), "", reason, blank.note if blank else "", self.entries(*names))

    def facts(self, names: Iterable[str]) -> list[Fact]:
        return [self.fact(name) for name in names]

    @property
    def fact_groups(self) -> list[tuple[str, list[Fact]]]:
        return [(heading, self.facts(names)) for heading, names in FACT_GROUPS]

    @property
    def citation(self) -> dict[str, Fact]:
        return {name: self.fact(name) for name in CITATION}

    @property
    def record_facts(self) -> list[Fact]:
        """The bibliographic values that the citation line does not show."""
        in_the_line_above = ("title", "acronym", "authors", "journal")
        return self.facts(name for name in CITATION if name not in in_the_line_above)

    @property
    def findings(self) -> list[Fact]:
        return self.facts(WHAT_WAS_FOUND)

    @property
    def safety(self) -> list[Fact]:
        return self.facts(SAFETY)

    @property
    def our_reading(self) -> list[Fact]:
        return self.facts(OUR_READING)

    @property
    def money(self) -> list[Fact]:
        return self.facts(MONEY)

    @property
    def summary_lines(self) -> list[str]:
        return [line for line in self.trial.plain_summary.splitlines() if line.strip()]

    @property
    def first_authors(self) -> str:
        return ", ".join(author.full for author in self.trial.author_list[:FIRST_AUTHORS])

    @property
    def more_authors(self) -> str:
        return ", ".join(author.full for author in self.trial.author_list[FIRST_AUTHORS:])

    @property
    def more_authors_count(self) -> int:
        return max(0, len(self.trial.author_list) - FIRST_AUTHORS)

    # --- as titled, as reported, as registered
    @property
    def readings(self) -> list[Reading]:
        rows = []
        for name in ("design", "masking", "phase"):
            fact = self.fact(name)
            registered = []
            for entry in self.registrations:
                field_name, words = registered_words(entry, name)
                behind = registration_entries(self, entry, field_name) or self.entries(f"registrations.{entry.key}")
                registered.append((entry.identifier, words, behind))
            rows.append(
                Reading(
                    label=fact.label,
                    titled=getattr(self.trial, f"titled_{name}"),
                    reported=fact,
                    wording=getattr(self.trial, f"{name}_wording"),
                    entries=(*fact.entries, *self.entries(f"{name}_wording")),
                    registered=registered,
                    title_entries=self.entries("title"),
                )
            )
        return rows

    # --- groups, counts, registrations
    @property
    def groups(self) -> list[ArmRow]:
        rows = []
        for arm in self.arms:
            row = f"arms.{arm.key}"
            names = [name for name in self._entries if name == row or name.startswith(f"{row}.")]
            rows.append(ArmRow(arm, self.entries(*names), self._blanks.get(f"{row}.randomised")))
        return rows

    @property
    def randomised(self) -> int | None:
        """People randomised, where every group says so."""
        numbers = [arm.randomised for arm in self.arms]
        return sum(n for n in numbers if n is not None) if numbers and None not in numbers else None

    @property
    def people_entries(self) -> tuple[Entry, ...]:
        """The sources of the numbers that add up to the people of the study."""
        return tuple(entry for row in self.groups for entry in row.entries)

    @property
    def outcomes(self) -> list[OutcomeRows]:
        rows: dict[tuple[str, str], OutcomeRows] = {}
        for count in self.counts:
            key = (count.get_outcome_display(), count.when)
            rows.setdefault(key, OutcomeRows(*key)).rows.append(
                CountRow(count, self.entries(f"counts.{count.key}"))
            )
        return list(rows.values())

    @property
    def has_death_counts(self) -> bool:
        return any(count.outcome == v.Outcome.DEATH for count in self.counts)

    @property
    def registry_entries(self) -> list[RegistryEntry]:
        return [RegistryEntry(entry, self) for entry in self.registrations]

    @property
    def not_checked_count(self) -> int:
        return sum(not fact.text and fact.blank == v.BlankReason.NOT_CHECKED.label for fact in self.all_facts)

    @property
    def all_facts(self) -> list[Fact]:
        """Every value of the study itself that the page shows, for the test that each has a source."""
        facts = [fact for _, group in self.fact_groups for fact in group]
        facts += [self.fact(name) for name in ("design", "masking", "phase")]
        # Few studies have an acronym: one without has no blank on the page.
        cited = [fact for name, fact in self.citation.items() if fact.text or name != "acronym"]
        return facts + self.findings + self.safety + self.our_reading + self.money + cited


def _value_label(path: str, rows: dict[str, object]) -> str:
    """The label of a value of the study as the page has it, or the label of a row."""
    return label(path, rows) if "." in path else label_of(path)
