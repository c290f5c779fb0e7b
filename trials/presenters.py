"""From records to what a page says: plain values, in order, with their sources and their blanks.

Nothing here runs a query of its own beyond the related rows that the caller has fetched along with the study.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from trials import vocabulary as v
from trials.models import Arm, Blank, OutcomeCount, Registration, Source, Trial
from trials.models.fields import show_partial_date

FIRST_AUTHORS = 6  # shown at once; the rest unfold

# The shape that goes with the words of a design. Never shown without them.
DESIGN_MARKS: dict[str, str] = {
    v.Design.RANDOMISED: "disc",
    v.Design.CONTROLLED: "half-disc",
    v.Design.SINGLE_ARM: "ring",
    v.Design.CASE_SERIES: "diamond",
}


@dataclass(frozen=True)
class Group:
    """What one kind of group adds up to in one study: people, and deaths by its main counts."""

    people: int
    deaths: int | None = None
    out_of: int | None = None

    @property
    def per_100(self) -> int | None:
        return None if self.deaths is None or not self.out_of else (200 * self.deaths + self.out_of) // (2 * self.out_of)


class Study:
    """A study as lists show it. Expects `Trial.objects.with_rows()`."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.arms: list[Arm] = sorted(trial.arms.all(), key=lambda arm: arm.position)
        self.counts: list[OutcomeCount] = sorted(trial.counts.all(), key=lambda count: count.position)

    @property
    def mark(self) -> str:
        return DESIGN_MARKS[self.trial.design]

    @property
    def authors(self) -> str:
        """The first author as a citation prints it, with "et al." where there are more."""
        names = self.trial.author_list
        more = len(names) > 1 or not self.trial.authors_complete
        return f"{names[0].short}, et al." if names and more else "".join(name.short for name in names)

    def _group(self, role: v.Role) -> Group | None:
        arms = [arm for arm in self.arms if arm.role == role]
        if not arms:
            return None
        ids = {arm.pk for arm in arms} | ({None} if role == v.Role.CELLS else set())
        main = [c for c in self.counts if c.outcome == v.Outcome.DEATH and c.headline and c.arm_id in ids]
        people = sum(arm.people or 0 for arm in arms)
        if not main:
            return Group(people)
        return Group(people, sum(count.events for count in main), sum(count.total for count in main))

    @cached_property
    def cells(self) -> Group | None:
        return self._group(v.Role.CELLS)

    @cached_property
    def comparison(self) -> Group | None:
        return self._group(v.Role.COMPARISON)

    @cached_property
    def other(self) -> Group | None:
        return self._group(v.Role.OTHER)

    @property
    def people(self) -> int:
        return sum(group.people for group in (self.cells, self.comparison, self.other) if group)

    @property
    def randomised(self) -> int | None:
        """People randomised, where every group says so."""
        numbers = [arm.randomised for arm in self.arms]
        return sum(n for n in numbers if n is not None) if numbers and None not in numbers else None

    @property
    def countries(self) -> str:
        return ", ".join(country.name for country in self.trial.countries.all())

    @property
    def cell_sources(self) -> str:
        found = {arm.cell_source for arm in self.arms if arm.cell_source}
        labels = [label for code, label in v.CellSource.choices if code in found]
        return " or ".join([labels[0], *(label.lower() for label in labels[1:])]) if labels else ""

    @property
    def dose(self) -> str:
        """Such as: 1 × 10⁶ cells per kg, 3 infusions."""
        trial = self.trial
        if not trial.dose:
            return ""
        text = f"{trial.dose} {trial.get_dose_unit_display()}"
        if trial.infusions:
            text += f", {trial.infusions} infusion{'' if trial.infusions == 1 else 's'}"
        return text


@dataclass(frozen=True)
class Entry:
    """One reading of one value, in the list of sources."""

    source: Source
    number: int
    value_label: str

    @property
    def anchor(self) -> str:
        return f"source-{self.source.position}"

    @property
    def back(self) -> str:
        """The anchor of the value on the page."""
        row = self.source.value.partition(".")[0]
        return f"value-{SHOWN_UNDER.get(row, row)}"


@dataclass
class Document:
    """A place where values were read, with everything read there."""

    number: int
    source: Source
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Fact:
    """One value as the study page shows it: its words or its blank, and its sources."""

    name: str
    label: str
    text: str
    blank: str = ""
    blank_note: str = ""
    entries: tuple[Entry, ...] = ()

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]

    @property
    def is_probable(self) -> bool:
        return bool(self.text) and any(entry.source.is_probable for entry in self.entries)

    @property
    def remarks(self) -> list[str]:
        """Why a value is only probable, or what the other reading is: said beside the value, not only in the list."""
        kinds = (v.Basis.INFERRED, v.Basis.DISPUTED, v.Basis.DERIVED)
        told = [e.source for e in self.entries if e.source.is_probable or e.source.basis in kinds]
        return list(dict.fromkeys(source.note for source in told if source.note))

    @property
    def is_disputed(self) -> bool:
        return any(entry.source.basis == v.Basis.DISPUTED for entry in self.entries)


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
REGISTRATION_FACTS = (
    "title", "sponsor", "investigator", "allocation", "intervention_model", "masking", "phase",
    "enrolment", "primary_outcome", "registered", "posted", "start", "completion", "recruitment_status",
    "results_posted", "looked_up", "note",
)  # fmt: skip

# Values that stand on the page under another one's name.
SHOWN_UNDER = {
    "recruitment_start": "recruitment",
    "recruitment_end": "recruitment",
    "cell_source_wording": "cell_source",
    "cause_wording": "cause",
    "centres_note": "centres",
    "dose_unit": "dose",
    "dose_note": "dose",
    "design": "design-table",
    "design_wording": "design-table",
    "masking": "masking-table",
    "masking_wording": "masking-table",
    "who_masked": "masking-table",
    "phase": "phase-table",
    "phase_wording": "phase-table",
}

LABELS = {"recruitment": "Recruited", "cell_source": "Cells from", "countries": "Where", "pages": "Pages or article"}


def label_of(name: str) -> str:
    if name in LABELS:
        return LABELS[name]
    verbose = str(Trial._meta.get_field(name).verbose_name)
    return verbose[:1].upper() + verbose[1:]


def _in_words(words: str, note: str) -> str:
    """A label with a note in brackets: Umbilical cord (Wharton's jelly)."""
    return f"{words} ({note})" if words and note else words or note


class StudyPage(Study):
    """A study as its own page shows it. Also expects `registrations`, `sources` and `blanks` to be fetched."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.registrations: list[Registration] = list(trial.registrations.all())
        self._blanks: dict[str, Blank] = {blank.value: blank for blank in trial.blanks.all()}
        self.documents: list[Document] = []
        self._entries: dict[str, list[Entry]] = {}
        known: dict[tuple[str, str], Document] = {}
        for source in trial.sources.all():
            key = (source.address, source.label)
            if key not in known:
                known[key] = Document(len(known) + 1, source)
                self.documents.append(known[key])
            entry = Entry(source, known[key].number, self.label_of_value(source.value))
            known[key].entries.append(entry)
            self._entries.setdefault(source.value, []).append(entry)

    # --- words for a value's name
    def label_of_value(self, value: str) -> str:
        row, _, name = value.partition(".")
        kind, _, position = row.partition("-")
        if kind == "arm" and position:
            return f"Group {position}" + (f", {Arm._meta.get_field(name).verbose_name}" if name else "")
        if kind == "count" and position:
            count = next((count for count in self.counts if str(count.position) == position), None)
            if count is None:
                return f"Count {position}"
            who = count.arm.name if count.arm else "all given cells"
            return f"{count.get_outcome_display()}, {who}, {count.when}"
        if kind == "registration" and position:
            entry = next((entry for entry in self.registrations if str(entry.position) == position), None)
            words = f"Registration {entry.identifier if entry else position}"
            return words + (f", {Registration._meta.get_field(name).verbose_name}" if name else "")
        return label_of(value)

    # --- facts
    def entries(self, *names: str) -> tuple[Entry, ...]:
        return tuple(entry for name in names for entry in self._entries.get(name, []))

    def text(self, name: str) -> str:
        trial = self.trial
        if name == "countries":
            return self.countries
        if name == "cell_source":
            return _in_words(self.cell_sources, trial.cell_source_wording)
        if name == "cause":
            return _in_words(trial.get_cause_display(), trial.cause_wording)
        if name == "centres":
            number = "" if trial.centres is None else f"{trial.centres} centre{'' if trial.centres == 1 else 's'}"
            return _in_words(number, trial.centres_note)
        if name == "recruitment":
            start, end = show_partial_date(trial.recruitment_start), show_partial_date(trial.recruitment_end)
            return f"{start} to {end}" if start and end else f"from {start}" if start else f"until {end}" if end else ""
        if name == "dose":
            return _in_words(f"{trial.dose} {trial.get_dose_unit_display()}", trial.dose_note) if trial.dose else ""
        if name in ("publication_date", "received", "accepted"):
            return show_partial_date(getattr(trial, name))
        if name == "authors":
            return ", ".join(author.full for author in trial.author_list)
        value = getattr(trial, name)
        if value is None or value == "":
            return ""
        display = getattr(trial, f"get_{name}_display", None)
        return str(display() if display else value)

    def source_names(self, name: str) -> tuple[str, ...]:
        """The values whose sources stand behind what is shown under this name."""
        parts = [part for part, shown in SHOWN_UNDER.items() if shown == name]
        return tuple(parts) if name == "recruitment" else (name, *parts)

    def fact(self, name: str) -> Fact:
        text, names = self.text(name), self.source_names(name)
        if text:
            return Fact(name, label_of_shown(name), text, entries=unique(self.entries(*names)))
        blank = next((self._blanks[part] for part in names if part in self._blanks), None)
        reason = blank.get_reason_display() if blank else v.BlankReason.NOT_CHECKED.label
        return Fact(name, label_of_shown(name), "", reason, blank.note if blank else "", self.entries(*names))

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
        """What a librarian looks for and the citation line does not show."""
        return self.facts(("publication_date", "received", "accepted", "volume", "issue", "pages", "journal_abbreviation",
                           "language", "doi", "pmid", "pmcid", "licence"))  # fmt: skip

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
    def readings(self) -> list["Reading"]:
        trial = self.trial
        rows = []
        for name, titled in (("design", trial.titled_design), ("masking", trial.titled_masking), ("phase", trial.titled_phase)):
            fact = self.fact(name)
            wording = getattr(trial, f"{name}_wording")
            registered = [
                (entry.identifier, words, unique(self.entries(f"registration-{entry.position}.{field_name}") or self.entries(f"registration-{entry.position}")))
                for entry in self.registrations
                for field_name, words in [registered_words(entry, name)]
            ]
            entries = unique((*fact.entries, *self.entries(f"{name}_wording")))
            rows.append(Reading(fact.label, titled, fact, wording, entries, registered, unique(self.entries("title"))))
        return rows

    # --- groups, counts, registrations
    @property
    def groups(self) -> list["ArmRow"]:
        return [
            ArmRow(arm, unique((*self.entries(f"arm-{arm.position}"),
                                *(e for key in self._entries if key.startswith(f"arm-{arm.position}.") for e in self._entries[key]))))
            for arm in self.arms
        ]  # fmt: skip

    @property
    def outcomes(self) -> list["OutcomeRows"]:
        rows: dict[tuple[str, str], OutcomeRows] = {}
        for count in self.counts:
            key = (count.get_outcome_display(), count.when)
            rows.setdefault(key, OutcomeRows(*key)).rows.append(
                CountRow(count, unique(self.entries(f"count-{count.position}")))
            )
        return list(rows.values())

    @property
    def has_death_counts(self) -> bool:
        return any(count.outcome == v.Outcome.DEATH for count in self.counts)

    @property
    def registry_entries(self) -> list["RegistryEntry"]:
        return [RegistryEntry(entry, self) for entry in self.registrations]

    @property
    def not_checked_count(self) -> int:
        return sum(not fact.text and fact.blank == v.BlankReason.NOT_CHECKED.label for fact in self.all_facts)

    @property
    def all_facts(self) -> list[Fact]:
        """Every value of the study itself that the page shows, for the test that each has a source."""
        facts = [fact for _, group in self.fact_groups for fact in group]
        facts += [self.fact(name) for name in ("design", "masking", "phase")]
        return facts + self.findings + self.safety + self.our_reading + self.money + list(self.citation.values())


def label_of_shown(name: str) -> str:
    return LABELS.get(name) or label_of(name)


def unique(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries without repeats of one document, so that a value carries each number once."""
    first: dict[int, Entry] = {}
    for entry in entries:
        first.setdefault(entry.number, entry)
    return tuple(first.values())


def registered_words(entry: Registration, name: str) -> tuple[str, str]:
    """(field, words) of what a registry entry says of `design`, `masking` or `phase`; words may be empty."""
    if name == "design":
        words = [entry.get_allocation_display(), entry.get_intervention_model_display().lower()]
        return "allocation", ", ".join(word for word in words if word)
    if name == "masking":
        who = [v.WhoMasked(code).label.lower() for code in entry.who_masked]
        return "masking", _in_words(entry.get_masking_display(), ", ".join(who))
    return "phase", entry.get_phase_display()


@dataclass(frozen=True)
class Reading:
    """One row of the table that sets title, paper and registry side by side."""

    label: str
    titled: str
    reported: Fact
    wording: str
    entries: tuple[Entry, ...]
    registered: list[tuple[str, str, tuple[Entry, ...]]]
    title_entries: tuple[Entry, ...]


@dataclass(frozen=True)
class ArmRow:
    arm: Arm
    entries: tuple[Entry, ...]

    @property
    def randomised_blank(self) -> str:
        """Why the number randomised is missing, which follows from the design."""
        reason = {
            v.Design.RANDOMISED: v.BlankReason.NOT_CHECKED,
            v.Design.CONTROLLED: v.BlankReason.NOT_REPORTED,
        }.get(v.Design(self.arm.trial.design), v.BlankReason.NOT_APPLICABLE)
        return str(reason.label)


@dataclass(frozen=True)
class CountRow:
    count: OutcomeCount
    entries: tuple[Entry, ...]

    @property
    def group(self) -> str:
        return self.count.arm.name if self.count.arm else "All groups given cells"

    @property
    def role(self) -> str:
        return self.count.arm.role if self.count.arm else v.Role.CELLS

    @property
    def remarks(self) -> list[str]:
        """What must be said beside the count. The reasons in the sources serve where the count has no note."""
        if self.count.note:
            return [self.count.note]
        kinds = (v.Basis.DERIVED, v.Basis.INFERRED, v.Basis.DISPUTED)
        told = [e.source.note for e in self.entries if e.source.is_probable or e.source.basis in kinds]
        return list(dict.fromkeys(note for note in told if note))

    @property
    def is_probable(self) -> bool:
        return any(entry.source.is_probable for entry in self.entries)

    @property
    def is_derived(self) -> bool:
        return any(entry.source.basis == v.Basis.DERIVED for entry in self.entries)

    @property
    def is_disputed(self) -> bool:
        return any(entry.source.basis == v.Basis.DISPUTED for entry in self.entries)


@dataclass
class OutcomeRows:
    outcome: str
    when: str
    rows: list[CountRow] = field(default_factory=list)


class RegistryEntry:
    """A registration as a list of facts."""

    def __init__(self, entry: Registration, page: StudyPage) -> None:
        self.entry = entry
        self.own_entries = unique(page.entries(f"registration-{entry.position}"))
        self.facts = [fact for name in REGISTRATION_FACTS if (fact := self._fact(name, page)).text]

    def _fact(self, name: str, page: StudyPage) -> Fact:
        entry = self.entry
        label = str(Registration._meta.get_field(name).verbose_name)
        if name in ("registered", "posted", "start", "completion", "looked_up"):
            text = show_partial_date(getattr(entry, name))
        elif name == "masking":
            text = registered_words(entry, "masking")[1]
        elif name == "results_posted":
            text = {True: "Yes", False: "No", None: ""}[entry.results_posted]
        elif name == "enrolment":
            kind = entry.get_enrolment_type_display()
            text = "" if entry.enrolment is None else _in_words(f"{entry.enrolment} people", kind)
        else:
            display = getattr(entry, f"get_{name}_display", None)
            text = str(display() if display else getattr(entry, name))
        own = page.entries(f"registration-{entry.position}.{name}")
        return Fact(name, label[:1].upper() + label[1:], text, entries=unique(own) or self.own_entries)
