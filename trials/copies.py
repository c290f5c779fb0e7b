"""Rendered copies of the public pages, from which a visitor without a session is answered.

A copy is good for as long as the content version is the one that was read before the page was rendered. The version
moves in the transaction of every write (trials/triggers.py) and is read from the database for every request, so a
change shows on the next request in every process and on every machine, and a copy is never stale.

Only a view that says so is copied (`copied`), and only its answers with status 200. What a stranger can vary does not
reach a copy: it is rendered from the parameters its view knows, and from no cookie and no other header. robots.txt and
security.txt need no database and no copy here; they say themselves that nginx may keep them.
"""

import gzip
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, urlencode

import brotli
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.handlers.wsgi import get_str_from_wsgi
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, parse_cookie
from django.http.request import split_domain_port, validate_host
from django.middleware.gzip import GZipMiddleware
from django.urls import Resolver404, resolve
from django.utils.timezone import localdate

from trials.models import ContentVersion

GetResponse = Callable[[HttpRequest], HttpResponse]
View = TypeVar("View", bound=Callable[..., Any])
Environ = dict[str, Any]  # of a WSGI request; Django calls it META
Key = tuple[bool, str, str]  # whether it came over HTTPS, path, query

COPIES = "ardsinfo.copies"  # where ardsinfo/front.py puts the copies of the process, for the middleware

MOST_BYTES = 3 * 1024 * 1024  # of the pages without parameters, and again of those with some
LONGEST_ADDRESS = 500  # characters; a longer one is rendered each time
# Of an answer that may be shared. A browser keeps it and asks each time whether it still holds; nginx may pass it on
# for a second without asking.
FRESHNESS = {"Cache-Control": "public, max-age=0, must-revalidate", "X-Accel-Expires": "1", "Vary": "Accept-Encoding"}
# Of one answer alone, or said anew for the copy. Last-Modified is that of the newest entry of a feed, which need not be
# the newest change: nginx would answer by it that nothing has changed.
NOT_KEPT = ("Vary", "X-Request-ID", "Last-Modified")
SESSION_KEY = re.compile(r"[a-z0-9]{32}")  # as Django makes them
REFUSED = re.compile(r"q\s*=\s*0(\.0*)?")  # the weight of an encoding that must not be sent

# In the order of our liking. Level 5 of Brotli is smaller than gzip's best, in a tenth of the time of its own best.
COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}


def copied(*parameters: str) -> Callable[[View], View]:
    """Let a public view be answered from copies. `parameters` are all it reads of the address beside the path.

    Its answer may depend on nothing else that comes with the request: not on who asks, nor on a header or a cookie.
    """

    def mark(view: View) -> View:
        view.parameters_of_copy = frozenset(parameters)  # type: ignore[attr-defined]
        return view

    return mark


@lru_cache(maxsize=1024)
def known_part(path: str, query: str) -> str | None:
    """The query with only the parameters that the view knows; None where the page may not be copied."""
    if not path.isascii():  # no public address is other, and WSGI and Django differ in how they give it
        return None
    try:
        parameters = getattr(resolve(path).func, "parameters_of_copy", None)
    except Resolver404:
        return None
    if parameters is None:
        return None
    # The server gives the bytes of the address as Latin-1; browsers send UTF-8.
    text = query.encode("latin-1").decode(errors="replace")
    return urlencode([(name, value) for name, value in parse_qsl(text, True) if name in parameters])


def content_token() -> str | None:
    """What the present content goes by; None while the database does not say. The day belongs to it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT token FROM {ContentVersion._meta.db_table}")  # noqa: S608
            row = cursor.fetchone()
    except Error:
        return None  # the view will say what is wrong, or that it can do without
    return f"{row[0]} {localdate()}" if row else None


def tag(headers: dict[str, str], body: bytes) -> str:
    """The entity tag of the bytes themselves: whoever holds them holds the page, whatever else has changed on the site.

    And of the headers, for nginx keeps those with the page. Their parts are sorted: django-csp gives them in an order
    that each process has for itself.
    """
    said = [f"{name}: {sorted(re.split('[;,] *', text))}" for name, text in sorted(headers.items())]
    return f'"{hashlib.sha256(repr(said).encode() + body).hexdigest()[:32]}"'


@dataclass(frozen=True)
class Form:
    """A copy in one encoding, ready to be sent."""

    body: bytes
    etag: str
    headers: list[tuple[str, str]]
    unchanged: list[tuple[str, str]]  # the headers of an answer that says no more than that nothing has changed


@dataclass
class Copy:
    """A rendered page."""

    body: bytes
    headers: dict[str, str]
    forms: dict[str, Form] = field(default_factory=dict)

    def form(self, encoding: str) -> Form:
        """This page in the encoding: "br", "gzip" or "" for none. Compressed when it is first asked for."""
        if encoding not in self.forms:
            body = COMPRESSED[encoding](self.body) if encoding else self.body
            headers = {**self.headers, **FRESHNESS}
            headers["ETag"] = etag = tag(headers, body)
            unchanged = {name: text for name, text in headers.items() if name not in ("Content-Type", "Content-Length")}
            headers["Content-Length"] = str(len(body))
            if encoding:
                headers["Content-Encoding"] = encoding
            self.forms[encoding] = Form(body, etag, [*headers.items()], [*unchanged.items()])
        return self.forms[encoding]

    def reply(self, environ: Environ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body for this request."""
        form = self.form(encoding_for(environ.get("HTTP_ACCEPT_ENCODING", "")))
        known = environ.get("HTTP_IF_NONE_MATCH", "")
        if known and (known.strip() == "*" or form.etag in known):
            return 304, form.unchanged, b""
        return 200, form.headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else form.body

    @property
    def size(self) -> int:
        """Bytes, once it stands here in every encoding, with a kilobyte or two for headers and names."""
        return int(len(self.body) * 1.6) + 4096


class Copies:
    """The copies of one process, all of one content version. The longest unused go when there are too many bytes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._lock = threading.Lock()
        self._clear("")

    def _clear(self, token: str) -> None:
        self.token = token
        # Two shelves: however many filtered lists are asked for, they do not push the pages themselves out.
        self._shelves: dict[bool, OrderedDict[Key, Copy]] = {False: OrderedDict(), True: OrderedDict()}
        self._bytes = {False: 0, True: 0}

    def get(self, token: str, key: Key) -> Copy | None:
        with self._lock:
            if token != self.token:
                self._clear(token)
            shelf = self._shelves[bool(key[2])]
            copy = shelf.get(key)
            if copy:
                shelf.move_to_end(key)
            return copy

    def put(self, token: str, key: Key, copy: Copy) -> None:
        with self._lock:
            which = bool(key[2])
            shelf = self._shelves[which]
            if token != self.token or key in shelf or copy.size > self.most_bytes:
                return
            shelf[key] = copy
            self._bytes[which] += copy.size
            while self._bytes[which] > self.most_bytes:
                _, gone = shelf.popitem(last=False)
                self._bytes[which] -= gone.size


def encoding_for(accepted: str) -> str:
    """The best encoding that an Accept-Encoding header allows; "" for none."""
    allowed = {}
    for part in accepted[:LONGEST_ADDRESS].lower().split(","):
        name, _, weight = part.partition(";")
        allowed[name.strip()] = not REFUSED.fullmatch(weight.strip())
    return next((encoding for encoding in COMPRESSED if allowed.get(encoding)), "")


def is_secure(environ: Environ) -> bool:
    """Whether the request came over HTTPS, as `HttpRequest.is_secure` has it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return str(environ[name]).split(",")[0].strip() == value
    return bool(environ.get("wsgi.url_scheme") == "https")


def names_session(environ: Environ) -> bool:
    """Whether the request may come with the key of a session, be it one that nobody has."""
    return settings.SESSION_COOKIE_NAME in environ.get("HTTP_COOKIE", "")


def has_session(environ: Environ) -> bool:
    """Whether the session that the request names is there. Whoever only says so is a reader like any other."""
    if not names_session(environ):
        return False
    # Read as Django does, which takes the last of two: no other key may be looked up than the one it would take.
    key = parse_cookie(get_str_from_wsgi(environ, "HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME, "")
    if not SESSION_KEY.fullmatch(key):
        return False
    try:
        return Session.objects.filter(pk=key).exists()
    except Error:
        return True  # for the view to find out


def key_of(environ: Environ) -> Key | None:
    """What the copy for this request goes by; None where nobody must be answered from one."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or settings.DEBUG or settings.MAINTENANCE:
        return None
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    if len(path) + len(query) > LONGEST_ADDRESS:
        return None
    kept, secure = known_part(path, query), is_secure(environ)
    if kept is None or (settings.SECURE_SSL_REDIRECT and not secure):
        return None
    host, _port = split_domain_port(str(environ.get("HTTP_HOST", environ["SERVER_NAME"])))
    if not host or not validate_host(host, settings.ALLOWED_HOSTS):
        return None
    return secure, path, kept


def middleware(get_response: GetResponse) -> GetResponse:
    """Answer from copies where that is right. The outermost: a copy has the headers that the others have set."""
    own = Copies()
    gzipped = GZipMiddleware(get_response).process_response
    # One thread at a time renders a page that many ask for; two pages may share a lock, and then wait for each other.
    rendering = [threading.Lock() for _ in range(64)]

    def answer(request: HttpRequest, copy: Copy) -> HttpResponse:
        status, headers, body = copy.reply(request.META)
        if status == 304:
            return HttpResponseNotModified(headers=dict(headers))
        return HttpResponse(body, headers=dict(headers))

    def rendered(request: HttpRequest, query: str) -> HttpResponse:
        """The answer of the view itself to this request, made plain."""
        method = request.method
        taken: dict[str, str] = {
            name: request.META.pop(name) for name in ("HTTP_ACCEPT_ENCODING", "HTTP_COOKIE") if name in request.META
        }
        request.method, request.META["QUERY_STRING"] = "GET", query
        try:
            return get_response(request)
        finally:
            request.method = method
            request.META.update(taken)

    def middleware(request: HttpRequest) -> HttpResponse:
        key = key_of(request.META)
        if key is None or has_session(request.META):
            response = get_response(request)
            if names_session(request.META):
                response.headers.setdefault("Cache-Control", "private, no-cache")
            return response
        copies: Copies = request.META.get(COPIES, own)
        token = content_token()  # before the page is rendered: what is written meanwhile makes the copy void
        with rendering[hash(key) % len(rendering)]:
            copy = copies.get(token, key) if token else None
            if not copy:
                response = rendered(request, key[2])
                if response.status_code != 200 or response.streaming or response.cookies or not token:
                    return cast(HttpResponse, gzipped(request, response))
                kept = {name: text for name, text in response.headers.items() if name not in NOT_KEPT}
                copy = Copy(response.content, kept)
                copies.put(token, key, copy)
        return answer(request, copy)

    return middleware
