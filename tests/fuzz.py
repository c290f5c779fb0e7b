"""Throws generated requests at a real gunicorn: every address, form and parameter, and broken HTTP. `make fuzz`.

    python -m tests.fuzz [--requests 50000] [--seed N] [--only PART:NUMBER] [--no-nginx] [--postgresql]

Three parts: readers (checked against a slow model of the list), everybody (log-in, editors, posts, uploads, everything
at once), and raw sockets, to gunicorn and to nginx before it. Whatever comes back must be no server error, no list that
was not asked for, no text of ours as markup, no way to another host; and the workers must not grow. What was wrong is
printed with the request, and the same seed and number send it again. Ends with 1 if anything was found.
"""

import argparse
import contextlib
import gzip
import http.client
import os
import random
import re
import socket
import ssl
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, quote_plus, urlsplit

import brotli

from tests import proxy, services

HOST = "127.0.0.1"
CLIENTS = 4
EDITING = 2  # clients at once where forms are: on SQLite each holds the write lock while it is shown
EDITORS = 12  # sessions; what one of them does at the log-in ends at most its own
GROWTH = 16 * 1024  # kB that a worker may grow by in the second half: its threads fill their page caches
CSRF = "zq" * 16

MARK = "<zq"  # must never come back like this in a page
NASTY = [
    "", " ", "0", "1", "-1", "00", "1e3", "1_0", "٢", "²", "9" * 30, "9" * 3500, "NaN", "inf", "true", "None", "null",
    "\x00", "a\x00b", "\ud7ff", "\u202e", "\ufeff", "🙂", "a\u0301" * 90, "x" * 201, "x" * 3000, "%", "%%", "_", "\\",
    f"{MARK} onload=a()>", f'"{MARK}', f"'>{MARK}", f"</textarea>{MARK}", f"</script>{MARK}", f"javascript:{MARK}",
    f"[x](javascript:a) {MARK}", '{{ "zq"|add:"made" }}', "{% debug %}", "${7*7}", "{0.__class__}", "%(a)s", "%s%n",
    "' OR '1'='1", "'; DROP TABLE trials_trial;--", "1) OR 1=1--", '" OR ""="', "a' UNION SELECT 1--", "*", "NEAR(a",
    "a\r\nZqmade: 1", "\r\n\r\nzq", "../../../../etc/passwd", "..%2f..%2f", "....//", "/etc/passwd", "file:///a",
    "//evil.example/", "https://evil.example/", "/\\evil.example", "http:evil.example", "\t//evil.example",
    "2021", "2020-02-30", "2021-13", "0000-00-00", "9999-12-31", "10.1000/x", "NCT00000000", "{", "[" * 200, "<" * 200,
    "randomised", "ID", "umbilical-cord", "covid-19", "newest", "table", "lanzoni-2021", "smith", "published", "draft",
]  # fmt: skip
# In quotes, as a cookie may hold any byte.
NO_SESSION = [
    "x" * 32,
    "x" * 3000,
    '"\\000\\000\\000\\000\\000\\000\\000\\000"',
    f'"{"a" * 31}\\000"',
    '"\\377\\015\\012abcdef"',
]
PARAMETERS = {
    "q": ["lucia", "ADAŞ", "umbilical", "%"],
    "design": ["randomised", "controlled", "single-arm", "case-series"],
    "masking": ["open", "double", "not-reported"],
    "cause": ["covid-19", "other", "mixed"],
    "cells": ["umbilical-cord", "placenta"],
    "country": ["ID", "IR", "US", "FR"],
    "phase": ["1", "2", "1-2"],
    "year_min": ["2020", "2021", "2100"],
    "year_max": ["2021", "2022", "1900"],
    "sort": ["newest", "oldest", "largest", "author"],
    "view": ["list", "table"],
    "page": ["1", "2"],
}
OF_THE_ADMIN = [
    "o", "p", "e", "all", "_popup", "_to_field", "_changelist_filters", "next", "with", "show", "going", "due", "road",
    "status__exact", "design__exact", "countries__id__exact", "unchecked", "id__in", "user__password__startswith", "pk",
    "search_text__regex", "slug__contains", "revision__data__contains", "last_reviewed__year", "is_staff__exact", "of",
    "app_label", "model_name", "field_name", "term", "revision", "number", "from", "to", "date_hierarchy", "key",
]  # fmt: skip
HEADERS = [
    "Accept", "Accept-Encoding", "Accept-Language", "Cookie", "Referer", "Origin", "If-None-Match", "If-Modified-Since",
    "If-Match", "If-Range", "Range", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server",
    "X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Request-ID", "X-Requested-With", "User-Agent",
    "Authorization", "Content-Language", "Forwarded", "X-Real-IP", "Via", "Purpose", "Cache-Control", "Pragma", "TE",
    "Upgrade-Insecure-Requests", "X-CSRFToken", "Sec-Fetch-Site", "Connection", "Max-Forwards", "SCRIPT-NAME",
]  # fmt: skip


# --- What is sent ----------------------------------------------------------------------------------------------


@dataclass
class Request:
    method: str
    path: str  # as it goes over the wire, with its query
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def wire(self, host: str) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1"]
        given = {name.lower() for name, _ in self.headers}
        if "host" not in given:
            lines.append(f"Host: {host}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + self.body


def nasty(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.7:
        return rng.choice(NASTY)
    if kind < 0.8:
        return rng.choice(NASTY) + rng.choice(NASTY)
    if kind < 0.9:
        return str(rng.randint(-(2**70), 2**70))
    return "".join(chr(rng.choice([rng.randint(0, 127), rng.randint(0, 0xD7FF)])) for _ in range(rng.randint(1, 40)))


def escaped(rng: random.Random, text: str) -> str:
    """For a query or a form: mostly as it should be, sometimes bytes that are no UTF-8 or no escape at all."""
    if rng.random() < 0.05:
        return rng.choice(["%FF%FE", "%C3", "%zz", "%", "%u0041", "%00", "+", "%2B", "%25%25"])
    return quote_plus(text, errors="replace")


def query(rng: random.Random, names: list[str]) -> str:
    pairs = []
    for _ in range(rng.choice([0, 1, 1, 2, 3, 6])):
        name = rng.choice(names) if rng.random() < 0.9 else nasty(rng)[:60]
        good = PARAMETERS.get(name)
        value = rng.choice(good) if good and rng.random() < 0.6 else nasty(rng)
        pairs.append(f"{escaped(rng, name)}={escaped(rng, value)}")
    return "&".join(pairs)


def headers(rng: random.Random) -> list[tuple[str, str]]:
    found = []
    while rng.random() < 0.35:
        # gunicorn refuses control characters; those are for the raw sockets.
        value = re.sub(r"[\x00-\x08\n-\x1f\x7f]", " ", nasty(rng)).strip()[:4000]
        found.append((rng.choice(HEADERS), value))
    if rng.random() < 0.03:
        found.append(
            ("Host", rng.choice(["evil.example", "127.0.0.1:1", "127.0.0.1@evil.example", "", "a b", "[::1]"]))
        )
    if rng.random() < 0.5:
        found.append(("Accept-Encoding", rng.choice(["gzip", "br", "gzip, br", "identity", "*;q=0", "gzip;q=x"])))
    return [(name, value) for name, value in found if name != "Connection" or value in ("", "1")]


def multipart(rng: random.Random, fields: dict[str, str], name: str, content: bytes) -> tuple[str, bytes]:
    boundary = "zqzqzq"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    file_name = rng.choice(["a.ris", "../../a.ris", "a\x00.txt", 'a".xml', "x" * 300, "", "../../../etc/cron.d/a"])
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        f"Content-Type: {rng.choice(['text/plain', 'application/xml', 'text/html', 'zq', ''])}\r\n\r\n"
    )
    end = rng.choice([f"\r\n--{boundary}--\r\n"] * 5 + ["", "\r\n--zq--\r\n"])
    body = "".join(parts).encode("utf-8", "replace") + content + end.encode()
    return f"multipart/form-data; boundary={boundary}", body


def mutated(rng: random.Random, content: bytes) -> bytes:
    """A file with some of it cut out, doubled, or replaced."""
    data = bytearray(content[:20_000])
    for _ in range(rng.randint(0, 12)):
        at = rng.randrange(len(data) + 1)
        how = rng.random()
        if how < 0.3:
            del data[at : at + rng.randint(1, 200)]
        elif how < 0.5:
            data[at:at] = data[at : at + rng.randint(1, 400)]
        elif how < 0.8:
            data[at:at] = nasty(rng).encode("utf-8", "surrogatepass")[:500]
        else:
            data[at : at + 1] = bytes([rng.randrange(256)])
    return bytes(data)


def shortened(wire: bytes) -> str:
    """A request for a person to read: what goes on and on is told by its number."""
    return re.sub(r"(.)\1{60,}", lambda run: f"{run[1]}(× {len(run[0])})", repr(wire))[:1500]


# --- Where it is sent ------------------------------------------------------------------------------------------


def routes() -> list[str]:
    """Every address that the site has, as Django's own patterns have it, without the slash at the beginning."""
    from django.urls import URLPattern, get_resolver

    def walk(patterns: list[Any], prefix: str) -> list[str]:
        found = []
        for each in patterns:
            own = prefix + str(each.pattern).lstrip("^").rstrip("$").removesuffix(r"\Z")
            found += [own] if isinstance(each, URLPattern) else walk(each.url_patterns, own)
        return found

    return sorted(set(walk(get_resolver().url_patterns, "")))


@dataclass
class Site:
    """What the requests are made of: addresses, and the keys of records and sessions. Made before the server starts."""

    routes: list[str]
    slugs: list[str]
    keys: list[str]
    names: list[str]  # of apps, models and other short words of addresses
    sessions: list[str]
    records: list[bytes]

    def path(self, rng: random.Random, route: str) -> str:
        """The route with something in each of its places."""

        def filled(place: re.Match[str]) -> str:
            if rng.random() < 0.25:
                return quote(nasty(rng)[:200], safe=rng.choice(["", "/.%"]), errors="replace")
            name = place.group().lower()
            if "slug" in name:
                return rng.choice(self.slugs + self.names)
            if "int" in name:
                return str(rng.choice([0, 1, 2, 3, 99, 2**40]))
            return rng.choice(self.keys)

        return "/" + re.sub(r"<[^<>]*:?[^<>]*>|\(\?P<\w+>[^()]*\)", filled, route).replace("\\", "").replace("$", "")


def fields_of(page: str) -> dict[str, str]:
    """The fields of the largest form of a page, as a browser would send them."""

    class Forms(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.forms: list[dict[str, str]] = [{}]
            self.area = self.select = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = {name: value or "" for name, value in attrs}
            if tag == "form":
                self.forms.append({})
            name, here = given.get("name", ""), self.forms[-1]
            if tag == "textarea":
                self.area = name
                here[name] = ""
            elif tag == "select":
                self.select = name
            elif tag == "option" and self.select and ("selected" in given or self.select not in here):
                here[self.select] = given.get("value", "")
            elif tag in ("input", "button") and name:
                ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
                if ticked:
                    here[name] = given.get("value", "on")

        def handle_endtag(self, tag: str) -> None:
            self.area = "" if tag == "textarea" else self.area
            self.select = "" if tag == "select" else self.select

        def handle_data(self, data: str) -> None:
            if self.area:
                self.forms[-1][self.area] += data

    reader = Forms()
    reader.feed(page)
    return max(reader.forms, key=len)


# --- What comes back -------------------------------------------------------------------------------------------


UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> bytes:
        """The body, unpacked. (By this name a response of the test client has it.)"""
        whole = self.body and self.status != 206
        return UNPACK[self.headers.get("content-encoding", "")](self.body) if whole else self.body


class Client:
    """One connection that is kept, over which any bytes can go."""

    def __init__(self, port: int) -> None:
        self.port, self.sock = port, None

    def send(self, wire: bytes, method: str = "GET") -> Answer:
        """The answer. A connection that the server had closed meanwhile is opened anew, once."""
        for again in (True, False):
            kept = self.sock is not None
            try:
                if self.sock is None:
                    self.sock = socket.create_connection((HOST, self.port), timeout=60)
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.sock.sendall(wire)
                response = http.client.HTTPResponse(self.sock, method=method)
                response.begin()
                body = response.read()
                answer = Answer(response.status, {n.lower(): v for n, v in response.getheaders()}, body)
                if response.will_close:
                    self.close()
                return answer
            except (http.client.HTTPException, OSError):
                self.close()
                if not (kept and again):
                    raise
        raise AssertionError

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
        self.sock = None


def faults(request: Request, answer: Answer) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    found = []
    if answer.status >= 500:
        found.append(f"status {answer.status}")
    kind = answer.headers.get("content-type", "")
    text = answer.content.decode("utf-8", "replace")
    if "html" in kind or "json" in kind or "xml" in kind:
        if MARK in text:
            found.append("markup of ours came back as it was")
        if "zqmade" in text:
            found.append("a template of ours was filled in")
    if any(name.startswith("zq") for name in answer.headers):
        found.append("a header of ours came back")
    # gunicorn itself refuses what is no request, and addresses of more than 4,094 characters.
    if answer.status not in (400, 405, 414) and "default-src 'none'" not in answer.headers.get(
        "content-security-policy", ""
    ):
        found.append(f"status {answer.status} without the content policy")
    where = answer.headers.get("location", "")
    if where and (urlsplit(where).hostname not in (None, HOST) or re.match(r"[\\/]{2}|[^/?#]*evil", where)):
        found.append(f"leads to {where[:200]}")
    if request.path.startswith("/trials/?") and answer.status == 400 and 'href="/trials/lanzoni-2021/"' in text:
        found.append("a wrong filter shows studies")
    return found


def wrong_list(request: Request, answer: Answer) -> list[str]:
    """What a list shows that was not asked for, by the model of the eight studies."""
    from tests.test_generated_queries import expected, shown

    try:
        status, studies = expected(request.path.partition("?")[2])
    except ValueError:
        return []
    host = [value for name, value in request.headers if name.lower() == "host"]
    if host or "content-security-policy" not in answer.headers or answer.status not in (200, 400, 404):
        return []
    there = shown(answer) if 'id="results"' in answer.content.decode() else set()
    if studies is not None and (answer.status, there) != (status, studies):
        return [f"expected {status} and {sorted(studies)}, got {answer.status} and {sorted(there)}"]
    return ["studies beside an error"] if answer.status != 200 and there else []


# --- The parts -------------------------------------------------------------------------------------------------


class Fuzzer:
    def __init__(self, site: Site, server: services.Server, seed: int) -> None:
        self.site, self.server, self.seed = site, server, seed
        self.port = urlsplit(server.address).port or 0
        self.host = f"{HOST}:{self.port}"
        self.statuses: Counter[str] = Counter()
        self.found: dict[str, str] = {}
        self.slowest: tuple[float, str] = (0.0, "")
        self.forms: dict[str, tuple[int, dict[str, str]]] = {}
        self.lock = threading.Lock()
        self.memory: list[tuple[str, list[int]]] = []

    def reading(self, rng: random.Random) -> Request:
        """A reader: the list most of all, with what it can be asked; every other public address too."""
        if rng.random() < 0.5:
            route = "/trials/"
        else:
            public = [each for each in self.site.routes if not each.startswith(("admin/", "account/"))]
            route = self.site.path(rng, rng.choice(public))
        if rng.random() < 0.05:
            route = "/" + quote(nasty(rng), safe=rng.choice(["", "/.%"]), errors="replace").lstrip("/")
        asked = query(rng, [*PARAMETERS, "utm_source", "fbclid"])
        method = rng.choices(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "ZQ"], [90, 5, 1, 1, 1, 1, 1])[0]
        return Request(method, f"{route}?{asked}" if asked else route, headers(rng))

    def everybody(self, rng: random.Random, client: Client) -> Request:
        if rng.random() < 0.35:
            return self.reading(rng)
        staff = [each for each in self.site.routes if each.startswith(("admin/", "account/"))]
        path = self.site.path(rng, rng.choice(staff))
        cookies = f"csrftoken={CSRF}"
        if rng.random() < 0.85 and "logout" not in path:
            cookies += f"; sessionid={rng.choice(self.site.sessions if rng.random() < 0.95 else NO_SESSION)}"
        place = f"198.51.{rng.randrange(256)}.{rng.randrange(256)}"  # so that the limits do not shut everybody out
        given = [("Cookie", cookies), ("X-Forwarded-For", place), *headers(rng)]
        asked = query(rng, [*OF_THE_ADMIN, *PARAMETERS])
        target = f"{path}?{asked}" if asked else path
        if rng.random() < 0.5:
            return Request("GET", target, given)
        form = self.form(path, cookies, client)
        typed = dict(form)
        for name in rng.sample(list(typed), min(len(typed), rng.choice([0, 1, 1, 2, 3, 8]))):
            typed[name] = nasty(rng)
        for name in rng.sample(list(typed), min(len(typed), rng.choice([0, 0, 0, 1, 2]))):
            del typed[name]
        while rng.random() < 0.2:
            typed[rng.choice([*OF_THE_ADMIN, "is_superuser", "status", "_save", "action", "body", "lead"])] = nasty(rng)
        if rng.random() < 0.97:
            typed["csrfmiddlewaretoken"] = CSRF
        if typed.get("identifier"):
            typed["identifier"] = "zq " + typed["identifier"]  # or it would be looked up elsewhere
        if "from-record" in path and rng.random() < 0.7:
            typed = {"csrfmiddlewaretoken": CSRF}
            if rng.random() < 0.5:
                typed["text"] = mutated(rng, rng.choice(self.site.records)).decode("utf-8", "replace")
            else:
                kind, body = multipart(rng, typed, "file", mutated(rng, rng.choice(self.site.records)))
                return Request("POST", target, [*given, ("Content-Type", kind)], body)
        body = "&".join(f"{escaped(rng, name)}={escaped(rng, value)}" for name, value in typed.items()).encode()
        if rng.random() < 0.05:
            body = mutated(rng, body)
        kind = "application/x-www-form-urlencoded"
        if rng.random() < 0.05:
            kind = rng.choice(["application/json", "multipart/form-data", "multipart/form-data; boundary=", "zq", ""])
        return Request("POST", target, [*given, ("Content-Type", kind)], body)

    def form(self, path: str, cookies: str, client: Client) -> dict[str, str]:
        """The fields of the form at an address. Asked for anew now and then: what it was opened with grows old."""
        times, there = self.forms.get(path, (0, {}))
        if times % 20 == 0:
            try:
                page = client.send(Request("GET", path, [("Cookie", cookies)]).wire(self.host))
                there = fields_of(page.body.decode("utf-8", "replace"))
            except (http.client.HTTPException, OSError):
                there = {}
        self.forms[path] = (times + 1, there)
        return there

    def one(self, part: str, number: int, client: Client) -> None:
        rng = random.Random(f"{self.seed} {part} {number}")
        request = self.reading(rng) if part == "readers" else self.everybody(rng, client)
        wire = request.wire(self.host)
        begun = time.perf_counter()
        try:
            answer = client.send(wire, request.method)
            wrong = faults(request, answer)
            # What an editor does meanwhile changes the list; before that, it is known to the study.
            if part == "readers" and request.method == "GET" and request.path.startswith("/trials/?"):
                wrong += wrong_list(request, answer)
            status = str(answer.status)
        except Exception as error:
            wrong, status = [f"{type(error).__name__}: {error}"], "none"
        took = time.perf_counter() - begun
        with self.lock:
            self.statuses[status] += 1
            self.slowest = max(self.slowest, (took, f"{part} {number}: {request.method} {request.path[:200]}"))
            for fault in wrong:
                # One of each kind, with the first request that showed it.
                shape = f"{fault} at {re.sub(r'[0-9a-f-]{8,}|[0-9]+|%.*', '…', urlsplit(request.path).path)[:80]}"
                self.found.setdefault(shape, f"--only {part}:{number}\n{shortened(wire)}")

    def run(self, part: str, requests: int) -> None:
        """Send that many in four parts and look at the memory after each: in the last two it must not grow any more."""
        for quarter in range(4):
            self.send(part, range(requests * quarter // 4, requests * (quarter + 1) // 4))
            self.look_at_memory(f"{part} {quarter + 1}/4")
        (_, middle), _, (_, end) = self.memory[-3:]
        if any(after - before > GROWTH for before, after in zip(middle, end, strict=False)):
            self.found[f"a worker grows with {part}"] = f"{middle} kB after half of the requests, {end} kB after all"

    def send(self, part: str, numbers: range) -> None:
        left = iter(numbers)

        def work() -> None:
            client = Client(self.port)
            while True:
                with self.lock:
                    number = next(left, None)
                if number is None:
                    return client.close()
                self.one(part, number, client)

        threads = [threading.Thread(target=work) for _ in range(CLIENTS if part == "readers" else EDITING)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def look_at_memory(self, when: str) -> None:
        """The memory of each worker that nothing else shares, in kB."""
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in self.server.workers]
        self.memory.append((when, [int(re.findall(r"RssAnon:\s+(\d+)", status)[0]) for status in statuses]))

    # --- raw sockets

    def broken(self, numbers: range, door: "Door") -> None:
        """HTTP that is none. Whatever is answered, if anything: a refusal, and the next reader is served as ever."""
        good = Request("GET", "/trials/?design=randomised", [("Cookie", "a=b")]).wire(door.host)
        for number in numbers:
            rng = random.Random(f"{self.seed} broken {number}")
            wire = rng.choice(BROKEN) if rng.random() < 0.4 else mutated(rng, good)
            wire = wire.replace(b"HOST", door.host.encode())
            status = door.throw(wire, rng)
            self.statuses[f"{door.name} {status}"] += 1
            # 501 and 505 are the right words for an encoding and a version that nobody speaks.
            if status >= 500 and status not in (501, 505):
                self.found.setdefault(f"status {status} for broken HTTP", f"--only broken:{number}\n{shortened(wire)}")
            if number % 25 == 0 and door.status() != 200:
                self.found.setdefault(f"{door.name}: a reader is not served", f"after {number}\n{shortened(wire)}")

    def slow(self, requests: int, door: "Door") -> None:
        """Requests that are sent byte by byte and never end, while a reader asks."""
        half = [door.connect() for _ in range(requests)]
        try:
            for byte in b"GET / HTTP/1.1\r\nHost: a":
                for sock in half:
                    sock.sendall(bytes([byte]))
            served = door.status() == 200
        except (OSError, http.client.HTTPException):
            served = False
        finally:
            for sock in half:
                sock.close()
        if not served:
            self.found.setdefault(f"{door.name}: a reader is not served beside slow ones", f"{requests} half requests")


@dataclass
class Door:
    """Where raw bytes go in: gunicorn itself, or nginx before it."""

    name: str
    host: str
    connect: Callable[[], socket.socket]
    status: Callable[[], int]  # of a good request

    def throw(self, wire: bytes, rng: random.Random) -> int:
        """Send it in one or several pieces, hang up now and then, and give the status of what is answered (or 0)."""
        with self.connect() as sock, contextlib.suppress(OSError):
            pieces = rng.choice([1, 1, 1, 3, 10])
            step = max(1, len(wire) // pieces)
            for at in range(0, len(wire), step):
                sock.sendall(wire[at : at + step])
                if pieces > 1:
                    time.sleep(0.002)
            if rng.random() < 0.1:
                return 0
            if isinstance(sock, ssl.SSLSocket):  # which cannot be shut on one side alone
                sock.settimeout(0.2)
            else:
                sock.shutdown(socket.SHUT_WR)
            status = re.match(rb"HTTP/1\.[01] (\d{3})", sock.recv(65536))
            return int(status[1]) if status else 0
        return 0


def gunicorn_alone(port: int) -> Door:
    def good() -> int:
        return Client(port).send(Request("GET", "/trials/?design=randomised").wire(f"{HOST}:{port}")).status

    return Door("gunicorn", f"{HOST}:{port}", lambda: socket.create_connection((HOST, port), timeout=30), good)


@contextlib.contextmanager
def behind_nginx(folder: Path, environment: dict[str, str], log: IO[bytes]) -> Iterator[Door]:
    """nginx with deploy/nginx.conf, and the same site behind it under the name that stands there."""
    folder.mkdir()
    site = environment | {"ARDSINFO_SITE_URL": f"https://{proxy.HOST}"}
    with services.gunicorn(site, log=log) as behind, proxy.proxy(folder, behind.address) as front:
        yield Door("nginx", proxy.HOST, front.connection, lambda: front.ask("/trials/?design=randomised").status)


GET, POST = b"GET / HTTP/1.1\r\nHost: HOST\r\n", b"POST /account/login/ HTTP/1.1\r\nHost: HOST\r\n"
BROKEN = [
    b"", b"\r\n\r\n", b"GET", b"GET /\r\n\r\n", b"GET / HTTP/0.9\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", GET[:-2],
    b"GET  / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\nHost: HOST\n\n", b"PRI * HTTP/2.0\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + GET + b"\r\n",
    GET + b"Host: evil\r\n\r\n", GET + b"Host evil\r\n\r\n", GET + b" folded: 1\r\n\r\n", GET + b"A\x00: \x00\r\n\r\n",
    GET + b"A: " + b"x" * 70_000 + b"\r\n\r\n", GET + b"A: 1\r\n" * 2000 + b"\r\n", GET + b"Content-Length: 5\r\n\r\n",
    GET + b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", (GET + b"\r\n") * 20,
    GET.replace(b"/ ", b"/\xff\xfe ") + b"\r\n",
    GET.replace(b"/ ", b"/\x00 ") + b"\r\n", GET.replace(b"/ ", b"//evil.example/ ") + b"\r\n",
    GET.replace(b"/ ", b"http://evil.example/ ") + b"\r\n", GET.replace(b"/ ", b"/" + b"a" * 70_000 + b" ") + b"\r\n",
    GET.replace(b"GET /", b"OPTIONS *") + b"\r\n", GET.replace(b"GET /", b"CONNECT HOST") + b"\r\n",
    GET.replace(b"GET", b"TRACE") + b"\r\n", GET.replace(b"GET", b"G E T") + b"\r\n",
    POST + b"Content-Length: -1\r\n\r\n", POST + b"Content-Length: 99999999999999999999\r\n\r\na",
    POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", POST + b"Content-Length: 500\r\n\r\nlogin=a",
    POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET + b"\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", POST + b"Transfer-Encoding: zq\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
    POST + b"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n",
]  # fmt: skip


# --- The site --------------------------------------------------------------------------------------------------


def make_site() -> Site:
    """The eight studies, a draft of each of the other kinds, editors with sessions. Needs the settings in place."""
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command

    from ardsinfo.sessions import SessionStore
    from trials.importers import files, read
    from trials.models import ImportFile, Trial

    call_command("migrate", verbosity=0)
    call_command("load_studies", verbosity=0)
    records = [file.read_bytes() for file in sorted((services.PROJECT / "tests" / "records").iterdir())]
    sessions = []
    for number in range(EDITORS):
        name = f"editor{number}"
        user = User.objects.create_user(name, f"{name}@example.org", is_staff=True)
        user.groups.set(
            Group.objects.filter(name__in=["Editors", "Site administrators"] if number % 4 == 0 else ["Editors"])
        )
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session.create()
        sessions.append(session.session_key)
    text = b"TY  - JOUR\r\nTI  - One\r\nAU  - A, B\r\nPY  - 2021\r\nDO  - 10.1000/1\r\nER  - \r\n"
    files.keep(read(text), "one", User.objects.get(username="editor0"))
    slugs = list(Trial.objects.values_list("slug", flat=True))
    keys = [
        str(pk)
        for pk in [*Trial.objects.values_list("pk", flat=True), *ImportFile.objects.values_list("pk", flat=True)]
    ]
    names = ["about", "methods", "waiting", "drafts", "overdue", "trials", "auth", "trial", "page", "a-b-c"]
    return Site(routes(), slugs, [*keys, "1", "2", "3", "4"], names, sessions, records)


def report(fuzzer: Fuzzer, sent: int, seconds: float) -> int:
    print(f"{sent:,} requests in {seconds:.0f} s; answers: {dict(sorted(fuzzer.statuses.items()))}")
    print(f"slowest: {fuzzer.slowest[0]:.1f} s, {fuzzer.slowest[1]}")
    for when, workers in fuzzer.memory:
        print(f"memory after {when}: {workers} kB")
    for shape, request in fuzzer.found.items():
        print(f"\nFOUND {shape}\n      {request}")
    print(f"\n{len(fuzzer.found)} kinds of faults." if fuzzer.found else "Nothing found.")
    return 1 if fuzzer.found else 0


def main() -> int:
    arguments = argparse.ArgumentParser(description="Throws generated requests at the site.")
    arguments.add_argument("--requests", type=int, default=50_000)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    arguments.add_argument("--only", default="", help="part:number, to send one of them again")
    arguments.add_argument("--nginx", action=argparse.BooleanOptionalAction, default=True, help="broken HTTP there too")
    arguments.add_argument("--postgresql", action="store_true", help="on a temporary PostgreSQL instead of SQLite")
    asked = arguments.parse_args()
    print(f"seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as servers:
        folder = Path(name)
        environment = services.environment(folder, ARDSINFO_TRUSTED_PROXY="true")
        if asked.postgresql:
            environment["DATABASE_URL"] = servers.enter_context(services.postgresql(folder)).address
        os.environ.update(environment)
        services.build_static()
        site = make_site()
        with (folder / "server.log").open("wb") as log, services.gunicorn(environment, log=log) as server:
            fuzzer = Fuzzer(site, server, asked.seed)
            alone = gunicorn_alone(fuzzer.port)
            begun = time.monotonic()
            if asked.only:
                part, _, number = asked.only.partition(":")
                if part == "broken":
                    fuzzer.broken(range(int(number), int(number) + 1), alone)
                else:
                    fuzzer.one(part, int(number), Client(fuzzer.port))
                code = report(fuzzer, 1, time.monotonic() - begun)
                sys.stdout.write((folder / "server.log").read_text()[-20_000:])
                return code
            workers = server.workers
            tenth = asked.requests // 10
            fuzzer.run("readers", 5 * tenth)
            # Alone, gunicorn stops at about 40 requests that do not end: that is what nginx is for.
            fuzzer.broken(range(tenth), alone)
            fuzzer.slow(2, alone)
            fuzzer.run("everybody", 4 * tenth)
            if server.workers != workers:
                fuzzer.found["a worker died and was started anew"] = f"{workers}, then {server.workers}"
            if asked.nginx:
                try:
                    with behind_nginx(folder / "nginx", environment, log) as door:
                        fuzzer.broken(range(tenth), door)
                        fuzzer.slow(200, door)
                except services.Missing as program:
                    print(f"nothing thrown at nginx: {program}")
            return report(fuzzer, fuzzer.statuses.total(), time.monotonic() - begun)


if __name__ == "__main__":
    sys.exit(main())
