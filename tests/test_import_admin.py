"""“Add a study from a record”, through the real forms of the admin."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from tests.factories import ANN, make_country, make_registration, make_trial
from tests.tools import assert_accessible, assert_valid_html
from trials import actions, history, importers
from trials.importers import files, lookup
from trials.models import ImportFile, ImportRecord, Revision, Source, Trial

RECORDS = Path(__file__).parent / "records"
START = "/admin/trials/trial/from-record/"
pytestmark = pytest.mark.django_db


def staff(name: str, *permissions: str) -> Client:
    user = User.objects.create_user(name, password="correct horse", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(db: None) -> Client:
    return staff("eda", "view_trial", "add_trial", "change_trial")


def text(response: Any) -> str:
    """What a person reads on the page."""
    html = re.sub(r"(?s)<(script|style).*?</\1>", " ", response.content.decode())
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    for entity, character in (("&#x27;", "'"), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"')):
        plain = plain.replace(entity, character)
    return plain


def send(client: Client, name: str, content: bytes | None = None) -> Any:
    data = (RECORDS / name).read_bytes() if content is None else content
    return client.post(START, {"file": SimpleUploadedFile(name, data)}, follow=True)


def ticked(response: Any) -> list[str]:
    return re.findall(r'name="take" value="([^"]+)" id="[^"]+" checked', response.content.decode())


def address(response: Any) -> str:
    return str(response.redirect_chain[-1][0])


def many(number: int, start: int = 0) -> bytes:
    """Records of studies that have no two titles alike."""
    return "".join(
        f"TY  - JOUR\r\nTI  - W{n}a W{n}b W{n}c W{n}d\r\nAU  - Adaş, Gökhan\r\nPY  - 2021\r\n"
        f"DO  - 10.1000/{n}\r\nER  - \r\n"
        for n in range(start, start + number)
    ).encode()


# --- The way in -----------------------------------------------------------------------------------------------


def test_list_and_empty_form_lead_to_it(editor: Client) -> None:
    for page in ("/admin/trials/trial/", "/admin/trials/trial/add/"):
        assert f'href="{START}"' in editor.get(page).content.decode()


@pytest.mark.parametrize("way", ["paste", "file"])
def test_record_that_is_not_here_is_shown_and_nothing_is_saved(editor: Client, way: str) -> None:
    if way == "paste":
        page = editor.post(START, {"text": (RECORDS / "adas.ris").read_text()}, follow=True)
    else:
        page = send(editor, "adas.ris")
    shown = text(page)
    assert "A new study from a record" in shown
    assert "Adaş, Gökhan Çukurova, Zafer Smith, John Jr. Türkiye Cell Group" in shown
    assert "22 June 2021 RIS record from PubMed: “2021/06/22/”" in shown
    assert (Trial.objects.count(), Revision.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Give an identifier, paste a record or choose a file."),
        ({"identifier": "10.1000/x", "text": "TY  - JOUR"}, "Use one of the three"),
        ({"identifier": "Lanzoni 2021"}, "“Lanzoni 2021” is not a DOI (10.1002/…), a PubMed ID (a number) or an NCT"),
        ({"text": "hello"}, "Refused: Line 1: this is not a format that can be read here."),
        ({"text": "TY  - JOUR\nTI  - x"}, "Refused: Record 1, line 1: it has no ER line at its end"),
        ({"text": "<!DOCTYPE x [\n<!ENTITY a 'b'>]><a>&a;</a>"}, "Refused: Line 2: it declares an entity of its own"),
    ],
)
def test_what_cannot_be_read_is_refused_and_keeps_what_was_typed(
    editor: Client, data: dict[str, str], said: str
) -> None:
    page = editor.post(START, data)
    assert said in text(page)
    assert ImportFile.objects.count() == 0
    if "text" in data:
        assert f">\n{escape(data['text'])}</textarea>" in page.content.decode()


def test_file_of_wrong_encoding_is_refused_with_its_byte(editor: Client) -> None:
    page = send(editor, "old.ris", "TY  - JOUR\nTI  - Türkiye\nER  - \n".encode("latin-1"))
    assert "Refused: Line 2: byte 19 (0xfc) is not UTF-8. Save the file as UTF-8." in text(page)


def test_file_of_more_than_ten_megabytes_is_refused_before_it_is_parsed(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", lambda self: pytest.fail("it was parsed"))
    page = send(editor, "big.ris", b"x" * (importers.MAX_BYTES + 100_000))
    assert page.status_code == 413
    assert "Refused: it is larger than 10 MB. Cut it into smaller files." in text(page)


def test_paste_that_is_too_long_is_told_to_come_as_a_file(editor: Client) -> None:
    page = editor.post(START, {"text": "x" * 3_000_000})
    assert page.status_code == 413
    assert "Refused: so long a text has to be uploaded as a file." in text(page)


def test_forged_post_is_refused() -> None:
    staff("eda", "add_trial")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get())
    assert client.post(START, {"text": (RECORDS / "adas.ris").read_text()}).status_code == 403
    assert ImportFile.objects.count() == 0


def test_identifier_is_looked_up_and_says_where_it_was_read(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fetch(identifier: lookup.Identifier) -> bytes:
        asked.append(identifier.value)
        return (RECORDS / "lanzoni.xml").read_bytes()

    monkeypatch.setattr(lookup, "fetch", fetch)
    page = editor.post(START, {"identifier": "33400390"}, follow=True)
    assert "Record 1 of PubMed, PubMed ID 33400390, read as PubMed (XML), line 4." in text(page)
    editor.post(address(page), {"take": ticked(page), "with": "new"})
    assert asked == ["33400390"]
    assert Source.objects.get(value="doi").read_in_copy is False


def test_look_up_that_fails_is_told_on_the_form(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "SCHEMES", ("http",))
    monkeypatch.setattr(lookup, "CLINICALTRIALS", "http://127.0.0.1:9/studies/")
    page = editor.post(START, {"identifier": "NCT04355728"})
    assert "ClinicalTrials.gov cannot be reached from here: there is no network, or it is down." in text(page)
    assert 'value="NCT04355728"' in page.content.decode()


# --- A new draft ----------------------------------------------------------------------------------------------


def test_draft_is_made_of_what_is_ticked_alone_with_its_sources(editor: Client) -> None:
    page = send(editor, "adas.ris")
    take = ticked(page)
    assert take == [
        "fields.title", "fields.authors", "fields.journal", "fields.journal_abbreviation", "fields.publication_date",
        "fields.volume", "fields.pages", "fields.language", "fields.doi", "fields.pmid", "registrations.1",
    ]  # fmt: skip
    take.remove("fields.volume")
    done = editor.post(address(page), {"take": take, "with": "new"}, follow=True)
    trial = Trial.objects.get()
    assert address(done) == f"/admin/trials/trial/{trial.pk}/change/"
    assert "A draft of Adaş 2021 was made. Complete it here." in text(done)
    assert (trial.status, trial.slug, trial.volume, trial.pages) == ("draft", "adas-2021", "", "9636897211024942")
    assert [r.identifier for r in trial.registrations.all()] == ["NCT04392778"]
    assert {source.value for source in trial.sources.all()} == {
        "title", "authors", "journal", "journal_abbreviation", "publication_date", "pages", "language", "doi", "pmid",
        "registration-1",
    }  # fmt: skip
    revision = Revision.objects.get()
    assert (revision.step, revision.made_by, revision.reason) == (
        "imported", "eda", "Imported from adas.ris, record 1 (read as RIS).",
    )  # fmt: skip


def test_values_come_from_the_server_whatever_the_browser_sends(editor: Client) -> None:
    page = send(editor, "adas.ris")
    forged = {"title": "Forged", "fields.title": "Forged", "value": "Forged", "source": "https://evil.example"}
    editor.post(address(page), {"take": [*ticked(page), "fields.status", "nonsense"], "with": "new", **forged})
    trial = Trial.objects.get()
    assert trial.title.startswith("The Systematic Effect")
    assert trial.status == "draft"
    assert set(trial.sources.values_list("address", flat=True)) == {"https://doi.org/10.1177/09636897211024942"}


def test_what_a_registry_does_not_know_is_asked_for(editor: Client) -> None:
    page = send(editor, "NCT04355728.json")
    assert "The record does not say" in text(page)
    refused = editor.post(address(page), {"take": ticked(page), "with": "new"})
    assert "It has no date of publication, and without there can be no draft." in text(refused)
    assert Trial.objects.count() == 0
    data = {"take": ticked(page), "with": "new", "publication_date": "2021-13"}
    refused = editor.post(address(page), data)
    assert "publication_date: “2021-13” is not a date. Write 2021, 2021-06 or 2021-06-08." in text(refused)
    assert 'value="2021-13"' in refused.content.decode()
    editor.post(address(page), data | {"publication_date": "2021-01-05"})
    trial = Trial.objects.get()
    assert (trial.publication_date, trial.arms.count(), trial.registrations.get().masking) == (
        "2021-01-05",
        3,
        "triple",
    )
    assert not Source.objects.filter(value="publication_date").exists()


def test_button_pressed_twice_makes_one_draft(editor: Client) -> None:
    page = send(editor, "adas.ris")
    for _ in range(2):
        done = editor.post(address(page), {"take": ticked(page), "with": "new"}, follow=True)
    assert Trial.objects.count() == 1
    assert "This record was added already." in text(done)


# --- A study that is here -------------------------------------------------------------------------------------


def test_duplicate_is_shown_before_anything_is_made(editor: Client) -> None:
    trial = make_trial(slug="adas-2021", doi="10.1177/09636897211024942", title="Else", rows=False)
    page = send(editor, "adas.ris")
    assert "This study may be here already" in text(page)
    assert "It has the same DOI, 10.1177/09636897211024942." in text(page)
    assert f'href="/admin/trials/trial/{trial.pk}/change/"' in page.content.decode()
    assert Trial.objects.count() == 1


def test_title_in_other_capitals_without_accents_is_a_duplicate(editor: Client) -> None:
    make_trial(title="Cells for ARDS in Türkiye: a study of Adaş and others", rows=False)
    paste = "TY  - JOUR\nTI  - CELLS FOR ARDS IN TURKIYE - A STUDY OF ADAS AND OTHERS\nER  - \n"
    page = editor.post(START, {"text": paste}, follow=True)
    assert "It has the same title." in text(page)


def test_values_go_into_the_study_that_is_here_as_its_draft(editor: Client) -> None:
    trial = make_trial(doi="10.1177/09636897211024942", volume="", issue="7", rows=False)
    actions.loaded(trial)
    page = send(editor, "adas.ris")
    assert ticked(page) == [
        "fields.journal_abbreviation", "fields.volume", "fields.pages", "fields.language", "fields.pmid",
        "registrations.1",
    ]  # fmt: skip
    data = {"take": ["fields.volume"], "with": str(trial.pk), "base": "1", "reason": "The volume was missing."}
    editor.post(address(page), data)
    trial.refresh_from_db()
    assert trial.volume == ""  # the public sees it: what changed waits as a draft
    pending = actions.pending_revision(trial)
    assert pending is not None
    assert (pending.step, pending.made_by, pending.reason) == ("imported", "eda", "The volume was missing.")
    assert [change.label for change in history.changes(Trial, history.snapshot(trial), pending.data)] == [
        "Volume",
        "Source 1 (volume)",
    ]


def test_reason_is_asked_for_where_the_public_sees_the_study(editor: Client) -> None:
    trial = make_trial(doi="10.1177/09636897211024942", rows=False)
    actions.loaded(trial)
    page = send(editor, "adas.ris")
    data = {"take": ["fields.volume"], "with": str(trial.pk), "base": "1", "reason": " "}
    refused = editor.post(address(page), data)
    assert "Say why: the public sees this record" in text(refused)
    assert ticked(refused) == ["fields.volume"]
    assert Revision.objects.count() == 1


def test_study_that_somebody_saved_meanwhile_is_not_overwritten(editor: Client) -> None:
    trial = make_trial(status="draft", doi="10.1177/09636897211024942", rows=False)
    actions.created(trial, by=ANN)
    page = send(editor, "adas.ris")
    theirs = history.snapshot(trial)
    theirs["fields"]["volume"] = "31"
    actions.edit(trial, theirs, by=ANN, base=1)
    data = {"take": ["fields.volume", "fields.pages"], "with": str(trial.pk), "base": "1"}
    conflict = editor.post(address(page), data)
    shown = text(conflict)
    assert "Nothing was saved: ann saved revision 2 of this study meanwhile" in shown
    assert "Volume: empty → 31" in shown
    assert ticked(conflict) == ["fields.volume", "fields.pages"]
    assert 'name="base" value="2"' in conflict.content.decode()
    trial.refresh_from_db()
    assert (trial.volume, trial.pages) == ("31", "")
    editor.post(address(page), data | {"take": ["fields.pages"], "base": "2"})
    trial.refresh_from_db()
    assert (trial.volume, trial.pages) == ("31", "9636897211024942")


def test_another_study_of_nearly_the_same_title_can_be_made_all_the_same(editor: Client) -> None:
    make_trial(title=importers.read((RECORDS / "adas.ris").read_bytes()).found[0].get("title"), rows=False)
    page = send(editor, "adas.ris")
    new = editor.get(f"{address(page)}?with=new")
    assert "You are making a new draft all the same." in text(new)
    editor.post(address(page), {"take": ticked(new), "with": "new"})
    assert Trial.objects.count() == 2


def test_second_study_with_the_same_doi_is_refused(editor: Client) -> None:
    make_trial(doi="10.1177/09636897211024942", rows=False)
    page = send(editor, "adas.ris")
    new = editor.get(f"{address(page)}?with=new")
    refused = editor.post(address(page), {"take": ticked(new), "with": "new"})
    assert "doi: Study with this DOI already exists." in text(refused)
    assert Trial.objects.count() == 1


# --- Who may --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permissions", "start", "new", "change"),
    [
        ((), 403, None, None),
        (("view_trial",), 403, None, None),
        (("view_trial", "add_trial"), 200, 302, 403),
        (("view_trial", "change_trial"), 200, 403, 302),
    ],
    ids=["nobody", "viewer", "adder", "changer"],
)
def test_each_right_opens_its_own_door(
    permissions: tuple[str, ...], start: int, new: int | None, change: int | None
) -> None:
    trial = make_trial(status="draft", doi="10.1177/09636897211024942", rows=False)
    actions.created(trial, by=ANN)
    client = staff("cat", *permissions)
    assert client.get(START).status_code == start
    if new is None:
        return
    page = send(client, "adas.ris")
    to_it = {"take": ["fields.volume"], "with": str(trial.pk), "base": "1"}
    assert client.post(address(page), to_it).status_code == change
    page = send(client, "lanzoni.nbib")
    take = ["fields.title", "fields.authors", "fields.publication_date"]
    assert client.post(address(page), {"take": take, "with": "new"}).status_code == new


def test_file_of_another_editor_is_not_there(editor: Client) -> None:
    page = send(editor, "adas.ris")
    file = ImportFile.objects.get()
    other = staff("dan", "view_trial", "add_trial", "change_trial")
    for place in (address(page), f"{START}{file.pk}/"):
        assert other.get(place).status_code == 404
        assert other.post(place, {"with": "new"}).status_code == 404
    assert Client().get(f"{START}{file.pk}/").status_code == 302


def test_looking_changes_nothing(editor: Client, django_assert_num_queries: Any) -> None:
    send(editor, "two.ris", many(2))
    file = ImportFile.objects.get()
    before = list(ImportRecord.objects.values())
    for place in (START, f"{START}{file.pk}/", f"{START}{file.pk}/?going", f"{START}{file.pk}/1/"):
        assert editor.get(place).status_code == 200
    assert list(ImportRecord.objects.values()) == before
    assert (Trial.objects.count(), Revision.objects.count()) == (0, 0)


# --- A file of many -------------------------------------------------------------------------------------------


def work_through(client: Client, page: Any) -> list[str]:
    """Press the button until the report is there; what each page says of its progress."""
    said = []
    while 'type="submit" class="button default"' in page.content.decode():
        page = client.post(re.sub(r"\?.*", "", address(page)), follow=True)
        said.append(re.search(r"<h1>(.*?)</h1>", page.content.decode()).group(1))  # type: ignore[union-attr]
    return said


def test_file_of_many_shows_its_progress_and_ends_with_a_report(editor: Client) -> None:
    trial = make_trial(doi="10.1000/7", slug="here-2021", title="Here", rows=False)
    broken = b"TY  - JOUR\r\nTI  - No end\r\n"
    undated = b"TY  - JOUR\r\nTI  - Without a date\r\nAU  - A, B\r\nER  - \r\n"
    page = send(editor, "many.ris", many(100) + broken + undated + many(98, 100))
    assert "200 records were seen in it: 199 can be read, 1 cannot and is refused" in text(page)
    assert Trial.objects.count() == 1
    said = work_through(editor, page)
    assert said[:2] == ["26 of 200 records done", "51 of 200 records done"]
    assert (len(said), said[-1]) == (8, "200 records: report")
    assert Trial.objects.count() == 1 + 197
    file = ImportFile.objects.get()
    report = text(editor.get(f"{START}{file.pk}/"))
    assert "Added: 197" in report
    assert "Skipped: 1" in report
    assert "Refused: 2" in report
    refused = text(editor.get(f"{START}{file.pk}/?show=refused"))
    assert "101 601 no title refused it has no ER line at its end" in refused
    assert "102 603 Without a date refused Look at record 102 It has no date of publication" in refused
    skipped = editor.get(f"{START}{file.pk}/?show=skipped")
    assert "Smith 2021 (published) has the same DOI, 10.1000/7." in text(skipped)
    assert f'href="/admin/trials/trial/{trial.pk}/change/"' in skipped.content.decode()


def test_same_file_again_adds_nothing(editor: Client) -> None:
    data = many(3) + b"TY  - JOUR\nTI  - Neither DOI nor number here\nAU  - A, B\nPY  - 2020\nER  - \n"
    for _ in range(2):
        work_through(editor, send(editor, "few.ris", data))
    assert Trial.objects.count() == 4
    again = ImportFile.objects.first()
    assert again is not None
    assert list(again.records.values_list("outcome", flat=True)) == ["skipped"] * 4


def test_record_that_stands_twice_in_a_file_is_added_once(editor: Client) -> None:
    page = send(editor, "twice.ris", many(1) + many(1))
    work_through(editor, page)
    assert list(ImportRecord.objects.values_list("outcome", flat=True)) == ["added", "skipped"]


def test_interrupted_import_goes_on_where_it_stood(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH", 50)
    page = send(editor, "some.ris", many(120))
    editor.post(address(page))
    assert Trial.objects.count() == 50
    real, made = actions.import_trial, []

    def power_cut(*args: Any, **kwargs: Any) -> Any:
        if len(made) == 20:
            raise KeyboardInterrupt
        made.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(actions, "import_trial", power_cut)
    with pytest.raises(KeyboardInterrupt):
        editor.post(address(page))
    assert Trial.objects.count() == 50  # that batch is gone as a whole
    monkeypatch.setattr(actions, "import_trial", real)
    work_through(editor, page)
    assert Trial.objects.count() == 120
    assert set(ImportRecord.objects.values_list("outcome", flat=True)) == {"added"}


def test_record_that_fails_leaves_the_others(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (
        many(1)
        + b"TY  - JOUR\nTI  - A\nAU  - A, B\nPY  - 2021\nDO  - 10.1000/"
        + b"9" * 300
        + b"\nER  - \n"
        + many(1, 1)
    )
    page = send(editor, "three.ris", data)
    work_through(editor, page)
    assert list(ImportRecord.objects.values_list("outcome", "reason")) == [
        ("added", ""),
        ("added", "DOI: Ensure this value has at most 200 characters (it has 308)."),
        ("added", ""),
    ]
    assert Trial.objects.get(title="A").doi is None


def test_skipped_record_can_be_added_all_the_same(editor: Client) -> None:
    make_trial(title="W0a W0b W0c W0d", rows=False)
    page = send(editor, "few.ris", many(2))
    work_through(editor, page)
    assert Trial.objects.count() == 2
    file = ImportFile.objects.get()
    one = editor.get(f"{START}{file.pk}/1/?with=new")
    editor.post(f"{START}{file.pk}/1/", {"take": ticked(one), "with": "new"})
    assert Trial.objects.count() == 3


def test_registry_records_without_a_date_of_publication_are_refused_by_name(editor: Client) -> None:
    study = (RECORDS / "NCT04355728.json").read_text()
    other = study.replace("NCT04355728", "NCT04355729")
    page = send(editor, "export.json", f'{{"studies": [{study}, {other}]}}'.encode())
    work_through(editor, page)
    assert (
        list(ImportRecord.objects.values_list("outcome", "reason"))
        == [("refused", "It has no date of publication, and without there can be no draft.")] * 2
    )


def test_registry_record_of_a_study_that_is_here_is_skipped_with_its_reason(editor: Client) -> None:
    trial = make_trial(rows=False)
    make_registration(trial, identifier="NCT04355728")
    actions.complete_trial(trial)
    study = (RECORDS / "NCT04355728.json").read_text()
    page = send(editor, "export.json", f'{{"studies": [{study}, {study}]}}'.encode())
    work_through(editor, page)
    assert set(ImportRecord.objects.values_list("outcome", "reason")) == {
        ("skipped", "Smith 2021 (published) has the same registration, NCT04355728.")
    }


def test_old_files_are_cleared_away(editor: Client) -> None:
    import datetime

    from django.utils import timezone

    for days in (29, 31):
        page = send(editor, f"{days}.ris", many(1, days))
        assert page.status_code == 200
        file = ImportFile.objects.get(name=f"{days}.ris")
        ImportFile.objects.filter(pk=file.pk).update(made_at=timezone.now() - datetime.timedelta(days=days))
    send(editor, "new.ris", many(1, 100))
    assert sorted(ImportFile.objects.values_list("name", flat=True)) == ["29.ris", "new.ris"]
    assert ImportRecord.objects.count() == 2


# --- The pages themselves -------------------------------------------------------------------------------------


def test_hostile_title_is_shown_as_text(editor: Client) -> None:
    paste = 'TY  - JOUR\nTI  - <script>alert(1)</script> & "x\nAU  - <img src=x>, A\nPY  - 2021\nER  - \n'
    page = editor.post(START, {"text": paste}, follow=True)
    html = page.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x" in html
    assert "<img src=x>" not in html


def test_pages_are_valid_html(editor: Client) -> None:
    make_country(code="US", name="United States")
    make_registration(make_trial(rows=False), identifier="NCT04355728")
    page = send(editor, "NCT04355728.json")
    several = send(editor, "few.ris", many(2))
    assert_valid_html(
        {
            "start": editor.get(START).content,
            "refused": editor.post(START, {"text": "x"}).content,
            "beside": page.content,
            "new": editor.get(f"{address(page)}?with=new").content,
            "file": several.content,
            "going": editor.get(f"{address(several)}?going").content,
        }
    )


def assert_good(page: Any, complaints: list[str]) -> None:
    """No fault that axe sees. Following the @import of Django's forms.css, axe itself breaks the content policy."""
    assert not complaints
    assert_accessible(page)
    complaints.clear()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 1280])
def test_file_goes_on_by_itself_in_a_browser(
    page: Any, live_server: Any, page_complaints: list[str], width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH", 2)
    client = staff("eda", "view_trial", "add_trial", "change_trial")
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}{START}")
    assert_good(page, page_complaints)
    file = tmp_path / "few.ris"
    file.write_bytes(many(7))
    page.get_by_label("Or choose a file").set_input_files(file)
    page.get_by_role("button", name="Show what it holds").click()
    page.get_by_role("heading", name="0 of 7 records done").wait_for()
    assert_good(page, page_complaints)
    page.get_by_role("link", name="Look at record 3").click()
    page.get_by_role("button", name="Make a draft").wait_for()
    assert_good(page, page_complaints)
    page.go_back()
    page.get_by_role("button", name="Make drafts of all 7").click()
    page.get_by_role("heading", name="7 records: report").wait_for()
    assert page.get_by_text("Added: 7").is_visible()
    assert_good(page, page_complaints)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Trial.objects.count() == 7
