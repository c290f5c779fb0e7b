"""A first visit is light, and asks no other host."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.dom import Element, parse

LIMIT = 14_336  # bytes: 14 kB, what a server may send before it waits for the first answer


def body(response) -> bytes:
    return b"".join(response) if response.streaming else response.content


def resources(page: Element) -> list[str]:
    """The CSS and JavaScript that the page names."""
    sheets = [link["href"] for link in page.all("link", rel="stylesheet")]
    return sheets + [script["src"] for script in page.all("script")]


@pytest.mark.usefixtures("eight_studies", "built_static")
@pytest.mark.parametrize(
    ("address", "names"),
    [("/", ["site"]), ("/trials/", ["site", "list", "list"])],
    ids=["overview", "list"],
)
def test_first_visit_moves_at_most_14_kb(address: str, names) -> None:
    client = Client(headers={"accept-encoding": "gzip, deflate, br"})
    sizes = {}

    response = client.get(address)
    assert response.headers["Content-Encoding"] == "br"
    sizes[address] = len(response.content)
    page = parse(Client().get(address).content)
    for name in resources(page):
        assert urlsplit(name).netloc == ""
        response = client.get(name)
        assert response.status_code == 200
        assert response.headers["Content-Encoding"] == "br"
        assert "immutable" in response.headers["Cache-Control"]
        sizes[name] = len(body(response))

    assert [name.rpartition("/")[2].split(".")[0] for name in resources(page)] == names
    total = sum(sizes.values())
    figures = f"{total} bytes: " + ", ".join(f"{name} {size}" for name, size in sizes.items())
    print(figures)
    assert total <= LIMIT, figures


@pytest.mark.usefixtures("eight_studies", "built_static")
def test_browser_that_takes_gzip_alone_gets_gzip(client: Client) -> None:
    page = parse(client.get("/").content)
    response = client.get(resources(page)[0], headers={"accept-encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert body(response).startswith(b"\x1f\x8b")
