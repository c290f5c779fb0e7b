"""A work that can be cited: a paper, an entry in a registry, a page of this site, or its data."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from django.template.defaultfilters import pluralize

from trials import vocabulary as v
from trials.models import Registration, Trial
from trials.models.fields import show_partial_date
from trials.models.trial import Author


class Kind(NamedTuple):
    """A kind of work, under its names in RIS, BibTeX and CSL-JSON."""

    ris: str
    bibtex: str
    csl: str
    genre: str = ""


ARTICLE = Kind("JOUR", "article", "article-journal")
REGISTRATION = Kind("RPRT", "techreport", "report", "Clinical trial registration")
PAGE = Kind("ELEC", "misc", "webpage")
DATA = Kind("DATA", "misc", "dataset")
SITE = "ARDSinfo"
NOT_COMPLETE = "The list of authors is not complete"  # which our own importer looks for
MOST_AUTHORS = 6  # of a citation in Vancouver style, before "et al."
# Fields of a study that its paper has under the same name.
_OF_PAPER = ("title", "authors_complete", "journal", "volume", "issue", "pages", "language")
_RANGE = re.compile(r"([^\s–-]+)\s*[–-]+\s*([^\s–-]+)")


@dataclass(frozen=True)
class Reference:
    """What a reference manager holds of a work. `date` may end at the year or the month."""

    kind: Kind
    key: str
    title: str
    address: str
    authors: tuple[Author, ...] = ()
    authors_complete: bool = True
    date: str = ""
    journal: str = ""
    abbreviation: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    language: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    number: str = ""  # of a registration
    publisher: str = ""
    version: str = ""  # of a page or of the data
    remark: str = ""

    @property
    def names(self) -> list[str]:
        return [", ".join(filter(None, name)) for name in self.authors]

    @property
    def page_range(self) -> tuple[str, str]:
        """The first and the last page; an article number and "" for an article without a range of pages."""
        match = _RANGE.fullmatch(self.pages)
        return (match[1], match[2]) if match else (self.pages, "")

    @property
    def note_on_authors(self) -> str:
        known = f"{len(self.authors)} author{pluralize(self.authors)}"
        return "" if self.authors_complete else f"{NOT_COMPLETE}: we know {known}."

    @property
    def note(self) -> str:
        return f"{self.note_on_authors} {self.remark}".strip()

    @property
    def text(self) -> str:
        """The paper or page in Vancouver style."""
        names = [name.short for name in self.authors[:MOST_AUTHORS]]
        if len(self.authors) > MOST_AUTHORS or not self.authors_complete:
            names.append("et al")
        address = self.address
        if self.kind == ARTICLE:
            volume = f";{self.volume}{f'({self.issue})' if self.issue else ''}" if self.volume else ""
            pages = f":{self.pages}" if self.pages else ""
            parts = [
                self.abbreviation or self.journal,
                f"{self.date[:4]}{volume}{pages}",
                f"PMID: {self.pmid}" if self.pmid else "",
                self.remark,
            ]
            address = f"doi: {self.doi}" if self.doi else address
        elif self.version == self.date:
            parts = [f"Version of {show_partial_date(self.date)}" if self.date else ""]
        else:
            parts = [f"Version {self.version}", show_partial_date(self.date)]
        parts = [", ".join(names), self.title, *parts]
        sentences = [part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part]
        return " ".join([*sentences, address]).strip()


def paper(trial: Trial) -> Reference:
    """Return the paper of a study."""
    doi, pmid = trial.doi or "", trial.pmid or ""
    notices = ", ".join(v.NoticeKind(code).label.lower() for code in trial.notice_kinds)
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else ""
    return Reference(
        ARTICLE,
        trial.slug,
        address=f"https://doi.org/{doi}" if doi else pubmed,
        authors=tuple(trial.author_list),
        date=trial.publication_date,
        abbreviation=trial.journal_abbreviation,
        doi=doi,
        pmid=pmid,
        pmcid=trial.pmcid or "",
        remark=f"Notice after publication: {notices}." if notices else "",
        **{name: getattr(trial, name) for name in _OF_PAPER},
    )


def registry_record(trial: Trial, row: Registration) -> Reference:
    """Return an entry of a registry as a report, as Zotero's own reader of ClinicalTrials.gov makes it."""
    inferred = f"The link between this entry and the paper of {trial.short_name} is inferred."
    is_nct = row.registry == v.Registry.CLINICALTRIALS_GOV
    responsible = row.sponsor or row.investigator
    return Reference(
        REGISTRATION,
        f"{trial.slug}-{row.identifier}",
        row.title or f"Registration {row.identifier}",
        row.record_url,
        authors=(Author(responsible, ""),) if responsible else (),
        date=row.looked_up,
        number=row.identifier,
        publisher="clinicaltrials.gov" if is_nct else row.get_registry_display(),
        remark=inferred if row.link_inferred else "",
    )


def references(trial: Trial) -> list[Reference]:
    """Return the paper of a study, then its entries in registries."""
    return [paper(trial), *(registry_record(trial, row) for row in trial.registrations.all())]
