"""The rows of a study page's tables of groups, counts and registrations."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.text import capfirst

from trials import vocabulary as v
from trials.models import Arm, Blank, OutcomeCount, Registration
from trials.models.fields import show_partial_date
from trials.models.values import in_words
from trials.presenters.facts import (
    NOT_CHECKED,
    Citations,
    Entry,
    Fact,
    Remark,
    is_disputed,
    remarks,
    value_anchor,
    with_note,
)
from trials.quality.disagreements import timing

REGISTRATION_FACTS = (
    "title", "sponsor", "investigator", "allocation", "intervention_model", "comparison", "masking",
    "phase", "enrolment", "primary_outcome", "registered", "posted", "start", "completion", "recruitment_status",
    "results_posted", "looked_up", "note",
)  # fmt: skip
# Fields of a registration that are shown together with another one.
SHOWN_WITH = {"allocation": "intervention_model", "masking": "who_masked", "enrolment": "enrolment_type"}
# The field that says what the registry has for a row of the table of readings.
READ_FROM = {"design": "allocation", "masking": "masking", "phase": "phase"}

NO_VALUE = "no value known"  # where the page says elsewhere why

Blanks = Mapping[str, Blank]


def cell(path: str, label: str, text: str, blanks: Blanks, otherwise: str = NOT_CHECKED) -> Fact:
    """Return a value of a row: its words, or the reason that the record gives for its absence, or `otherwise`."""
    blank = blanks.get(path)
    reason = blank.get_reason_display() if blank else otherwise
    return Fact(path, label, text, "" if text else reason)


class ArmRow:
    """A group with its numbers of people."""

    def __init__(self, arm: Arm, citations: Citations, blanks: Blanks) -> None:
        path = f"arms.{arm.key}"
        self.arm = arm
        self.entries = citations.of_row(path)
        self.anchor = value_anchor(path)
        self.remarks, self.is_disputed = remarks(self.entries), is_disputed(self.entries)
        # Without a reason of its own, a missing number of people randomised follows from the design.
        one_group = arm.trial.design in (v.Design.SINGLE_ARM, v.Design.CASE_SERIES)
        otherwise = str(v.BlankReason.NOT_APPLICABLE.label) if one_group else NOT_CHECKED
        self.given = cell(f"{path}.given", "What was given", arm.given, blanks)
        self.randomised = cell(f"{path}.randomised", "Randomised", _number(arm.randomised), blanks, otherwise)
        self.analysed = cell(f"{path}.analysed", "Counted", _number(arm.analysed), blanks)

    @property
    def facts(self) -> list[Fact]:
        return [self.given, self.randomised, self.analysed]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True)
class CountRow:
    count: OutcomeCount
    entries: tuple[Entry, ...]
    anchor: str

    @property
    def role(self) -> str:
        return self.count.arm.role if self.count.arm else v.Role.CELLS

    @property
    def remarks(self) -> list[Remark]:
        """The note of the count itself, then why it is only probable. Its sums are with its sources."""
        note = [Remark("", self.count.note)] * bool(self.count.note)
        return note + [remark for remark in remarks(self.entries) if not remark.lead]

    @property
    def is_probable(self) -> bool:
        return any(entry.citation.is_probable for entry in self.entries)


@dataclass
class OutcomeRows:
    """The counts of one outcome at one time."""

    outcome: str
    when: str
    rows: list[CountRow] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Such as: Death, by day 31."""
        return f"{self.outcome}, {self.when}"

    @property
    def anchor(self) -> str:
        return f"outcome-{self.rows[0].count.key}"

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for row in self.rows for entry in row.entries)

    @property
    def is_disputed(self) -> bool:
        return is_disputed(self.entries)

    @property
    def is_worked_out(self) -> bool:
        return any(entry.citation.basis == v.Basis.DERIVED for entry in self.entries)

    @property
    def remarks(self) -> list[tuple[str, Remark]]:
        """Each remark once, with the name of its group if it is not about all of them."""
        groups: dict[Remark, list[str]] = {}
        for row in self.rows:
            for remark in row.remarks:
                groups.setdefault(remark, []).append(row.count.group)
        return [("" if len(names) == len(self.rows) else ", ".join(names), each) for each, names in groups.items()]


@dataclass(frozen=True)
class Registered:
    """What one registration says of the design, the masking or the phase."""

    identifier: str
    fact: Fact


class RegistrationRow:
    """A registration as a list of facts."""

    def __init__(self, registration: Registration, citations: Citations, blanks: Blanks) -> None:
        self.registration = registration
        self._citations, self._blanks = citations, blanks
        self._path = f"registrations.{registration.key}"
        # The heading shows the registry, the identifier and whether the link is inferred: the sources of all of them.
        heading = (f"{self._path}.{name}" for name in ("registry", "identifier", "url", "link_inferred"))
        self.entries = citations.of(self._path, *heading)
        self.anchor = value_anchor(self._path)
        self.is_disputed = is_disputed(self.entries)
        self.facts = [fact for name in REGISTRATION_FACTS if (fact := self._fact(name)).text]
        self.readings = {name: self._reading(name) for name in READ_FROM}
        self.more_readings = self._more()

    def _reading(self, name: str) -> Registered:
        registration, field = self.registration, READ_FROM[name]
        words = {"design": registration.design_in_words, "masking": registration.masking_in_words}
        text = capfirst(words.get(name, registration.get_phase_display()))
        fact = cell(f"{self._path}.{field}", name, text, self._blanks)
        return Registered(registration.identifier, fact)

    def _more(self) -> dict[str, Registered]:
        """Return what the registration says of what the page shows elsewhere."""
        registration, identifier = self.registration, self.registration.identifier
        found = timing(registration.trial, registration)
        dates = f"Registered {show_partial_date(registration.registered)}" if registration.registered else ""
        texts = {
            "control": registration.comparison,
            "people": f"{in_words(Registration._meta.get_field('enrolment'), registration.enrolment)} "
            f"{registration.get_enrolment_type_display()}".strip(),
            "primary_outcome": registration.primary_outcome,
            "timing": f"{dates}: {found.in_words} ({show_partial_date(found.start)})" if found else dates,
        }
        return {
            name: Registered(identifier, Fact(name, name, text, "" if text else NO_VALUE))
            for name, text in texts.items()
        }

    def entries_of(self, name: str) -> tuple[Entry, ...]:
        """Return where a field, and what is shown together with it, was read. Without one, see the row as a whole."""
        names = (name, SHOWN_WITH.get(name, name))
        return self._citations.of(*dict.fromkeys(f"{self._path}.{each}" for each in names))

    def entries_of_reading(self, name: str) -> tuple[Entry, ...]:
        """Return where the design, the masking or the phase was read: the field alone, or the row as a whole."""
        return self.entries_of(READ_FROM[name]) or self._citations.of(self._path)

    def _fact(self, name: str) -> Fact:
        registration, field = self.registration, Registration._meta.get_field(name)
        words = in_words(field, getattr(registration, name))
        if name == "masking":
            words = registration.masking_in_words
        elif name == "enrolment" and words:
            people = "person" if registration.enrolment == 1 else "people"
            words = with_note(f"{words} {people}", registration.get_enrolment_type_display())
        elif name == "results_posted":
            words = str(capfirst(words))
        label = str(capfirst(field.verbose_name))  # type: ignore[union-attr]
        return Fact(f"{self._path}.{name}", label, words, entries=self.entries_of(name))
