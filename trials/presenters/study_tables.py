"""The rows of a study page's tables of groups, counts and registrations."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst

from trials import vocabulary as v
from trials.models import Arm, Blank, OutcomeCount, Registration
from trials.models.values import in_words
from trials.presenters.facts import LEADS, Citations, Entry, Fact, Remark, remarks, value_anchor, with_note

REGISTRATION_FACTS = (
    "title", "sponsor", "investigator", "allocation", "intervention_model", "masking", "phase",
    "enrolment", "primary_outcome", "registered", "posted", "start", "completion", "recruitment_status",
    "results_posted", "looked_up", "note",
)  # fmt: skip
# Fields of a registration that are shown together with another one.
SHOWN_WITH = {"allocation": "intervention_model", "masking": "who_masked", "enrolment": "enrolment_type"}


@dataclass(frozen=True)
class ArmRow:
    arm: Arm
    entries: tuple[Entry, ...]
    anchor: str
    blank: Blank | None  # the reason that the record gives for having no number of people randomised

    @property
    def randomised_blank(self) -> str:
        """Why the number randomised is missing. Without a reason of its own it follows from the design."""
        if self.blank:
            return self.blank.get_reason_display()
        one_group = self.arm.trial.design in (v.Design.SINGLE_ARM, v.Design.CASE_SERIES)
        return str((v.BlankReason.NOT_APPLICABLE if one_group else v.BlankReason.NOT_CHECKED).label)


COUNT_LEADS = LEADS | {v.Basis.DERIVED: "Worked out."}


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
        """The note of the count itself, then the notes of its citations."""
        return [Remark("", self.count.note)] * bool(self.count.note) + remarks(self.entries, COUNT_LEADS)

    @property
    def is_probable(self) -> bool:
        return any(entry.citation.is_probable for entry in self.entries)


@dataclass
class OutcomeRows:
    outcome: str
    when: str
    rows: list[CountRow] = field(default_factory=list)


class RegistrationRow:
    """A registration as a list of facts."""

    def __init__(self, registration: Registration, citations: Citations) -> None:
        self.registration = registration
        self._citations = citations
        self._path = f"registrations.{registration.key}"
        # The heading shows the registry, the identifier and whether the link is inferred: the sources of all of them.
        heading = (f"{self._path}.{name}" for name in ("registry", "identifier", "url", "link_inferred"))
        self.entries = citations.of(self._path, *heading)
        self.anchor = value_anchor(self._path)
        self.address = registration.record_url or f"#{self.anchor}"
        self.facts = [fact for name in REGISTRATION_FACTS if (fact := self._fact(name)).text]

    def reading(self, name: str) -> dict[str, Any]:
        """Return what the registry says of the `design`, the `masking` or the `phase`, with its sources."""
        registration = self.registration
        words = {"design": registration.design_in_words, "masking": registration.masking_in_words}
        return {
            "identifier": registration.identifier,
            "words": words.get(name, registration.get_phase_display()),
            "entries": self.entries_of("allocation" if name == "design" else name),
        }

    def entries_of(self, name: str) -> tuple[Entry, ...]:
        """Return where a field, and what is shown together with it, was read: it alone, or the row as a whole."""
        names = (name, SHOWN_WITH.get(name, name))
        own = self._citations.of(*dict.fromkeys(f"{self._path}.{each}" for each in names))
        return own or self._citations.of(self._path)

    def _fact(self, name: str) -> Fact:
        registration, field = self.registration, Registration._meta.get_field(name)
        words = in_words(field, getattr(registration, name))
        if name == "masking":
            words = registration.masking_in_words
        elif name == "enrolment" and words:
            words = with_note(f"{words} people", registration.get_enrolment_type_display())
        elif name == "results_posted":
            words = str(capfirst(words))
        label = str(capfirst(field.verbose_name))  # type: ignore[union-attr]
        return Fact(name, label, words, entries=self.entries_of(name))
