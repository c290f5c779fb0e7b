"""Django's sessions in the database, looked up only by keys such as it makes.

Any other is nobody's: PostgreSQL, asked for one with a NUL in it, would answer with an error.
"""

from django.contrib.sessions.backends import db

import re
SESSION_KEY = re.compile("[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: object) -> bool:
        return isinstance(key, str) and bool(SESSION_KEY.fullmatch(key))
