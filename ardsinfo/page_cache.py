"""Cache the public pages, compressed, until the content changes or a minute has passed."""

import gzip
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

import brotli
from django import db, urls
from django.conf import settings
from django.core import cache, exceptions
from django.http import HttpRequest, QueryDict
from django.utils import http, module_loading
from django.utils.cache import get_conditional_response, set_response_etag

View = TypeVar("View")
resolve = lru_cache(1000)(urls.resolve)
COMPRESS = {"br": lambda body: brotli.compress(body, quality=7), "gzip": lambda body: gzip.compress(body, mtime=0)}


def cached_page(*parameters: str, names_others: bool = False) -> Callable[[View], View]:
    """Mark a view whose page depends on its path, these query parameters and the content, and on nothing else.

    With `names_others` it also depends on the names of the other parameters, and sees them without their values. Such a
    view is `require_safe`: without a check of the token, it answers 405 to a POST, and not 403.
    """

    def mark(view: View) -> View:
        vars(view).update(page_query=(parameters, names_others), csrf_exempt=True)
        return view

    return mark


def cache_key(request: HttpRequest, encoding: str) -> str:
    """Return the key of a cached page, and hide from its view all that the key leaves out; "" for other requests."""
    try:
        known = getattr(resolve(request.path_info, settings.ROOT_URLCONF).func, "page_query", None)
        if known is None or request.method not in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return ""
        host, version = request.get_host(), module_loading.import_string(settings.PAGE_CACHE_VERSION)()
    except (urls.Resolver404, exceptions.DisallowedHost, db.DatabaseError):
        return ""
    parameters, names_others = known
    pairs = [item for item in request.GET.lists() if item[0] in parameters]
    pairs += [(name, [""]) for name in request.GET if names_others and name not in parameters]
    query = http.urlencode(sorted(pairs), doseq=True)
    request.GET, request.COOKIES, request.META["QUERY_STRING"] = QueryDict(query), {}, query
    request.META["HTTP_ACCEPT_ENCODING"] = ""  # GZipMiddleware would make other bytes each time
    return sha256(repr((version, encoding, request.scheme, host, request.path_info, query)).encode()).hexdigest()


def middleware(get_response: Any) -> Any:
    def answer(request: HttpRequest) -> Any:
        accepted = request.META.get("HTTP_ACCEPT_ENCODING", "").replace(" ", "")
        encoding = next((name for name in COMPRESS if name in accepted and f"{name};q=0" not in accepted), "")
        if settings.MAINTENANCE or not (key := cache_key(request, encoding)):
            return get_response(request)
        if not (response := cache.caches["pages"].get(key)):
            response = get_response(request)
            if response.status_code != 200 or response.cookies or response.streaming:
                return response
            del response["X-Request-ID"], response["Last-Modified"]  # of one request; of an entry, not of the page
            if encoding:
                response.content, response["Content-Encoding"] = COMPRESS[encoding](response.content), encoding
            response["Content-Length"], response["Vary"] = len(response.content), "Accept-Encoding"
            response["Cache-Control"] = "public, max-age=0, s-maxage=1, must-revalidate"  # nginx keeps it for a second
            cache.caches["pages"].set(key, set_response_etag(response))
        return get_conditional_response(request, response.headers["ETag"], response=response)

    return answer
