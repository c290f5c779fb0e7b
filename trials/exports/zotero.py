"""What Zotero reads from our pages: COinS on the list, and the meta elements of Highwire on the page of a study."""

from urllib.parse import urlencode

from trials.exports.reference import Reference


def coins(work: Reference) -> str:
    """Return the ContextObject of OpenURL 1.0 of a paper. A space is “+”, and a plus sign %2B; nothing is empty."""
    names = [(name.family, name.given) for name in work.authors] or [("", "")]
    (family, given), *others = names
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article"),
        ("rft.atitle", work.title),
        ("rft.jtitle", work.journal),
        ("rft.stitle", work.abbreviation),
        ("rft.date", work.date),
        ("rft.volume", work.volume),
        ("rft.issue", work.issue),
        ("rft.spage", work.first_page),
        ("rft.epage", work.last_page),
        ("rft.artnum", work.article_number),
        ("rft.aulast", family),
        ("rft.aufirst", given),
        *(("rft.au", ", ".join(filter(None, name))) for name in others),
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
