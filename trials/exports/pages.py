"""What a page offers to other programs: files, references, and metadata in its head and headers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from trials.exports import json_ld, reference_formats
from trials.exports.formats import FORMATS, Format, content_date, dumps, iso_day
from trials.exports.reference import PAGE, SITE, Kind, Reference, paper
from trials.listing.filters import TrialFilter
from trials.models import Trial
from trials.models.trial import Author

NOT_IN_FILES = ("page", "view")  # how the list is shown
LIST, LIST_TITLE = "/trials/", "Studies of mesenchymal stem cells in ARDS"


class Cite(NamedTuple):
    heading: str
    work: Reference

    @property
    def forms(self) -> list[tuple[str, str]]:
        """The reference in three formats, each with its name."""
        work = self.work
        ris = reference_formats.ris(work).replace("\r\n", "\n")
        found = {"RIS": ris, "BibTeX": reference_formats.bibtex(work), "CSL-JSON": dumps([reference_formats.csl(work)])}
        return [(name, text.rstrip("\n")) for name, text in found.items()]


class File(NamedTuple):
    format: Format
    address: str


@dataclass(frozen=True)
class PageExports:
    cites: list[Cite]
    graph: SafeString | None = None
    files: list[File] = field(default_factory=list)
    meta: list[tuple[str, str]] = field(default_factory=list)
    coins: list[str] = field(default_factory=list)
    forms_at: str = ""  # the page that has the references in each format, where this one has no room for them
    feeds: list[tuple[str, str]] = field(default_factory=list)  # title and address
    changed: datetime | None = None  # when what the public sees changed last, for a page without a version

    def add_links(self, response: HttpResponse) -> HttpResponse:
        """Add the header that leads a program from the page to the same as JSON and RIS, and to the licence."""
        links = [
            f'<{settings.SITE_URL}{address}>; rel="describedby"; type="{kind.media_type}"'
            for kind, address in self.files
            if kind.name in ("ris", "json")
        ]
        response["Link"] = ", ".join([*links, f'<{json_ld.CC_BY}>; rel="license"'])
        return response


def list_query(query: QueryDict) -> str:
    """Return what of this query chooses and sorts the studies of the list, with its question mark; "" for nothing."""
    known = TrialFilter.base_filters.keys() - set(NOT_IN_FILES)
    chosen = [(name, value) for name, values in query.lists() for value in values if value and name in known]
    return f"?{urlencode(chosen)}" if chosen else ""


def list_files(chosen: str = "") -> list[File]:
    """Return the files of the list. `chosen` is the `list_query` of the studies in them; all without it."""
    return [File(kind, reverse(f"trials:list-{name}") + chosen) for name, kind in FORMATS.items()]


def of_study(trial: Trial, version: int, made_at: datetime) -> PageExports:
    """Return what the page of a public study offers. The page is cited as the version that it shows."""
    path = trial.get_absolute_url()
    return PageExports(
        cites_of(trial, path, version, made_at),
        json_ld.script(*json_ld.study_nodes(trial, settings.SITE_URL + path, _title(trial), made_at)),
        files=[File(kind, reverse(f"trials:trial-{name}", args=[trial.slug])) for name, kind in FORMATS.items()],
        meta=reference_formats.highwire(paper(trial)),
        feeds=[(f"What changed in {trial.short_name}", reverse("trials:trial-feed", args=[trial.slug]))],
    )


def cites_of(trial: Trial, path: str, version: int, made_at: datetime) -> list[Cite]:
    """Return how to cite a version of a study. `path` is that of the study now."""
    page = cite_page("Cite this page", trial.slug, _title(trial), f"{path}v/{version}/", made_at, str(version))
    return [Cite("Cite the paper", paper(trial)), page]


def _title(trial: Trial) -> str:
    return f"{trial.short_name}: {trial.heading or trial.title}"


def of_list(trials: Iterable[Trial], query: QueryDict) -> PageExports:
    """Return what a page of the list offers: its files and its reference are of all pages of it."""
    chosen = list_query(query)
    return of_page(
        "trials",
        LIST_TITLE,
        LIST,
        chosen=chosen,
        files=list_files(chosen),
        coins=[reference_formats.coins(paper(trial)) for trial in trials],
        feeds=[("New studies", reverse("trials:new-studies-feed"))],
        forms_at=f"{reverse('trials:data')}{chosen}#take",
    )


def of_page(
    key: str, title: str, path: str, reviewed: date | None = None, *nodes: Any, chosen: str = "", **more: Any
) -> PageExports:
    """Return what a page offers that has no version of its own, unless `more` says otherwise.

    It is cited with the `list_query` of its studies.
    """
    changed = content_date()
    graph = json_ld.script(json_ld.page(settings.SITE_URL + path, title, reviewed, changed), *nodes)
    cites = [cite_page("Cite this page", key, title, path + chosen, changed)]
    return PageExports(**{"cites": cites, "graph": graph, "changed": changed} | more)


def cite_page(
    heading: str, key: str, title: str, path: str, changed: datetime | None, version: str = "", kind: Kind = PAGE
) -> Cite:
    """Return a page of this site as it is cited: as this version, or with the date of its content."""
    day = iso_day(changed)
    work = Reference(
        kind,
        f"ardsinfo-{key}",
        title,
        settings.SITE_URL + path,
        authors=(Author(SITE, ""),),
        date=day,
        publisher=SITE,
        version=version or day,
    )
    return Cite(heading, work)
