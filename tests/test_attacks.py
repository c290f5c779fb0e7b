"""Attacks, one by one, on every address that the site has. A defence that goes missing fails its test here.

What is tested elsewhere: ways to another site and one answer to every guess (test_login.py), Markdown (test_prose.py),
hostile files (test_import_hostile.py), who may do what (test_people.py), the headers themselves (test_headers.py).
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, models, transaction
from django.test import Client

from tests.factories import Person, make_blank, make_complete_trial, make_page, make_registration, make_term
from tests.fuzz import routes
from tests.people import LOGIN, PASSWORD, is_logged_in, log_in, make_person, sent_mail
from tests.test_headers import assert_guarded
from trials import actions
from trials.importers import files, read
from trials.models import GlossaryTerm, ImportFile, Page, Trial
from trials.models.fields import PartialDateField

pytestmark = pytest.mark.django_db

# Ends an attribute and a text area, opens an element with a script, and asks a template to fill something in.
HOSTILE = """zq"'></textarea></title><zq onload=alert(1)>{{ "zq"|add:"made" }}{% debug %}<script>zq</script>"""


class _Harm(HTMLParser):
    """Every element and attribute that no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        runs = tag == "script" and given.get("type") != "application/json"
        if tag == "zq" or (runs and not given.get("src", "").startswith("/")):
            self.found.append(f"<{tag} {given}>")
        self.found += [f"{tag}: {name}" for name in given if name.startswith(("on", "zq"))]
        self.found += [
            f"{tag}: {name}={given[name]}"
            for name in ("href", "src", "action", "formaction", "srcdoc")
            if re.match(r"\s*(javascript|data|vbscript):", given.get(name, ""), re.IGNORECASE)
        ]


def assert_harmless(response: Any) -> str:
    """Fail where what was typed has become markup, a script, a header or a filled-in template. Gives the text."""
    text: str = response.content.decode()
    if "html" in response.headers["Content-Type"]:
        harm = _Harm()
        harm.feed(text)
        assert harm.found == [], response.request["PATH_INFO"]
    else:
        assert "<zq" not in text, response.request["PATH_INFO"]
    assert "zqmade" not in text
    assert not [name for name in response.headers if name.lower().startswith("zq")]
    return text


# --- Every address ---------------------------------------------------------------------------------------------


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.org", PASSWORD))
    return client


@pytest.fixture
def records(boss: Client) -> dict[str, Any]:
    """One record of each kind that an address can name, published, each with a second version."""
    trial = make_complete_trial(recruitment_start="2020-05-01")
    make_registration(trial, phase="1", enrolment=24, registered="2020-06-01")
    make_blank(trial, value="dose", reason="not-reported", note="Not in the paper.")
    for record in (trial, make_page(), make_page(slug="overview"), make_page(slug="glossary"), make_term()):
        actions.loaded(record)
    file = files.keep(read("TY  - JOUR\nTI  - One\nER  - \n"), "one.ris", User.objects.get(username="root"))
    return {
        "trial": trial.pk,
        "page": Page.objects.get(slug="about").pk,
        "glossaryterm": GlossaryTerm.objects.get().pk,
        "country": trial.countries.get().pk,
        "user": User.objects.get().pk,
        "uuid": file.pk,
    }


def addresses(records: dict[str, Any]) -> Iterator[str]:
    """Every address of the site, with records that are there in its places."""
    for route in routes():
        if "<url>" in route:
            continue
        model = route.split("/")[2] if route.startswith("admin/") and route.count("/") > 2 else ""

        def filled(place: re.Match[str], model: str = model, route: str = route) -> str:
            name = place.group()
            if "uuid" in name:
                return str(records["uuid"])
            if "slug" in name:
                return "waiting" if "desk" in route else "smith-2021" if route.startswith("trials") else "about"
            if "app_label" in name:
                return "trials"
            return "1" if "int" in name or model not in records else str(records[model])

        yield "/" + re.sub(r"<[^<>]*>|\(\?P<\w+>[^()]*\)", filled, route)


def everything() -> dict[str, list[Any]]:
    """Every row that somebody could want to change."""
    kept = [*apps.get_app_config("trials").get_models(), *apps.get_app_config("auth").get_models()]
    return {
        model._meta.label: sorted(
            map(
                repr,
                model._base_manager.values_list(*(f.attname for f in model._meta.fields if f.name != "last_login")),
            )
        )
        for model in kept
    }


def test_addresses_are_those_of_the_site(records: dict[str, Any]) -> None:
    found = list(addresses(records))
    assert {"/", "/trials/", "/trials/smith-2021/", "/changes.atom", "/account/login/", "/admin/", "/about/"} <= set(
        found
    )
    assert f"/admin/trials/trial/{records['trial']}/publish/" in found
    assert len(found) > 100


def test_looking_changes_nothing_and_every_answer_is_guarded(boss: Client, records: dict[str, Any]) -> None:
    before, seen = everything(), set()
    for address in addresses(records):
        if "logout" in address:
            continue
        response = boss.get(address)
        seen.add(response.status_code)
        assert response.status_code in (200, 301, 302, 400, 403, 404, 405), address
        assert_guarded(response)
    assert seen >= {200, 302, 404, 405}
    assert everything() == before


def test_no_form_is_taken_without_its_token(boss: Client, records: dict[str, Any]) -> None:
    """Forged forms of another site: they come with the editor's cookies and without the token."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = boss.cookies
    before, refused = everything(), 0
    for address in addresses(records):
        response = strict.post(address, {"_save": "1", "title": "forged", "reason": "forged", "post": "yes"})
        # 404 and 405: no such page, or none that takes a form. 301 and 302: a page that only leads elsewhere.
        assert response.status_code in (301, 302, 403, 404, 405), address
        refused += response.status_code == 403
    assert refused > 60
    assert everything() == before
    assert is_logged_in(strict)  # nor is anybody logged out


@pytest.mark.parametrize("token", ["", "x" * 32, "x" * 64, "\x00" * 32])
def test_token_of_another_visitor_is_none(token: str, boss: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = boss.cookies
    strict.get("/admin/trials/country/add/")
    response = strict.post("/admin/trials/country/add/", {"code": "ZZ", "name": "Zq", "csrfmiddlewaretoken": token})
    assert response.status_code == 403


# --- Cross-site scripting, stored ------------------------------------------------------------------------------

KINDS = ["Trial", "Arm", "OutcomeCount", "Registration", "Source", "Blank", "Country", "Page", "GlossaryTerm"]


def poison() -> dict[str, str]:
    """Put HOSTILE with the name of its place into every text of every record that the database takes it in.

    Straight into the tables: no form stands in its way.
    """
    placed = {}
    for kind in KINDS:
        model = apps.get_model("trials", kind)
        for field in model._meta.concrete_fields:
            text = isinstance(field, (models.CharField, models.TextField)) and not isinstance(field, PartialDateField)
            if not text or not field.editable or field.generated or field.primary_key:
                continue
            name = f"{kind}.{field.name}"
            if field.name in ("slug", "status") or name in ("Source.value", "Blank.value"):
                continue  # it would not be found again, or names a value that there is not
            for text in (f"{name} {HOSTILE}", f"javascript:{name}", HOSTILE[: field.max_length]):
                try:
                    with transaction.atomic():
                        row = model._base_manager.order_by("pk").first()
                        model._base_manager.filter(pk=row.pk).update(**{field.name: text})
                except DatabaseError:
                    continue
                placed[name] = text
                break
    return placed


def test_what_stands_in_a_record_never_becomes_markup_in_public(boss: Client, records: dict[str, Any]) -> None:
    placed = poison()
    assert {"Trial.title", "Arm.name", "Source.quote", "Page.body", "GlossaryTerm.meaning"} <= set(placed)
    assert len(placed) > 60
    visitor = Client()
    pages = ["/", "/trials/", "/trials/?view=table", "/trials/smith-2021/", "/trials/smith-2021/history/", "/about/"]
    pages += ["/changes/", "/changes.atom", "/glossary/", "/sitemap.xml", "/trials/?q=cells", "/nothing/"]
    together = "".join(assert_harmless(visitor.get(page)) for page in pages)
    shown = {name for name in placed if f"{name} zq" in together}
    assert {"Trial.title", "Trial.limits", "Arm.name", "Source.quote", "Page.body", "GlossaryTerm.meaning"} <= shown
    assert len(shown) > 35


def test_what_stands_in_a_record_never_becomes_markup_in_the_admin(boss: Client, records: dict[str, Any]) -> None:
    placed = poison()
    together = ""
    for address in addresses(records):
        if address.startswith("/admin/") and "logout" not in address:
            together += assert_harmless(boss.get(address))
    assert len({name for name in placed if f"{name} zq" in together}) > 50


def test_history_never_becomes_markup(boss: Client) -> None:
    """What the revisions hold, whoever wrote them: old and new values, reasons, names."""
    trial = make_complete_trial()
    actions.loaded(trial)
    document = actions.working_document(trial)
    document["fields"] |= {"title": f"title {HOSTILE}", "limits": f"limits {HOSTILE}"}
    somebody = Person(f"name {HOSTILE}"[:150], is_superuser=True)
    actions.edit(trial, document, by=somebody, base=1, reason=f"reason {HOSTILE}")
    actions.submit(trial, by=somebody)
    actions.publish(trial, by=somebody)
    place = f"/admin/trials/trial/{trial.pk}/history/"
    for page in ("/changes/", "/trials/smith-2021/history/", "/changes.atom", place, f"{place}compare/?from=1&to=2"):
        assert "reason zq" in assert_harmless(boss.get(page)) or "compare" in page


# --- Cross-site scripting, reflected; headers; templates -------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *(f"/trials/?{name}=ZQ" for name in ("q", "design", "country", "year_min", "sort", "page", "utm_source")),
        "/trials/?ZQ=1", "/changes/?page=ZQ", "/trials/smith-2021/history/?page=ZQ", "/ZQ/", "/trials/ZQ/", "/a/b/ZQ",
        "/overview/?ZQ", "/trials?ZQ", "/about?next=ZQ", "/static/ZQ", "/account/login/?next=ZQ",
        "/admin/login/?next=ZQ", "/account/password/reset/a-ZQ/", "/admin/ZQ/", "/admin/trials/trial/?q=ZQ",
        "/admin/trials/trial/?ZQ=1", "/admin/trials/trial/?status__exact=ZQ", "/admin/trials/trial/?o=ZQ",
        "/admin/trials/trial/ZQ/change/",
        "/admin/trials/trial/?_popup=ZQ&_to_field=ZQ", "/admin/trials/trial/add/?title=ZQ&_changelist_filters=ZQ",
        "/admin/desk/ZQ/", "/admin/desk/waiting/?page=ZQ", "/admin/autocomplete/?app_label=ZQ&term=ZQ",
    ],
)  # fmt: skip
def test_what_is_asked_for_never_becomes_markup_or_a_header(boss: Client, records: Any, address: str) -> None:
    for text in (HOSTILE, f"{HOSTILE}\r\nZqmade: 1\r\n\r\n{HOSTILE}", "javascript:alert(1)//zq"):
        path, _, query = address.partition("?")
        for client in (Client(), boss):
            response = client.get(quote(path.replace("ZQ", text)), QUERY_STRING=query.replace("ZQ", quote(text)))
            assert response.status_code in (200, 301, 302, 400, 403, 404)
            assert_harmless(response)
            where = response.headers.get("Location", "/")
            assert not re.match(r"[/\\]{2}|[a-z]+:", where, re.IGNORECASE), where
            assert not re.search(r"[\r\n]", where)


def test_what_is_typed_at_the_log_in_never_becomes_markup(client: Client) -> None:
    assert "zq" in assert_harmless(client.post(LOGIN, {"login": HOSTILE, "password": "x", "next": HOSTILE}))
    assert "zq" in assert_harmless(client.post("/account/password/reset/", {"email": HOSTILE}))


def test_name_of_a_file_never_becomes_markup(boss: Client) -> None:
    two = b"TY  - JOUR\nTI  - One\nER  - \nTY  - JOUR\nTI  - Two\nER  - \n"
    for name in (HOSTILE, "../../../etc/cron.d/zq", "zq\r\nZqmade: 1"):
        sent = boss.post("/admin/trials/trial/from-record/", {"file": SimpleUploadedFile(name, two)}, follow=True)
        assert "2 records" in assert_harmless(sent)
    assert {name for name in ImportFile.objects.values_list("name", flat=True) if "/" in name} <= {ImportFile().name}


def test_preview_of_hostile_text_is_harmless(boss: Client) -> None:
    sent = {"title": HOSTILE, "lead": HOSTILE, "body": f"{HOSTILE}\n\n[x](javascript:alert(1)) ![x](data:text/html,zq)"}
    assert "zq" in assert_harmless(boss.post("/admin/text/preview/", sent))
    inside = boss.post("/admin/text/preview/", sent, headers={"Accept": "application/json"}).json()["html"]
    harm = _Harm()
    harm.feed(inside)
    assert harm.found == []


def test_no_mail_gets_a_second_header_or_another_reader(client: Client) -> None:
    make_person()
    for address in (
        "ann@example.org\nBcc: eve@evil.example",
        "ann@example.org,eve@evil.example",
        "ann@example.org\x00",
    ):
        client.post("/account/password/reset/", {"email": address})
    assert mail.outbox == []


# --- NUL, which PostgreSQL refuses only when it is asked for one -------------------------------------------------


@pytest.mark.parametrize("address", ["/trials/", "/account/login/", "/admin/"])
def test_session_with_a_nul_in_its_key_is_nobodys(address: str, client: Client) -> None:
    headers = {"Cookie": 'sessionid="abcdefgh\\000"'}  # quoted, as cookies may be: an escape that Django reads
    assert client.get(address, headers=headers).status_code == (302 if address == "/admin/" else 200)
    assert client.post("/account/login/", {"login": "a", "password": "b"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "trials/trial/?status__exact=draft%00",
        "trials/trial/?design__exact=randomised%00",
        "trials/page/?status__exact=draft%00",
        "admin/logentry/?q=login%00",
        "trials/trial/?q=%00",
        "trials/trial/?q%00=1",
        "autocomplete/?term=%00&app_label=trials&model_name=trial&field_name=countries",
    ],
)
def test_nul_in_an_address_of_the_admin_is_refused(address: str, boss: Client) -> None:
    assert boss.get(f"/admin/{address}").status_code == 400
    assert boss.get(f"/admin/{address}".replace("%00", "")).status_code == 200


# --- Paths -----------------------------------------------------------------------------------------------------

UPWARDS = ["../", "..%2f", "%2e%2e/", "..\\", "..%5c", "%252e%252e/", "....//", "/", "%00/", "./../", "css/../../"]


@pytest.mark.usefixtures("built_static")
@pytest.mark.parametrize("start", ["/static/", "/static/css/", "/trials/", "/", "/admin/trials/trial/"])
@pytest.mark.parametrize("file", ["ardsinfo/settings.py", "etc/passwd", "var/secret-key", "staticfiles.json"])
def test_no_path_leads_out_of_the_static_files(start: str, file: str, client: Client) -> None:
    for up in UPWARDS:
        for times in (1, 3, 8):
            response = client.get(f"{start}{up * times}{file}")
            if response.status_code == 200:  # the manifest is public: it names what pages link to
                assert (start, file) == ("/static/", "staticfiles.json"), up
                continue
            assert response.status_code in (301, 302, 400, 404), up
            assert b"root:" not in response.content
            assert b"SECRET_KEY" not in response.content


# --- SQL -------------------------------------------------------------------------------------------------------

SQL = [
    "'",
    '"',
    "' OR '1'='1",
    "1) OR (1=1",
    "'; DROP TABLE trials_trial; --",
    "%' OR 1=1 --",
    "1 UNION SELECT 1",
    "\\",
]


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    "name", ["q", "design", "masking", "cause", "cells", "country", "phase", "year_min", "sort", "page"]
)
def test_no_filter_is_read_as_sql(name: str, client: Client) -> None:
    for text in SQL:
        response = client.get("/trials/", {name: text})
        assert response.status_code == (200 if name == "q" else 400)
        assert b"/trials/lanzoni-2021/" not in response.content
    assert Trial.objects.count() == 8


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize("text", SQL)
def test_no_list_of_the_admin_is_sorted_or_searched_by_sql(text: str, boss: Client) -> None:
    for query in ({"o": text}, {"o": f"1.{text}"}, {"p": text}, {"q": text}, {"status__exact": text}):
        response = boss.get("/admin/trials/trial/", query)
        assert response.status_code in (200, 302)
    assert b"0 studies" in boss.get("/admin/trials/trial/", {"q": text + " OR 1=1"}).content
    assert Trial.objects.count() == 8


@pytest.mark.parametrize(
    ("where", "lookup"),
    [
        ("auth/user", "password__startswith"),
        ("auth/user", "authenticator__data__contains"),
        ("auth/user", "groups__user__password__startswith"),
        ("auth/group", "user__password__startswith"),
        ("trials/trial", "imported__file__made_by"),
        ("trials/trial", "sources__quote__regex"),
        ("trials/trial", "title__regex"),
        ("trials/trial", "last_reviewed__year"),
        ("admin/logentry", "user__username__regex"),
    ],
)
def test_no_list_can_be_asked_for_what_it_does_not_show(where: str, lookup: str) -> None:
    """Somebody who may see a list could guess a password's hash letter by letter, or ask for a pattern without end."""
    make_person("ann", "Site administrators")
    client = Client()
    log_in(client)
    assert client.get(f"/admin/{where}/").status_code == 200
    response = client.get(f"/admin/{where}/", {lookup: "a"})
    assert response.status_code in (302, 400)
    assert response.headers.get("Location", "/x?e=1").endswith("?e=1")


# --- Whose host, whose copy ------------------------------------------------------------------------------------

FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Scheme": "http",
    "X-Original-URL": "/about/",
    "X-Rewrite-URL": "/about/",
    "X-HTTP-Method-Override": "POST",
    "Forwarded": "host=evil.example",
    "X-Host": "evil.example",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
    "Cookie": "csrftoken=zq; theme=<zq>; messages=zq; sessionid=",
    "Accept-Language": "fr, zq",
    "User-Agent": "<zq>",
    "Authorization": "Basic enE6enE=",
    "Range": "bytes=0-3",
    "X-Requested-With": "XMLHttpRequest",
}


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize("header", FORGED)
@pytest.mark.parametrize("address", ["/", "/trials/?design=randomised", "/changes.atom"])
def test_no_header_changes_a_page_that_others_get_too(header: str, address: str) -> None:
    forged = Client().get(address, headers={header: FORGED[header]})
    plain = Client().get(address)
    assert (forged.status_code, forged.content) == (plain.status_code, plain.content)
    assert b"evil.example" not in plain.content
    assert plain.status_code == 200


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize("extra", ["utm_source=<zq>", "callback=zq", "_=1", "page_=2", "q%00=1", "DESIGN=controlled"])
def test_no_parameter_that_we_do_not_know_changes_a_page(extra: str) -> None:
    def without_links(response: Any) -> bytes:
        return re.sub(rb'(href|action)="[^"]*"', b"", response.content)

    forged = Client().get(f"/trials/?design=randomised&{extra}")
    assert without_links(forged) == without_links(Client().get("/trials/?design=randomised"))
    assert b"zq" not in Client().get("/trials/?design=randomised").content


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "evil.example:80"]
)
def test_another_host_gets_no_page_and_writes_no_mail(host: str) -> None:
    make_person()
    client = Client(headers={"host": host})
    assert client.get("/about/").status_code == 400
    assert client.get("/about").status_code == 400  # where a slash is missing, the host would stand in the answer
    assert client.post("/account/password/reset/", {"email": "ann@example.org"}).status_code == 400
    assert mail.outbox == []


def test_link_in_a_mail_follows_the_setting_and_not_the_host() -> None:
    make_person()
    forged = {"host": "testserver:666", "X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"}
    Client().post("/account/password/reset/", {"email": "ann@example.org"}, headers=forged)
    addresses = re.findall(r"https?://[^/\s]+", sent_mail(1)[0].body)
    assert set(addresses) == {"http://127.0.0.1:8000"}


# --- Sessions and forms ----------------------------------------------------------------------------------------


def test_log_in_takes_no_key_of_a_session_that_somebody_else_made() -> None:
    make_person()
    attacker, victim = Client(), Client()
    attacker.get(LOGIN)
    attacker.session.save()
    planted = attacker.session.session_key
    victim.cookies["sessionid"] = planted
    log_in(victim)
    assert is_logged_in(victim)
    assert victim.cookies["sessionid"].value != planted
    attacker.cookies["sessionid"] = planted
    assert attacker.get("/admin/").status_code == 302
    victim.cookies["sessionid"] = "zq" * 16
    assert victim.get("/admin/").status_code == 302  # nor one that nobody made


def test_form_takes_only_what_it_asks_for(boss: Client, records: dict[str, Any]) -> None:
    """Mass assignment: more fields than the form has, by somebody who may edit."""
    make_person("ann", "Editors")
    ann = Client()
    log_in(ann)
    trial = Trial.objects.get()
    before = everything()
    more = {"status": "archived", "search_text": "zq", "updated": "2001-01-01", "author_key": "zq", "id": "99"}
    address = f"/admin/trials/country/{records['country']}/change/"
    ann.post(address, {"code": "ID", "name": "Indonesia", "is_superuser": "on", "id": "99", "pk": "99", **more})
    after = everything()
    changed = {label for label in before if before[label] != after[label]}
    # Its name, the words that studies are found by, and that something is new at all, and where.
    assert changed <= {"trials.Country", "trials.Trial", "trials.ContentVersion", "trials.BlockVersion"}
    trial.refresh_from_db()
    assert (trial.status, trial.author_key) == ("published", "smith")
    assert not User.objects.get(username="ann").is_superuser


def test_steps_of_a_record_need_the_right_whatever_the_form_says(boss: Client, records: dict[str, Any]) -> None:
    make_person("ann", "Editors")
    ann = Client()
    log_in(ann)
    before = everything()
    for step in ("publish", "archive", "delete"):
        for kind in ("trial", "page", "glossaryterm"):
            sent = {"post": "yes", "is_superuser": "1", "reason": "zq", "_save": "1", "user": "root"}
            ann.post(f"/admin/trials/{kind}/{records[kind]}/{step}/", sent)
    assert everything() == before


# --- A flood of addresses that are not there -------------------------------------------------------------------

SCANNED = [
    "/wp-login.php",
    "/xmlrpc.php",
    "/.env",
    "/.git/config",
    "/a/b/c/d",
    "/admin.php",
    "/cgi-bin/x.sh",
    "/zq.zip",
]


@pytest.mark.parametrize("address", SCANNED)
def test_what_robots_try_costs_one_query_and_no_session(
    address: str, client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(1):  # whether the studies are invented ones, which every page says
        response = client.get(address)
    assert response.status_code == 404
    assert dict(response.cookies) == {}
    assert len(response.content) < 6_000


def test_unknown_name_costs_three_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3):
        assert client.get("/wordpress/").status_code == 404


# --- What is no form at all ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["testserver", "evil.example"])
@pytest.mark.parametrize("address", ["/nothing/at/all", "/about/", "/trials/", LOGIN, "/admin/trials/trial/add/"])
@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "application/json", ""])
def test_form_that_cannot_be_read_is_refused(address: str, kind: str, host: str) -> None:
    """Whoever looks for its token fails on it: also the pages that say what is wrong."""
    client = Client(enforce_csrf_checks=True, headers={"host": host})
    client.cookies["csrftoken"] = "zq" * 16
    response = client.generic("POST", address, b"--zq\r\nContent-Disposition: form-data", content_type=kind)
    assert response.status_code in (400, 403, 404)


@pytest.mark.parametrize("text", ["00", "²", "9" * 5000, "trials", "x y", "?", "#"])
def test_word_that_is_no_address_leads_nowhere(text: str, boss: Client, records: dict[str, Any]) -> None:
    assert boss.get("/admin/login/", {"next": text}).status_code == 302
    assert boss.get(LOGIN, {"next": text}).status_code == 302
    for asked in ({"with": text}, {"show": text, "page": text}):
        assert boss.get(f"/admin/trials/trial/from-record/{records['uuid']}/1/", asked).status_code == 200
