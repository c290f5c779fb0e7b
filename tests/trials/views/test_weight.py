"""A first visit is light, and asks no other host."""

import pytest
from django.test import Client

from tests.dom import parse

LIMIT = 14_336  # bytes: 14 kB, what a server may send before it waits for the first answer


@pytest.mark.django_db
@pytest.mark.usefixtures("all_records", "built_static")
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/trials/",
        "/evidence/",
        "/other-studies/",
        "/reviews/",
        "/disagreements/",
        "/trials/compare/",
        "/trials/compare/?trial=lanzoni-2021&trial=monsel-2022",
    ],
)
def test_first_visit_moves_at_most_14_kb(address: str) -> None:
    client = Client(headers={"accept-encoding": "br"})
    response = client.get(address)
    page = parse(Client().get(address).content)
    files = [link["href"] for link in page.all("link", rel="stylesheet")]
    files += [script["src"] for script in page.all("script") if script.get("src")]
    assert [name for name in files if not name.startswith("/static/")] == []
    responses = {name: client.get(name) for name in files}
    sizes = {address: len(response.content)} | {name: len(b"".join(each)) for name, each in responses.items()}
    assert {each["Content-Encoding"] for each in (response, *responses.values())} == {"br"}
    assert len(files) >= 1
    assert sum(sizes.values()) <= LIMIT, sizes
