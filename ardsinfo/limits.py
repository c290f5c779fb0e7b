"""Where the limits of the log-in are counted when CACHE_URL names Redis.

Redis may go away: staff must still come in, and guessing must still be limited. So while it does not answer, the
limits are counted in the table of the database that counts them where there is no Redis.
"""

import json
import logging
import time
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

TABLE = "table"  # the name of that table in CACHES
ANSWERS_WITHIN = 1  # seconds
ASKED_AGAIN_AFTER = 10  # seconds, so that a Redis that swallows connections holds up one request in that time


class AsJson:
    """Django would keep Python objects, and whoever can write to Redis could then run code here."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, kept: bytes) -> Any:
        return json.loads(kept)


class RedisOrTable(BaseCache):
    """A cache in the Redis at `location`; in the table while Redis does not answer."""

    away_until = 0.0  # by time.monotonic, for all threads of this process

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {
            "serializer": AsJson,
            "socket_connect_timeout": ANSWERS_WITHIN,
            "socket_timeout": ANSWERS_WITHIN,
            "retry": Retry(NoBackoff(), 1),  # once: a connection that lay idle may have been closed
        }
        self.redis = RedisCache(location, {"OPTIONS": options})

    def fault(self) -> str:
        """Why Redis does not answer, in a word; empty if it does."""
        try:
            self.redis.get("ready")
        except RedisError as error:
            return type(error).__name__
        return ""

    def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.away_until:
            try:
                answer = getattr(self.redis, method)(*args, **kwargs)
            except RedisError as error:
                RedisOrTable.away_until = time.monotonic() + ASKED_AGAIN_AFTER
                # Its words may hold the address, and the address a password.
                logger.error(
                    "Redis does not answer (%s): the limits of the log-in are counted in the database meanwhile.",
                    type(error).__name__,
                )
            else:
                return answer
        return getattr(caches[TABLE], method)(*args, **kwargs)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask("add", key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default, version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask("set", key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask("touch", key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask("delete", key, version))

    def clear(self) -> None:
        self._ask("clear")
