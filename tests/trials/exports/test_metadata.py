"""What pages say of themselves to other programs: references, COinS, Highwire elements, JSON-LD and links."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from tests.dom import Element, tree
from tests.factories import published_trial, registration
from tests.trials.exports.studies import TITLE, hard_trial
from trials.models import Trial

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"
VOCABULARY = json.loads((Path(__file__).parent / "data" / "schema-org.json").read_text())
PAGES = [
    "/", "/trials/", "/evidence/", "/data/", "/about/", "/glossary/", "/other-studies/", "/reviews/", "/disagreements/",
    "/changes/", "/api/v1/", "/trials/dilogo-2021/", "/trials/dilogo-2021/history/",
]  # fmt: skip


def graph(page: Element) -> list[dict[str, Any]]:
    data = json.loads(page.one("script", type="application/ld+json").text)
    assert list(data) == ["@context", "@graph"]
    return data["@graph"]


def metas(page: Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in page.all("meta"):
        if meta.get("name").startswith("citation_"):
            found.setdefault(meta["name"], []).append(meta["content"])
    return found


# --- Zotero


def test_list_has_the_papers_as_coins(client: Client) -> None:
    hard_trial(pages="e391-e399", journal="C++ & Trials")
    page = tree(client.get("/trials/"))
    (span,) = page.all("span", class_="Z3988")
    assert " " not in span["title"]
    found = parse_qs(span["title"], strict_parsing=True)
    assert found["rft.atitle"] == [TITLE]
    assert found["rft.jtitle"] == ["C++ & Trials"]
    assert "C%2B%2B+%26+Trials" in span["title"]
    assert (found["rft.aulast"], found["rft.aufirst"]) == (["Adaş"], ["Gökhan"])
    assert found["rft_id"] == ["info:doi/10.1000/x_1", "info:pmid/34180719"]
    assert [name for name, values in parse_qs(span["title"], keep_blank_values=True).items() if "" in values] == []
    assert metas(page) == {}


def test_page_of_a_study_has_the_paper_and_no_coins(client: Client) -> None:
    hard_trial(publication_date="2021-06")
    page = tree(client.get("/trials/adas-2021/"))
    assert page.all(class_="Z3988") == []
    found = metas(page)
    assert found.pop("citation_author") == [
        "Adaş, Gökhan", "Işıksaçan, Nilgün", "البحيري, أحمد", "García-Peña, José",
        "APHP STROMA–CoV-2 Collaborative Research Group",
    ]  # fmt: skip
    assert {name: values[0] for name, values in found.items()} == {
        "citation_title": TITLE,
        "citation_journal_title": "Stem Cell Research & Therapy",
        "citation_journal_abbrev": "Stem Cell Res Ther",
        "citation_publication_date": "2021/06",
        "citation_volume": "12",
        "citation_issue": "1",
        "citation_firstpage": "e391",
        "citation_lastpage": "e399",
        "citation_doi": "10.1000/x_1",
        "citation_pmid": "34180719",
        "citation_public_url": "https://doi.org/10.1000/x_1",
    }


# --- Cite


def test_paper_is_cited_before_our_page(client: Client) -> None:
    published_trial(doi="10.1000/x", heading="Cells for 20 people")
    section = tree(client.get("/trials/smith-2021/")).one("section", class_="exports")
    assert [heading.text for heading in section.all("h3")] == ["Cite the paper", "Cite this page"]
    ours = section.all("p", class_="citation")[1].text
    assert ours.startswith("ARDSinfo. Smith 2021: Cells for 20 people. Version 1. ")
    assert ours.endswith(f" {SITE}/trials/smith-2021/v/1/")
    forms = [pre.children[0] for pre in section.all("pre")]
    assert [str(form).splitlines()[0] for form in forms[:2]] == ["TY  - JOUR", "@article{smith-2021,"]
    assert str(forms[0]).endswith("\nER  - ")
    assert json.loads(str(forms[2]))[0]["DOI"] == "10.1000/x"
    assert "ET  - 1\n" in str(forms[3])


@pytest.mark.usefixtures("all_records")
@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/trials/", "Studies of mesenchymal stem cells in ARDS"),
        ("/evidence/", "Deaths across the studies"),
        ("/data/", "ARDSinfo: studies of mesenchymal stem cells in acute respiratory distress syndrome"),
    ],
)
def test_page_is_cited_with_the_date_of_its_content(client: Client, address: str, title: str) -> None:
    section = tree(client.get(address)).one("section", class_="exports")
    text = section.all("p", class_="citation")[0].text
    assert text == f"ARDSinfo. {title}. Version of 30 November 2026. {SITE}{address}"


@pytest.mark.usefixtures("all_records")
def test_page_on_the_data_has_the_reference_to_the_list_in_each_form(client: Client) -> None:
    section = tree(client.get("/data/")).one("section", class_="exports")
    assert [heading.text for heading in section.all("h3")] == ["Cite the data", "Cite the list of studies"]
    assert [form.text for form in section.all("h4")] == ["RIS", "BibTeX", "CSL-JSON"] * 2
    assert f"UR  - {SITE}/trials/\n" in str(section.all("pre")[3].children[0])


@pytest.mark.usefixtures("all_records")
def test_list_leads_to_the_reference_to_the_list_with_its_filters(client: Client) -> None:
    query = "?design=randomised&sort=oldest"
    listed = tree(client.get(f"/trials/{query}&page=1&colour=red")).one("section", class_="exports")
    link = listed.one("a", href=f"/data/{query}#take")
    assert link.text == "Cite this page in RIS, BibTeX or CSL-JSON"
    section = tree(client.get(link["href"])).one("section", class_="exports")
    text, forms = section.all("p", class_="citation")[1].text, [str(pre.children[0]) for pre in section.all("pre")[3:]]
    assert text == listed.one("p", class_="citation").text
    assert text.endswith(f" Version of 30 November 2026. {SITE}/trials/{query}")
    assert f"UR  - {SITE}/trials/{query}\n" in forms[0]
    assert f"url = {{{SITE}/trials/{query}}}" in forms[1]
    assert json.loads(forms[2])[0]["URL"] == f"{SITE}/trials/{query}"
    assert section.one("ul").all("a")[0]["href"] == "/trials.csv"


# --- JSON-LD


def ancestors(kind: str) -> set[str]:
    """The type and all that it is a kind of. Raises KeyError for a type that the vocabulary has not."""
    return {kind}.union(*(ancestors(parent) for parent in VOCABULARY["types"][kind]))


def kinds_of(value: Any, types: dict[str, str]) -> set[str]:
    """The types that a value can be read as. `types` has the type of each node that others refer to."""
    if isinstance(value, dict):
        return ancestors(value["@type"] if "@type" in value else types[value["@id"]])
    if isinstance(value, bool):
        return {"Boolean"}
    member = VOCABULARY["members"].get(value.removeprefix("https://schema.org/"))
    if member and value.startswith("https://schema.org/"):
        return set(member)
    is_date = re.fullmatch(r"\d{4}(-\d\d){0,2}", value)
    return {"Text"} | ({"URL"} if value.startswith("http") else set()) | ({"Date"} if is_date else set())


def faults(node: Any, types: dict[str, str]) -> list[tuple[str, str, Any]]:
    """Every (type, property, value) in the tree of a node for which the vocabulary has no place."""
    found = []
    for name, values in node.items():
        for value in (values if isinstance(values, list) else [values]) if not name.startswith("@") else []:
            place = VOCABULARY["properties"].get(name, {"domains": [], "ranges": []})
            fits = ancestors(node["@type"]) & {*place["domains"]} and kinds_of(value, types) & {*place["ranges"]}
            found += [] if fits else [(node["@type"], name, value)]
            found += faults(value, types) if isinstance(value, dict) and "@type" in value else []
    return found


@pytest.mark.usefixtures("all_records")
def test_every_type_property_and_value_is_in_the_vocabulary(client: Client) -> None:
    addresses = [*PAGES, *(trial.get_absolute_url() for trial in Trial.objects.public())]
    for address in addresses:
        nodes = graph(tree(client.get(address)))
        types = {node["@id"]: node["@type"] for node in nodes}
        assert [fault for node in nodes for fault in faults(node, types)] == [], address


@pytest.mark.parametrize(
    "node",
    [
        {"@type": "MedicalTrial", "phase": "2"},
        {"@type": "MedicalTrial", "studyDesign": "https://schema.org/CaseSeries"},
        {"@type": "MedicalTrial", "trialDesign": "https://schema.org/CaseSeries"},
        {"@type": "MedicalWebPage", "lastReviewed": "22 November 2026"},
        {"@type": "MedicalWebPage", "publisher": {"@type": "Country", "name": "France"}},
    ],
)
def test_what_the_vocabulary_has_not_is_a_fault(node: dict[str, Any]) -> None:
    assert len(faults(node, {})) == 1


@pytest.mark.usefixtures("all_records")
def test_graph_of_a_study_holds_the_page_the_study_and_the_paper(client: Client) -> None:
    page, study, paper = graph(tree(client.get("/trials/monsel-2022/")))
    assert (page["@type"], page["@id"], page["lastReviewed"]) == (
        "MedicalWebPage", f"{SITE}/trials/monsel-2022/", "2026-11-22",
    )  # fmt: skip
    assert study["@type"] == "MedicalTrial"
    assert [each.rpartition("/")[2] for each in study["trialDesign"]] == [
        "RandomizedTrial", "PlaceboControlledTrial", "DoubleBlindedTrial", "MultiCenterTrial",
    ]  # fmt: skip
    assert [code["codeValue"] for code in study["code"]] == ["NCT04333368", "2020-001287-28"]
    assert (paper["@type"], paper["@id"]) == ("MedicalScholarlyArticle", "https://doi.org/10.1186/s13054-022-03930-4")
    assert (page["mainEntity"]["@id"], page["citation"]["@id"]) == (study["@id"], paper["@id"])
    assert graph(tree(client.get("/trials/hashemian-2021/")))[1]["@type"] == "MedicalObservationalStudy"


@pytest.mark.usefixtures("all_records")
def test_page_that_is_reviewed_says_when(client: Client) -> None:
    pages = {address: tree(client.get(address)) for address in PAGES if "history" not in address}
    shown = [address for address, page in pages.items() if "Page last reviewed" in page.text]
    assert {"/", "/evidence/", "/reviews/"} <= {*shown}
    assert [address for address, page in pages.items() if "lastReviewed" in graph(page)[0]] == shown


@pytest.mark.usefixtures("all_records")
def test_page_on_the_data_alone_describes_the_data_set(client: Client) -> None:
    kinds = {address: [node["@type"] for node in graph(tree(client.get(address)))] for address in PAGES}
    assert [address for address, types in kinds.items() if "Dataset" in types] == ["/data/"]
    dataset = graph(tree(client.get("/data/")))[1]
    assert f"{SITE}/trials.csv" in [each["contentUrl"] for each in dataset["distribution"]]


def test_graph_cannot_end_its_element(client: Client) -> None:
    published_trial(title="</script><script>alert(1)</script>& <!--", registrations=[registration()])
    response = client.get("/trials/smith-2021/")
    assert b"<script>alert" not in response.content
    assert graph(tree(response))[2]["headline"] == "</script><script>alert(1)</script>& <!--"


# --- Links


def test_headers_lead_to_the_same_as_json_and_ris(client: Client) -> None:
    published_trial()
    assert client.get("/trials/smith-2021/")["Link"] == (
        f'<{SITE}/trials/smith-2021.ris>; rel="describedby"; type="application/x-research-info-systems", '
        f'<{SITE}/trials/smith-2021.json>; rel="describedby"; type="application/json", '
        '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'
    )
    for address in ("/trials/?design=randomised&page=1&view=list", "/evidence/?design=randomised&pool=yes"):
        for name in ("ris", "json"):
            assert f'<{SITE}/trials.{name}?design=randomised>; rel="describedby"' in client.get(address)["Link"]


@pytest.mark.usefixtures("all_records")
def test_every_page_names_its_licence(client: Client) -> None:
    addresses = [*PAGES, "/trials/dilogo-2021/v/1/"]
    assert [address for address in addresses if 'rel="license"' not in client.get(address).get("Link", "")] == []


@pytest.mark.parametrize(
    "address",
    [
        "/trials/?design=randomised&sort=oldest&colour=red",
        "/trials/smith-2021/",
        "/evidence/?design=randomised&pool=yes",
    ],
)
def test_page_links_its_files_and_each_is_there(client: Client, address: str) -> None:
    published_trial()
    links = tree(client.get(address)).one("section", class_="exports").one("ul").all("a")
    assert len(links) == 5
    assert [link["href"] for link in links if client.get(link["href"]).status_code != 200] == []
