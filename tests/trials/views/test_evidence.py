"""The pages of deaths, of other studies and of reviews, with the studies of the fixtures."""

import csv
import io
from typing import Any
from xml.etree import ElementTree

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.dom import tree
from tests.users import editor
from trials.models import OtherStudy, Page

pytestmark = pytest.mark.usefixtures("all_records")


@pytest.mark.parametrize(
    "path",
    ["/evidence/?pool=no", "/evidence/?design=x", "/evidence/deaths.svg?pool=x", "/evidence/deaths.csv?year_min=a",
     "/other-studies/?reason=x", "/other-studies/?design=x"],
)  # fmt: skip
def test_wrong_value_is_an_error(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 400
    assert "is not" in response.content.decode()


def test_counts_of_the_eight_studies(client: Client) -> None:
    text = client.get("/evidence/deaths.csv").content.decode("utf-8-sig")
    rows = {
        row["study"]: [int(row[name]) for name in ("ai", "n1i", "ci", "n2i")]
        for row in csv.DictReader(io.StringIO(text))
    }
    assert rows == {
        "Adas 2021": [3, 10, 6, 10],
        "Dilogo 2021": [10, 20, 16, 20],
        "Lanzoni 2021": [2, 12, 7, 12],
        "Monsel 2022": [5, 21, 4, 24],
        "Rebelatto 2022": [5, 11, 1, 6],
    }


def test_pooled_values_of_the_randomised_studies(client: Client) -> None:
    html = client.get("/evidence/?pool=yes&design=randomised").content.decode()
    for words in ("0.74 (0.48 to 1.14)", "0.76 (0.22 to 2.60)", "0.173 (0.000 to 12.760)", "36%"):
        assert words in html
    assert "With 4 randomised trials not on the list, not checked by us" in html
    assert "42 of 112" in html


def test_picture_is_an_image_of_its_own(client: Client) -> None:
    response = client.get("/evidence/deaths.svg?pool=yes")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"  # other sites may show it
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own picture
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    squares = [each for each in root.iter() if "forest-square" in each.get("class", "")]
    assert len(squares) == 5 + 4  # studies on the list, and pooled diamonds
    assert all("style" not in each.attrib for each in root.iter())


def test_picture_that_is_drawn_otherwise_is_sent_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = client.get("/evidence/deaths.svg")["ETag"]
    assert client.get("/evidence/deaths.svg", headers={"if-none-match": tag}).status_code == 304
    monkeypatch.setattr("trials.views.files.render", lambda *args, **kwargs: HttpResponse("<svg/>"))
    again = client.get("/evidence/deaths.svg", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (200, b"<svg/>")


def test_links_to_files_hold_the_parameters_that_the_files_know(client: Client) -> None:
    client.force_login(editor())  # a cached page hides the others
    page = tree(client.get("/evidence/?design=randomised&colour=red"))
    links = {link["href"] for link in page.one("figcaption").all("a")}
    assert links == {"/evidence/deaths.svg?design=randomised", "/evidence/deaths.csv?design=randomised"}
    assert [client.get(link).status_code for link in links] == [200, 200]


def test_entries_of_the_known_studies(client: Client) -> None:
    html = client.get("/other-studies/?reason=not-yet-reviewed&design=randomised").content.decode()
    assert "42 of 112 given cells (38 per 100), 47 of 110 in the comparison group (43 per 100); by day 30" in html
    assert f"of {OtherStudy.objects.count()} records" in html
    assert ">Michael A. Matthay, Lancet Respir Med 2019;7(2):154-162<" in html  # the year is not said twice
    assert 'id="shi-2021-wuhan"' not in html


def test_each_known_study_is_a_line_that_leads_to_its_whole_record(client: Client) -> None:
    page = tree(client.get("/other-studies/"))
    lines = [line.one("a")["href"] for line in page.all(class_="entry")]
    assert (len(lines), page.all(class_="known")) == (OtherStudy.objects.count(), [])
    address, _, name = next(each for each in lines if "bowdish" in each).partition("#")
    record = tree(client.get(address)).one(id=name)
    assert "Where this was read" in record.text
    shared = tree(client.get("/other-studies/?reason=same-people")).all("p")
    assert [a["href"].partition("#")[0] for p in shared if p.text.startswith("See ") for a in p.all("a")] != []


@pytest.mark.parametrize(
    ("query", "status"), [("?reason=same-people&design=case-series", 200), ("?reason=unknown", 400)]
)
def test_page_without_a_known_study_leads_to_all_of_them(client: Client, query: str, status: int) -> None:
    response = client.get(f"/other-studies/{query}")
    assert response.status_code == status
    assert [a["href"] for a in tree(response).all("a") if a.text == "Show all studies"] == ["/other-studies/"]


def test_reader_is_never_sent_to_a_copy() -> None:
    addresses = {source.address for study in OtherStudy.objects.all() for source in study.source_list}
    copies = ("github.com/jesnyder", "scribd.com", "scholars.mssm.edu", "meddatax.com", "crick.ai", "bohrium")
    assert not [address for address in addresses if any(copy in address for copy in copies)]


def test_date_of_the_search_of_a_review_is_in_words(client: Client) -> None:
    html = client.get("/reviews/").content.decode()
    assert ("<dd>23 June 2024</dd>" in html, "2024-06-23" in html) == (True, False)


def test_review_without_a_title_is_shown_by_its_journal_and_doi(client: Client) -> None:
    known = {each.one("h3").text: each.one("summary").text for each in tree(client.get("/reviews/")).all("details")}
    assert "Ther Adv Respir Dis 2023, article 17534666231158276" in known
    assert "Title not yet checked, doi:10.4252/wjsc.v17.i10.111978." in known["World J Stem Cells 2025;17(10):111978"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/reviews/", "We were given the first eight studies of our list, and did not search for them."),
        ("/other-studies/", "They were found on 22 and 30 November 2026"),
        ("/evidence/", "This page shows the numbers and draws no conclusion from them."),
    ],
)
def test_text_of_a_page_of_records_is_written_by_staff(client: Client, path: str, words: str) -> None:
    assert words in client.get(path).content.decode()
    Page.objects.filter(slug=path.strip("/")).delete()
    response = client.get(path)
    assert (response.status_code, words in response.content.decode()) == (200, False)


def test_page_says_which_synonyms_were_searched_for_and_left_out(client: Client) -> None:
    words = [each.text for each in tree(client.get("/evidence/?q=allogeneic+NOT+fresh")).all(class_="searched-for")]
    on_the_list = [each.text for each in tree(client.get("/trials/?q=allogeneic+NOT+fresh")).all(class_="searched-for")]
    assert words == on_the_list
    assert [each.partition(":")[0] for each in words] == ["Also searched for", "Left out"]


@pytest.mark.parametrize(
    ("path", "most"), [("/evidence/?pool=yes&sort=oldest", 14), ("/other-studies/", 9), ("/reviews/", 9)]
)
def test_number_of_queries_does_not_grow(
    client: Client, path: str, most: int, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(most):
        client.get(path)
