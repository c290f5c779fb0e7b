"""The formats of files of studies, one small class each. To add one, write its class and name it in FORMATS."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import datetime
from operator import methodcaller
from typing import Any

from django.utils.timezone import localtime

from trials.exports import reference_formats, study_json, table
from trials.exports.reference import Reference, paper, references
from trials.exports.streams import with_rows
from trials.models import Revision
from trials.models.trial import TrialQuerySet

FORM = 2  # raise it when the form of a file changes, so that no reader keeps a copy in the form before
Filters = dict[str, Any] | None


def content_date() -> datetime | None:
    """Return when what the public sees changed last."""
    live = Revision.objects.filter(live=True).order_by("-made_at", "-id")
    return live.values_list("made_at", flat=True).first()


def iso_day(moment: datetime | None) -> str:
    return localtime(moment).date().isoformat() if moment else ""


class Format(ABC):
    """A format. `name` is what its address ends in, and `purpose` one line on what it is for."""

    name: str
    label: str
    purpose: str
    media_type: str
    rows: tuple[str, ...]
    is_attached = True

    @property
    def file_name(self) -> str:
        """The name of the file of the list, which is its address too."""
        return self.name if "." in self.name else f"trials.{self.name}"

    @abstractmethod
    def chunks(self, trials: TrialQuerySet, filters: Filters = None) -> Iterator[str]:
        """Yield the text of the file of these studies. `filters` is what was asked for; None for one study."""


class Csv(Format):
    name, label, purpose = "csv", "Table (CSV)", "for a spreadsheet, R or other statistics: one row a study"
    media_type, rows = "text/csv", ("registrations", "blanks")

    def chunks(self, trials: TrialQuerySet, filters: Filters = None) -> Iterator[str]:
        yield from table.lines(table.TRIALS, with_rows(trials, self.rows))


class OutcomesCsv(Format):
    name, label = "outcomes.csv", "Counts (CSV)"
    purpose = "for a meta-analysis: one row a count of deaths or serious adverse events"
    media_type, rows = "text/csv", ("arms", "counts")

    def chunks(self, trials: TrialQuerySet, filters: Filters = None) -> Iterator[str]:
        found = with_rows(trials, self.rows)
        yield from table.lines(table.OUTCOMES, (count for trial in found for count in trial.counts.all()))


class References(Format):
    """The papers of the studies; in the file of one study, its entries in registries too."""

    rows = ("registrations",)
    write: Callable[[Reference], str]

    def chunks(self, trials: TrialQuerySet, filters: Filters = None) -> Iterator[str]:
        for trial in with_rows(trials, self.rows):
            yield "".join(map(self.write, references(trial) if filters is None else [paper(trial)]))


class Ris(References):
    name, label, purpose = "ris", "References (RIS)", "for Zotero, EndNote, Mendeley, Rayyan or Covidence"
    media_type, write = "application/x-research-info-systems", staticmethod(reference_formats.ris)


class Bibtex(References):
    name, label, purpose = "bib", "References (BibTeX)", "for LaTeX and JabRef"
    media_type, write = "application/x-bibtex", staticmethod(reference_formats.bibtex)


class Json(Format):
    name, label, purpose = "json", "Everything (JSON)", "for programs: each value with its status and its sources"
    media_type, is_attached = "application/json", False
    rows = ("arms", "counts", "registrations", "sources", "citations", "blanks", "judgements", "notices")

    def chunks(self, trials: TrialQuerySet, filters: Filters = None) -> Iterator[str]:
        studies = (dumps(study_json.study(trial)) for trial in with_rows(trials, self.rows))
        if filters is None:
            yield from (f"{study}\n" for study in studies)
            return
        day = iso_day(content_date()) or None
        head = {"version_date": day, "licence": study_json.LICENCE, "filters": filters}
        yield f'{dumps(head)[:-1]}, "trials": ['
        for number, study in enumerate(studies):
            yield f",\n{study}" if number else f"\n{study}"
        yield "\n]}\n"


def dumps(data: Any) -> str:
    """Return JSON, with dates and times as in ISO 8601. NaN and infinity, which it does not have, raise ValueError."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, default=methodcaller("isoformat"))


FORMATS: dict[str, Format] = {each.name: each for each in (Csv(), OutcomesCsv(), Ris(), Bibtex(), Json())}
