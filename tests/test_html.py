"""The HTML of every kind of public page is valid, by the Nu checker."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.factories import make_trial
from tests.tools import PROJECT, PUBLIC_PAGES, assert_valid_html
from trials.models import Trial

pytestmark = pytest.mark.usefixtures("eight_studies")

NGINX_PAGES = PROJECT / "deploy" / "pages"  # its own, for when the site cannot answer


def failing(*args: object, **kwargs: object) -> None:
    raise RuntimeError("on purpose")


@pytest.fixture
def staff(client: Client) -> Client:
    """A browser where a member of staff who may look at studies, and nothing else, is logged in."""
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_trial"))
    client.force_login(user)
    return client


@pytest.fixture
def problem_pages(staff: Client, settings, monkeypatch) -> dict[str, tuple[int, bytes]]:
    """The pages that nobody asks for, and the one that only staff see."""
    make_trial(slug="hidden-2026", status="draft")
    public = Client(raise_request_exception=False, enforce_csrf_checks=True)
    answers = {
        "draft": staff.get("/trials/hidden-2026/"),
        "no right": staff.get("/admin/trials/page/"),
        "old form": public.post("/admin/login/"),
        "not found": public.get("/nothing-here/"),
    }
    monkeypatch.setattr("trials.views.pages.render_markdown", failing)
    answers["failure"] = public.get("/glossary/")
    settings.MAINTENANCE = True
    answers["maintenance"] = public.get("/")
    return {name: (answer.status_code, answer.content) for name, answer in answers.items()}


def test_html_of_every_kind_of_public_page_is_valid(client: Client) -> None:
    answers = {address: client.get(address) for address in PUBLIC_PAGES.values()}
    refused = {address: answer.status_code for address, answer in answers.items() if answer.status_code != 200}
    assert refused == {PUBLIC_PAGES["problem"]: 400, PUBLIC_PAGES["beyond"]: 404}
    of_nginx = {f"deploy/pages/{file.name}": file.read_bytes() for file in NGINX_PAGES.glob("*.html")}
    assert len(of_nginx) == 3
    assert_valid_html({address: answer.content for address, answer in answers.items()} | of_nginx)


def test_html_of_every_study_and_of_a_list_with_several_pages_is_valid(client: Client) -> None:
    addresses = [f"/trials/{slug}/" for slug in Trial.objects.public().values_list("slug", flat=True)]
    assert len(addresses) == 8
    for number in range(13):
        make_trial(slug=f"made-{number}", rows=False)  # an entry with nearly everything blank
    addresses += ["/trials/made-0/", "/trials/", "/trials/?page=2", "/trials/?page=2&view=table"]
    pages = {address: client.get(address).content for address in addresses}
    assert b'aria-label="Pages"' in pages["/trials/?page=2"]
    assert_valid_html(pages)


def test_html_of_the_pages_that_tell_of_a_problem_is_valid(problem_pages) -> None:
    assert {name: status for name, (status, _) in problem_pages.items()} == {
        "draft": 200,
        "no right": 403,
        "old form": 403,
        "not found": 404,
        "failure": 500,
        "maintenance": 503,
    }
    headings = {
        name: re.findall(r"<h1[^>]*>([^<]*?)\s*<", content.decode()) for name, (_, content) in problem_pages.items()
    }
    assert headings == {
        "draft": ["Cells for acute respiratory distress syndrome: a randomised trial"],
        "no right": ["You may not see this page"],
        "old form": ["You may not see this page"],
        "not found": ["Page not found"],
        "failure": ["Something went wrong here"],
        "maintenance": ["Back soon"],
    }
    assert_valid_html({name: content for name, (_, content) in problem_pages.items()})
