"""The import of studies, through the forms of the admin."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import draft_of, published_trial, registration
from tests.tools import assert_accessible, assert_valid_html
from tests.trials.importers import RECORDS, from_file
from tests.users import editor, member
from trials.importers import formats, lookup
from trials.models import Citation, Revision, Source, Trial

IMPORT = "/admin/trials/trial/import/"
ADAS_DOI = "10.1177/09636897211024942"
pytestmark = pytest.mark.django_db


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client(db: None) -> Client:
    return logged_in(editor())


def text(response: Any) -> str:
    """Return what a person reads on the page."""
    plain = re.sub(r"(?s)<(script|style|textarea|select).*?</\1>|<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(plain))


def send(client: Client, name: str, content: bytes | None = None) -> Any:
    """Upload a file of tests/trials/importers/records, or these bytes."""
    data = (RECORDS / name).read_bytes() if content is None else content
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data)})


def ticked(response: Any) -> list[str]:
    return re.findall(r'name="take" value="(\d+)"[^>]*\bchecked', response.content.decode())


def take(client: Client, listed: Any, *numbers: int, **values: str) -> Any:
    """Send the list back with these records ticked."""
    (signed,) = re.findall(r'name="list" value="([^"]+)"', listed.content.decode())
    data = {name.replace("_1", "-1"): value for name, value in values.items()}
    return client.post(IMPORT, {"list": signed, "take": numbers, **data})


def sentences(response: Any) -> list[str]:
    """Return the messages that the next page shows."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def many(count: int) -> bytes:
    """Return RIS records of studies without a word in common."""
    return "".join(
        f"TY  - JOUR\r\nTI  - W{n}a W{n}b W{n}c\r\nAU  - Adaş, Gökhan\r\nPY  - 2021\r\nDO  - 10.1000/{n}\r\nER  - \r\n"
        for n in range(1, count + 1)
    ).encode()


# --- Reading


@pytest.mark.parametrize("way", ["text", "file"])
def test_what_was_read_is_listed_and_nothing_is_saved(client: Client, way: str) -> None:
    pasted = {"text": (RECORDS / "adas.ris").read_text()}
    uploaded = {"file": SimpleUploadedFile("adas.ris", (RECORDS / "adas.ris").read_bytes())}
    page = client.post(IMPORT, {"text": pasted, "file": uploaded}[way])
    shown = text(page)
    assert "read as RIS: 1 record can be read." in shown
    assert "The Systematic Effect of Mesenchymal Stem Cell Therapy in Critical COVID-19 Patients" in shown
    assert "Record 1, line 1" in shown
    assert "Published 22 June 2021 Quoted: “2021/06/22/”" in shown
    assert ticked(page) == ["1"]
    assert (Trial.objects.count(), Revision.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "Give one of the two"),
        ({"text": "Lanzoni 2021"}, "or paste a DOI, a PubMed ID or an NCT number, such as 10.1002/sctm.21-0046"),
        ({"text": "STAT- MEDLINE\nTI  - x"}, "Refused: Record 1, line 1: it has no PubMed ID"),
    ],
)
def test_input_that_cannot_be_read_is_refused_and_stays_on_the_form(
    client: Client, data: dict[str, str], reason: str
) -> None:
    page = client.post(IMPORT, data)
    assert reason in text(page)
    assert html.escape(data.get("text", "")) in page.content.decode()


def test_text_and_file_together_are_refused(client: Client) -> None:
    both = {"text": "33400390", "file": SimpleUploadedFile("x.ris", b"TY  - JOUR")}
    assert "Give one of the two: a text or a file." in text(client.post(IMPORT, both))


def test_file_of_more_than_ten_megabytes_is_refused_before_it_is_parsed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", lambda self: pytest.fail("it was parsed"))
    page = send(client, "big.ris", b"x" * (formats.MOST_BYTES + 100_000))
    assert page.status_code == 413
    assert "Refused: it is larger than 10 MB." in text(page)


def test_pasted_text_that_is_too_long_has_to_be_uploaded(client: Client) -> None:
    page = client.post(IMPORT, {"text": "x" * 3_000_000})
    assert page.status_code == 413
    assert "Refused: so long a text has to be uploaded as a file." in text(page)


def test_post_without_a_csrf_token_is_refused(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor())
    assert strict.post(IMPORT, {"text": "TY  - JOUR"}).status_code == 403


def test_what_cannot_be_read_or_is_not_understood_is_listed(client: Client) -> None:
    odd = b"QQ  - What?\r\nKW  - a\r\nM3  - Clinical Trial\r\nER  -"
    data = b"Provider: X\n" + many(1).replace(b"ER  -", odd) + b"TY  - JOUR\nER  - \nSTAT- MEDLINE\nTI  - No number\n"
    page = send(client, "odd.ris", data)
    shown = text(page)
    assert "1 record cannot be read Record 3, line 13: it has no PubMed ID" in shown
    assert "1 line of the text is in no record Line 1: Provider: X" in shown
    assert "Fields that are not understood, and in how many records: QQ (1)." in shown
    assert "1 record is without a title." in shown
    assert "Not understood: QQ: What?" in shown
    assert "Not taken, as it has no place here KW (1)" in shown
    assert "The catalogue calls it: Clinical Trial." in shown
    assert ticked(page) == ["1"]


def test_identifier_is_looked_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "fetch", lambda identifier: (RECORDS / "lanzoni.xml").read_bytes())
    page = client.post(IMPORT, {"text": "33400390"})
    assert "PubMed, PubMed ID 33400390, read as PubMed (XML)" in text(page)
    take(client, page, 1)
    assert Source.objects.get().read_in_copy is False


# --- New studies


def test_draft_is_made_of_a_record_that_is_ticked(client: Client) -> None:
    done = take(client, send(client, "adas.ris"), 1)
    trial = Trial.objects.get()
    assert done.url == f"/admin/trials/trial/{trial.pk}/change/"
    assert sentences(done) == ["A draft of Adaş 2021 has the values. Complete it here."]
    assert (trial.status, trial.slug, trial.volume, trial.pages) == ("draft", "adas-2021", "30", "9636897211024942")
    assert [row.identifier for row in trial.registrations.all()] == ["NCT04392778"]
    revision = Revision.objects.get()
    assert (revision.step, revision.made_by, revision.reason) == (
        "imported",
        "eva",
        "Imported from adas.ris, record 1.",
    )


def test_nothing_is_saved_when_nothing_is_ticked(client: Client) -> None:
    assert "Nothing was saved: no record is ticked." in text(take(client, send(client, "adas.ris")))


def test_one_record_that_is_refused_leaves_no_draft_of_the_others_and_loses_no_tick(client: Client) -> None:
    page = send(client, "four.ris", many(3) + many(1).replace(b"W1a W1b W1c", b"Else"))
    assert ticked(page) == ["1", "2", "3"]
    assert "The same study as record 1 of this file: the same DOI, 10.1000/1." in text(page)
    refused = take(client, page, 1, 3, 4)
    assert "Nothing was saved: 1 of the ticked records cannot be taken. Each says why." in text(refused)
    assert "DOI “10.1000/1” is that of another entry" in text(refused)
    assert Trial.objects.count() == 0
    assert ticked(refused) == ["1", "3", "4"]
    take(client, refused, 1, 3)
    assert Trial.objects.count() == 2


def test_list_that_was_changed_on_the_way_is_refused(client: Client) -> None:
    refused = client.post(IMPORT, {"list": "forged:list", "take": "1"})
    assert refused.status_code == 400
    assert "Nothing was saved: the list is older than a day, or was changed. Read the file again." in text(refused)


def test_values_that_a_registry_lacks_are_asked_for(client: Client) -> None:
    page = send(client, "NCT04355728.json")
    assert "Date of publication, which a new study needs and the record lacks" in text(page)
    assert ticked(page) == []
    refused = take(client, page, 1)
    assert "It has no date of publication, and without there can be no draft." in text(refused)
    refused = take(client, page, 1, publication_date_1="2021-13")
    assert "“2021-13” is not a date. Write 2021, 2021-06 or 2021-06-08." in text(refused)
    assert ">2021-13</textarea>" in refused.content.decode()
    refused = take(client, page, 1, publication_date_1="08/06/2021")
    assert "“08/06/2021” is not a date." in text(refused)
    assert "slug" not in text(refused)
    take(client, page, 1, publication_date_1="2021-01-05")
    assert Trial.objects.get().publication_date == "2021-01-05"
    assert not Citation.objects.filter(value="publication_date").exists()


def test_pressing_the_button_twice_makes_one_draft(client: Client) -> None:
    without_doi = many(1).replace(b"DO  - 10.1000/1\r\n", b"")
    page = send(client, "one.ris", without_doi)
    take(client, page, 1)
    refused = take(client, page, 1)
    assert "A study that it may be of is here now. Choose what to do with it." in text(refused)
    assert Trial.objects.count() == 1


# --- Studies that are here


def test_study_that_is_here_is_named_with_what_it_would_get_and_what_differs(client: Client) -> None:
    trial = published_trial(doi=ADAS_DOI, slug="adas-2021", volume="29")
    page = send(client, "adas.ris")
    shown = text(page)
    assert f'href="/admin/trials/trial/{trial.pk}/change/"' in page.content.decode()
    assert f"(published) has the same DOI, {ADAS_DOI}." in shown
    assert "It would get: Journal abbreviation; Pages or article number; Language of the paper; PubMed ID; " in shown
    assert "Volume: “30” in the record, “29” here" in shown
    assert ticked(page) == []


def test_empty_values_of_a_published_study_are_filled_in_its_draft(client: Client) -> None:
    trial = published_trial(doi=ADAS_DOI, pages="1-9")
    page = send(client, "adas.ris")
    done = take(client, page, 1, target_1=str(trial.pk))
    trial.refresh_from_db()
    assert (trial.volume, trial.pages) == ("", "1-9")
    draft = Trial.objects.get(draft_of=trial)
    assert done.url == f"/admin/trials/trial/{draft.pk}/change/"
    assert (draft.volume, draft.pages, draft.title) == ("30", "1-9", trial.title)
    newest = Revision.objects.latest("number")
    assert (newest.step, newest.made_by, newest.live) == ("imported", "eva", False)


def test_value_in_the_draft_of_a_colleague_stays(client: Client) -> None:
    trial = published_trial(doi=ADAS_DOI)
    page = send(client, "adas.ris")
    draft = draft_of(trial, volume="31")
    take(client, page, 1, target_1=str(trial.pk))
    draft.refresh_from_db()
    assert (draft.volume, draft.pages) == ("31", "9636897211024942")


def test_study_that_has_all_values_is_left_alone(client: Client) -> None:
    page = send(client, "adas.ris")
    take(client, page, 1)
    trial = Trial.objects.get()
    refused = take(client, page, 1, target_1=str(trial.pk))
    assert "Adaş 2021 has all of its values already. Untick it." in text(refused)
    assert Revision.objects.count() == 1


def test_another_study_of_nearly_the_same_title_can_be_made(client: Client) -> None:
    published_trial(title=from_file("adas.ris").title)
    page = send(client, "adas.ris")
    assert "has the same title." in text(page)
    take(client, page, 1, target_1="new")
    assert Trial.objects.count() == 2


# --- Rights and the pages themselves


def test_only_those_who_may_add_studies_may_import() -> None:
    viewer = member("vera")
    assert logged_in(viewer).get(IMPORT).status_code == 403
    assert logged_in(viewer).post(IMPORT, {"text": "TY  - JOUR"}).status_code == 403


def test_hostile_title_is_shown_as_text(client: Client) -> None:
    paste = 'TY  - JOUR\nTI  - <script>alert(1)</script> & "x\nAU  - <img src=x>, A\nPY  - 2021\nER  - \n'
    page = client.post(IMPORT, {"text": paste}).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x" in page
    assert "<img src=x>" not in page


def test_pages_are_valid_html(client: Client) -> None:
    published_trial(registrations=[registration(identifier="NCT04355728")], citations=[])
    listed = send(client, "NCT04355728.json")
    assert_valid_html(
        {
            "form": client.get(IMPORT).content,
            "refused": client.post(IMPORT, {"text": "x"}).content,
            "list": listed.content,
            "errors": take(client, listed, 1).content,
        }
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 1280])
def test_editor_imports_a_file_in_a_browser(
    page: Any, live_server: Any, page_complaints: list[str], width: int, tmp_path: Any
) -> None:
    session = logged_in(User.objects.create_superuser("root")).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}{IMPORT}")
    assert_accessible(page)
    box = page.get_by_label("DOI, PubMed ID").bounding_box()
    assert box["height"] > 10 * 16  # ten lines, though it is empty
    file = tmp_path / "few.ris"
    file.write_bytes(many(3))
    page.get_by_label("Or choose a file").set_input_files(file)
    page.get_by_role("button", name="Show what it holds").click()
    page.get_by_label("W2a W2b W2c").uncheck()
    page.get_by_text("All its values").first.click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Take what is ticked").click()
    page.wait_for_url("**/admin/trials/trial/")
    page_complaints.clear()  # axe follows the @import of Django's forms.css, which the content policy forbids
    assert Trial.objects.count() == 2
