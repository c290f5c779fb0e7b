"""Short lists that editors write as lines of text, each in a fixed form."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

_SOURCE = re.compile(r"(?P<label>.+?)(?: (?P<address>https?://\S+))?(?: “(?P<quote>[^”]+)”)?")
SOURCE_FORM = "One a line: what it is, its address, and a short quote in “ ”. Without an address it is not a link."


@dataclass(frozen=True)
class SourceLine:
    label: str
    address: str = ""
    quote: str = ""


def source_lines(text: str) -> list[SourceLine]:
    """Return the sources in a text that `validate_source_lines` accepts."""
    matches = [_SOURCE.fullmatch(line.strip()) for line in text.splitlines() if line.strip()]
    return [SourceLine(**match.groupdict("")) for match in matches if match]


def validate_source_lines(text: str) -> None:
    """Raise ValidationError, with the line, where an address is not the last thing but a quote."""
    for source in source_lines(text):
        if "://" in source.label:
            raise ValidationError(f"“{source.label}” is not in the right form. {SOURCE_FORM}")


@dataclass(frozen=True)
class Estimate:
    """A pooled estimate of a review. Numbers are texts, with the digits that were published."""

    outcome: str
    measure: str
    value: str
    low: str
    high: str
    details: str = ""  # such as: 11 studies; 403 people; random effects
    certainty: str = ""

    @property
    def is_of_deaths(self) -> bool:
        return self.outcome.startswith("death")

    @property
    def includes_no_difference(self) -> bool:
        none = 0 if self.measure == "RD" else 1
        return float(self.low) <= none <= float(self.high)

    @property
    def favours_cells(self) -> bool:
        """Whether the whole interval lies on the side of fewer events with cells."""
        return float(self.high) < (0 if self.measure == "RD" else 1)


MEASURES = {"RR": "Risk ratio", "OR": "Odds ratio", "RD": "Risk difference", "HR": "Hazard ratio"}
_NUMBER = r"-?\d+(?:\.\d+)?"
_ESTIMATE = re.compile(
    rf"(?P<outcome>[^:]+): (?P<measure>{'|'.join(MEASURES)}) (?P<value>{_NUMBER}) "
    rf"\((?P<low>{_NUMBER}) to (?P<high>{_NUMBER})\)(?P<details>(?:; (?!certainty )[^;]+)*)"
    r"(?:; certainty (?P<certainty>high|moderate|low|very low))?"
)
ESTIMATE_FORM = (
    "One a line: “death at 28 days: RR 0.50 (0.34 to 0.75); 11 studies; 403 people; certainty very low”. What comes "
    "after the brackets may be left out. RR, OR, RD or HR."
)


def estimates(text: str) -> list[Estimate]:
    """Return the estimates in a text of lines. Raises ValidationError with the first line in another form."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if not (match := _ESTIMATE.fullmatch(line)):
            raise ValidationError(f"“{line}” is not in the right form. {ESTIMATE_FORM}")
        each = Estimate(**{name: part.strip("; ") for name, part in match.groupdict("").items()})
        if not float(each.low) <= float(each.value) <= float(each.high):
            raise ValidationError(f"In “{line}”, {each.value} is not between {each.low} and {each.high}.")
        found.append(each)
    return found
