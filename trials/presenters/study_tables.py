"""The rows of a study page's tables of groups, counts and registrations."""

from dataclasses import replace

from django.utils.text import capfirst

from trials import vocabulary as v
from trials.models import Arm, OutcomeCount, Registration
from trials.models.fields import show_partial_date
from trials.models.values import in_words
from trials.presenters.facts import NOT_CHECKED, Fact, Remark, Values, with_note
from trials.quality.disagreements import timing

REGISTRATION_FACTS = (
    "title", "sponsor", "investigator", "allocation", "intervention_model", "comparison", "masking",
    "phase", "enrolment", "primary_outcome", "registered", "posted", "start", "completion", "recruitment_status",
    "results_posted", "looked_up", "note",
)  # fmt: skip
# Fields of a registration that are shown together with another one.
SHOWN_WITH = {"allocation": "intervention_model", "masking": "who_masked", "enrolment": "enrolment_type"}

NO_VALUE = "no value known"  # where the page says elsewhere why


class GroupRow:
    """A group with its numbers of people."""

    def __init__(self, arm: Arm, values: Values) -> None:
        path = f"arms.{arm.key}"
        # Without a reason of its own, a missing number of people randomised follows from the design.
        one_group = arm.trial.design in (v.Design.SINGLE_ARM, v.Design.CASE_SERIES)
        blank = str(v.BlankReason.NOT_APPLICABLE.label) if one_group else NOT_CHECKED
        self.arm, self.fact = arm, values.row(path, arm.name)
        self.given = values.fact(f"{path}.given", "What was given")
        self.randomised = values.fact(f"{path}.randomised", "Randomised", blank=blank)
        self.analysed = values.fact(f"{path}.analysed", "Counted")
        self.facts = [self.given, self.randomised, self.analysed]


class CountRow:
    def __init__(self, count: OutcomeCount, values: Values) -> None:
        self.count = count
        self.fact = values.row(f"counts.{count.key}", count.group)
        self.role = count.arm.role if count.arm else v.Role.CELLS
        # The note of the count itself, then why it is only probable. Its sums are with its sources.
        self.remarks = [Remark("", count.note)] if count.note else []
        self.remarks += [remark for remark in self.fact.remarks if not remark.lead]


class OutcomeRows:
    """The counts of one outcome at one time."""

    def __init__(self, outcome: str, when: str, rows: list[CountRow]) -> None:
        self.outcome, self.when, self.rows = outcome, when, rows
        entries = tuple(entry for row in rows for entry in row.fact.entries)
        self.fact = Fact(f"outcome.{rows[0].count.key}", f"{outcome}, {when}", when, entries=entries)
        self.is_worked_out = any(entry.citation.basis == v.Basis.DERIVED for entry in entries)

    @property
    def remarks(self) -> list[tuple[str, Remark]]:
        """Each remark once, with the name of its group if it is not about all of them."""
        groups: dict[Remark, list[str]] = {}
        for row in self.rows:
            for remark in row.remarks:
                groups.setdefault(remark, []).append(row.count.group)
        return [("" if len(names) == len(self.rows) else ", ".join(names), each) for each, names in groups.items()]


class RegistrationRow:
    """A registration as a list of facts. A reading of what the paper says too has the identifier as its label."""

    def __init__(self, registration: Registration, values: Values) -> None:
        self.registration, self._values = registration, values
        self._path, identifier = f"registrations.{registration.key}", registration.identifier
        # The heading shows the registry, the identifier and whether the link is inferred: the sources of all of them.
        heading = (f"{self._path}.{name}" for name in ("registry", "identifier", "url", "link_inferred"))
        self.fact = Fact(self._path, identifier, identifier, entries=values.entries_of(self._path, *heading))
        self.facts = [fact for name in REGISTRATION_FACTS if (fact := self._fact(name)).text]
        self.readings = {
            "design": self._reading("allocation", registration.design_in_words),
            "masking": self._reading("masking", registration.masking_in_words),
            "phase": self._reading("phase", registration.get_phase_display()),
        }
        self.more_readings = {
            name: Fact(name, identifier, text, NO_VALUE) for name, text in self._other_values().items()
        }

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
        also = f"{self._path}.{SHOWN_WITH[name]}" if name in SHOWN_WITH else ""
        label = str(capfirst(field.verbose_name))  # type: ignore[union-attr]
        return self._values.fact(f"{self._path}.{name}", label, words, also)

    def _reading(self, name: str, words: str) -> Fact:
        """Return what it says of the design, the masking or the phase. Without sources of its own, see the row."""
        entries = self._fact(name).entries or self._values.entries_of(self._path)
        fact = self._values.fact(f"{self._path}.{name}", self.registration.identifier, capfirst(words))
        return replace(fact, entries=entries)

    def _other_values(self) -> dict[str, str]:
        """Return what it says of the values that the page shows elsewhere."""
        registration = self.registration
        found = timing(registration.trial, registration)
        dates = f"Registered {show_partial_date(registration.registered)}" if registration.registered else ""
        people = in_words(Registration._meta.get_field("enrolment"), registration.enrolment)
        return {
            "control": registration.comparison,
            "people": f"{people} {registration.get_enrolment_type_display()}".strip(),
            "primary_outcome": registration.primary_outcome,
            "timing": f"{dates}: {found.in_words} ({show_partial_date(found.start)})" if found else dates,
        }
