"""What Zotero reads from our pages: COinS on the list, and the meta elements of Highwire on the page of a study."""

from urllib.parse import urlencode

from trials.exports.reference import Reference
from trials.models.trial import Author


def coins(work: Reference) -> str:
    """Return the ContextObject of OpenURL 1.0 of a paper, with its first author. The list has no room for the others.

    A space is “+”, and a plus sign %2B. Nothing is empty.
    """
    first = work.authors[0] if work.authors else Author("", "")
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article"),
        ("rft.atitle", work.title),
        ("rft.jtitle", work.journal),
        ("rft.date", work.date),
        ("rft.volume", work.volume),
        ("rft.issue", work.issue),
        ("rft.spage", work.first_page),
        ("rft.epage", work.last_page),
        ("rft.artnum", work.article_number),
        ("rft.aulast", first.family),
        ("rft.aufirst", first.given),
        ("rft_id", f"info:doi/{work.doi}" if work.doi else ""),
        ("rft_id", f"info:pmid/{work.pmid}" if work.pmid else ""),
    ]
    return urlencode([(name, value) for name, value in pairs if value])


def meta(work: Reference) -> list[tuple[str, str]]:
    """Return the name and the content of each meta element of a paper."""
    pairs = [
        ("citation_title", work.title),
        *(("citation_author", f"{name.family}, {name.given}" if name.given else name.family) for name in work.authors),
        ("citation_journal_title", work.journal),
        ("citation_journal_abbrev", work.abbreviation),
        ("citation_publication_date", work.date.replace("-", "/")),
        ("citation_volume", work.volume),
        ("citation_issue", work.issue),
        ("citation_firstpage", work.first_page),
        ("citation_lastpage", work.last_page),
        ("citation_doi", work.doi),
        ("citation_pmid", work.pmid),
        ("citation_public_url", work.address),
    ]
    return [(name, content) for name, content in pairs if content]
