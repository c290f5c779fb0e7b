"""Cache the public pages, compressed, until the content changes or a minute has passed."""

from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

import brotli
from django import db, urls
from django.conf import settings
from django.core import cache, exceptions
from django.http import HttpRequest, QueryDict
from django.utils import http, module_loading, text
from django.utils.cache import get_conditional_response, set_response_etag

resolve = lru_cache(1000)(urls.resolve)
COMPRESS = {"br": lambda body: brotli.compress(body, quality=7), "gzip": text.compress_string}


def mark(parameters: tuple[str, ...], view: Any) -> Any:
    vars(view).update(page_query=parameters, csrf_exempt=True)  # `require_safe` answers 405 to a POST, not 403
    return view


def cached_page(*parameters: str) -> partial[Any]:
    """Mark a view that depends on its path, the content and these parameters alone; "*" means the names of all."""
    return partial(mark, parameters)


def cache_key(request: HttpRequest, encoding: str) -> str:
    """Return the key of a cached page, and hide from its view all that the key leaves out; "" for other requests."""
    try:
        known = getattr(resolve(request.path_info, settings.ROOT_URLCONF).func, "page_query", None)
        if known is None or request.method not in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return ""
        site, version = request.build_absolute_uri("/"), module_loading.import_string(settings.PAGE_CACHE_VERSION)()
    except (urls.Resolver404, exceptions.DisallowedHost, db.DatabaseError):
        return ""
    named = [(name, values if name in known else [""]) for name, values in sorted(request.GET.lists())]
    query = http.urlencode([pair for pair in named if pair[0] in known or "*" in known], doseq=True)
    request.GET, request.COOKIES, request.META["QUERY_STRING"] = QueryDict(query), {}, query
    request.META["HTTP_ACCEPT_ENCODING"] = ""  # GZipMiddleware would make other bytes each time
    return sha256(repr((version, encoding, site, request.path_info, query)).encode()).hexdigest()


def middleware(get_response: Any) -> Any:
    def answer(request: HttpRequest) -> Any:
        encoding = next((name for name in COMPRESS if name in request.META["HTTP_ACCEPT_ENCODING"]), "")
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
