"""A work that can be cited: a paper, an entry in a registry, or a page of this site."""

import re
from dataclasses import dataclass

from django.conf import settings

from trials import vocabulary as v
from trials.models import Registration, Trial
from trials.models.fields import show_partial_date
from trials.models.trial import Author

ARTICLE, REGISTRATION, PAGE, DATA = "article", "registration", "page", "data"
SITE = Author("ARDSinfo", "")
MOST_AUTHORS = 6  # of a citation in Vancouver style, before "et al."
_RANGE = re.compile(r"([^\s–-]+)\s*[–-]+\s*([^\s–-]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")


def one_line(text: str) -> str:
    """Return the text on one line, without control characters: a new line could forge a field or a whole record."""
    return _CONTROL.sub(" ", text).strip()


@dataclass(frozen=True)
class Reference:
    """What a reference manager holds of a work. Texts are on one line; `date` may end at the year or the month."""

    kind: str
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
    note: str = ""

    @property
    def first_page(self) -> str:
        match = _RANGE.fullmatch(self.pages)
        return match[1] if match else self.pages

    @property
    def last_page(self) -> str:
        match = _RANGE.fullmatch(self.pages)
        return match[2] if match else ""

    @property
    def article_number(self) -> str:
        """The only "page" of an article without a range of pages."""
        return "" if self.last_page else self.pages

    @property
    def date_parts(self) -> list[int]:
        return [int(part) for part in self.date.split("-")] if self.date else []

    @property
    def note_on_authors(self) -> str:
        if self.authors_complete:
            return ""
        known = len(self.authors)
        return f"The list of authors is not complete: we know {known} author{'' if known == 1 else 's'}."

    @property
    def notes(self) -> list[str]:
        return [note for note in (self.note_on_authors, self.note) if note]

    @property
    def text(self) -> str:
        """The reference in Vancouver style."""
        names = [name.short for name in self.authors[:MOST_AUTHORS]]
        if len(self.authors) > MOST_AUTHORS or not self.authors_complete:
            names.append("et al")
        parts = [", ".join(names), self.title]
        if self.kind == ARTICLE:
            volume = f";{self.volume}{f'({self.issue})' if self.issue else ''}" if self.volume else ""
            pages = f":{self.pages}" if self.pages else ""
            parts += [self.abbreviation or self.journal, f"{self.date[:4]}{volume}{pages}"]
            parts += [f"PMID: {self.pmid}"] * bool(self.pmid) + [self.note]
            address = f"doi: {self.doi}" if self.doi else self.address
        else:
            day = show_partial_date(self.date)
            parts += [f"Version {self.version}"] * bool(self.version and self.version != self.date)
            parts += [f"{self.publisher}, {self.number}"] * bool(self.number)
            parts += [f"Version of {day}" if self.version == self.date else day] * bool(day)
            address = self.address
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
        one_line(trial.title),
        one_line(f"https://doi.org/{doi}" if doi else pubmed),
        authors=tuple(Author(*map(one_line, name)) for name in trial.author_list),
        authors_complete=trial.authors_complete,
        date=trial.publication_date,
        journal=one_line(trial.journal),
        abbreviation=one_line(trial.journal_abbreviation),
        volume=one_line(trial.volume),
        issue=one_line(trial.issue),
        pages=one_line(trial.pages),
        language=one_line(trial.language),
        doi=one_line(doi),
        pmid=pmid,
        pmcid=trial.pmcid or "",
        note=f"Notice after publication: {notices}." if notices else "",
    )


def registry_record(trial: Trial, row: Registration) -> Reference:
    """Return an entry of a registry as a report, as Zotero's own reader of ClinicalTrials.gov makes it."""
    inferred = f"The link between this entry and the paper of {trial.short_name} is inferred." * row.link_inferred
    is_nct = row.registry == v.Registry.CLINICALTRIALS_GOV
    return Reference(
        REGISTRATION,
        f"{trial.slug}-{row.identifier}",
        one_line(row.title or f"Registration {row.identifier}"),
        one_line(row.record_url),
        authors=(Author(one_line(row.sponsor or row.investigator), ""),) if row.sponsor or row.investigator else (),
        date=row.looked_up,
        number=one_line(row.identifier),
        publisher="clinicaltrials.gov" if is_nct else row.get_registry_display(),
        note=inferred,
    )


def references(trial: Trial) -> list[Reference]:
    """Return the paper of a study, then its entries in registries."""
    return [paper(trial), *(registry_record(trial, row) for row in trial.registrations.all())]


def own_page(key: str, title: str, path: str, version: str, date: str, kind: str = PAGE) -> Reference:
    """Return a page of this site. `date` is when the content of that version was published."""
    return Reference(
        kind,
        key,
        one_line(title),
        settings.SITE_URL + path,
        authors=(SITE,),
        date=date,
        publisher="ARDSinfo",
        version=version,
    )
