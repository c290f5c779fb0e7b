"""The rows of a study page's tables: title against paper against registry, groups, counts, registrations."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trials import vocabulary as v
from trials.models import Arm, Blank, OutcomeCount, Registration
from trials.models.fields import show_partial_date
from trials.presenters.facts import LEADS, Entry, Fact, Remark, in_words, name_of_field, remarks

if TYPE_CHECKING:
    from trials.presenters.study_page import StudyPage

REGISTRATION_FACTS = (
    "title", "sponsor", "investigator", "allocation", "intervention_model", "masking", "phase",
    "enrolment", "primary_outcome", "registered", "posted", "start", "completion", "recruitment_status",
    "results_posted", "looked_up", "note",
)  # fmt: skip


def registered_words(entry: Registration, name: str) -> tuple[str, str]:
    """(field, words) of what a registry entry says of `design`, `masking` or `phase`; words may be empty."""
    if name == "design":
        words = [entry.get_allocation_display(), entry.get_intervention_model_display().lower()]
        return "allocation", ", ".join(word for word in words if word)
    if name == "masking":
        who = [v.WhoMasked(code).label.lower() for code in entry.who_masked]
        return "masking", in_words(entry.get_masking_display(), ", ".join(who))
    return "phase", entry.get_phase_display()


# Fields of a registration that are shown in one breath with another one.
SAID_WITH = {"allocation": "intervention_model", "masking": "who_masked", "enrolment": "enrolment_type"}


def registration_entries(page: "StudyPage", entry: Registration, name: str) -> tuple[Entry, ...]:
    """Where the field `name` of a registration, and what is shown along with it, was read."""
    names = (name, SAID_WITH[name]) if name in SAID_WITH else (name,)
    return page.entries(*(f"registrations.{entry.key}.{each}" for each in names))


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
    blank: Blank | None = None  # the reason that the record gives for having no number of people randomised

    @property
    def randomised_blank(self) -> str:
        """Why the number randomised is missing. Without a reason of its own it follows from the design."""
        if self.blank:
            return self.blank.get_reason_display()
        one_group = self.arm.trial.design in (v.Design.SINGLE_ARM, v.Design.CASE_SERIES)
        reason = v.BlankReason.NOT_APPLICABLE if one_group else v.BlankReason.NOT_CHECKED
        return str(reason.label)


COUNT_LEADS = LEADS | {v.Basis.DERIVED: "Worked out."}


@dataclass(frozen=True)
class CountRow:
    count: OutcomeCount
    entries: tuple[Entry, ...]

    @property
    def group(self) -> str:
        return self.count.group

    @property
    def role(self) -> str:
        return self.count.arm.role if self.count.arm else v.Role.CELLS

    @property
    def remarks(self) -> list[Remark]:
        """What must be said beside the count: its own note, then what its sources say."""
        own = [Remark("", self.count.note)] if self.count.note else []
        return own + remarks(self.entries, COUNT_LEADS)

    @property
    def is_probable(self) -> bool:
        return any(entry.citation.is_probable for entry in self.entries)


@dataclass
class OutcomeRows:
    outcome: str
    when: str
    rows: list[CountRow] = field(default_factory=list)


class RegistryEntry:
    """A registration as a list of facts."""

    def __init__(self, entry: Registration, page: "StudyPage") -> None:
        self.entry = entry
        row = f"registrations.{entry.key}"
        self._row_entries = page.entries(row)
        # The heading says the registry, the identifier and whether the link is inferred: the sources of all of them.
        heading = (f"{row}.{name}" for name in ("registry", "identifier", "url", "link_inferred"))
        self.own_entries = page.entries(row, *heading)
        self.facts = [fact for name in REGISTRATION_FACTS if (fact := self._fact(name, page)).text]

    def _fact(self, name: str, page: "StudyPage") -> Fact:
        entry = self.entry
        label = name_of_field(Registration, name)
        if name in ("registered", "posted", "start", "completion", "looked_up"):
            text = show_partial_date(getattr(entry, name))
        elif name == "masking":
            text = registered_words(entry, "masking")[1]
        elif name == "results_posted":
            text = {True: "Yes", False: "No", None: ""}[entry.results_posted]
        elif name == "enrolment":
            kind = entry.get_enrolment_type_display()
            text = "" if entry.enrolment is None else in_words(f"{entry.enrolment} people", kind)
        else:
            display = getattr(entry, f"get_{name}_display", None)
            text = str(display() if display else getattr(entry, name))
        own = registration_entries(page, entry, name)
        return Fact(name, label[:1].upper() + label[1:], text, entries=own or self._row_entries)
