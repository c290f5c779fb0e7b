"""Every setting, read from the environment. `.env.example` lists the variables.

A value that is unknown or malformed stops the start with a sentence that says how to mend it:
a site that guesses is worse than a site that does not start.
"""

import logging
import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.validators import validate_email

from ardsinfo import logs

BASE_DIR = Path(__file__).resolve().parent.parent
# The database, the machine's secret and the gunicorn temp files. Never in git.
VAR_DIR = BASE_DIR / "var"

VARIABLES = {
    "ARDSINFO_DEBUG",
    "ARDSINFO_SECRET_KEY",
    "ARDSINFO_SECRET_KEY_FILE",
    "ARDSINFO_SITE_URL",
    "ARDSINFO_CONTACT_EMAIL",
    "ARDSINFO_MAINTENANCE",
    "ARDSINFO_TRUSTED_PROXY",
    "ARDSINFO_PROXY_COUNT",
    "ARDSINFO_REQUIRE_SECOND_FACTOR",
    "ARDSINFO_EMAIL_URL",
    "ARDSINFO_EMAIL_URL_FILE",
    "ARDSINFO_FROM_EMAIL",
    "ARDSINFO_ERROR_EMAIL",
    "ARDSINFO_BACKUP_FOLDER",
    "ARDSINFO_LOG",
}

# Four variables may hold a secret. Their `_FILE` form is read from the file it names, so it need not stand here.
env = environ.FileAwareEnv()


def _stop(name: str, value: object, mend: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is set to {value!r}. {mend}")


def _boolean(name: str, default: bool) -> bool:
    """True or False, and nothing that merely looks like one: `Flase` must not mean either."""
    value = env.str(name, default="true" if default else "false")
    if value not in ("true", "false"):
        raise _stop(name, value, "Write true or false.")
    return value == "true"


for _name in sorted(os.environ):
    if _name.startswith("ARDSINFO_") and _name not in VARIABLES:
        raise _stop(_name, os.environ[_name], "There is no such setting. .env.example lists those there are.")

DEBUG = _boolean("ARDSINFO_DEBUG", default=False)
MAINTENANCE = _boolean("ARDSINFO_MAINTENANCE", default=False)
# Only where a proxy that we run sets X-Forwarded-Proto itself: anyone else could forge it.
TRUSTED_PROXY = _boolean("ARDSINFO_TRUSTED_PROXY", default=False)
# Staff set up a second factor before they see any page of the admin.
REQUIRE_SECOND_FACTOR = _boolean("ARDSINFO_REQUIRE_SECOND_FACTOR", default=False)


def _proxy_count() -> int:
    """How many of the last entries of X-Forwarded-For were written by proxies of ours."""
    value = env.str("ARDSINFO_PROXY_COUNT", default="1" if TRUSTED_PROXY else "0")
    if value not in tuple("0123456789"):
        raise _stop("ARDSINFO_PROXY_COUNT", value, "Write how many proxies of yours a request passes, from 0 to 9.")
    if value != "0" and not TRUSTED_PROXY:
        raise _stop("ARDSINFO_PROXY_COUNT", value, "Set ARDSINFO_TRUSTED_PROXY=true too, or leave it out.")
    return int(value)


def _secret_key() -> str:
    machine_key = VAR_DIR / "secret-key"  # made by `make serve`, for this machine only
    try:
        key: str = env.str("ARDSINFO_SECRET_KEY", default="")
    except OSError as error:
        raise _stop("ARDSINFO_SECRET_KEY_FILE", error.filename, "Name a file that the site can read.") from error
    key = key.strip()
    if not key and machine_key.is_file():
        key = machine_key.read_text().strip()
    if not key and DEBUG:
        return "only-for-debugging-" * 3
    if len(key) < 50:
        raise ImproperlyConfigured(
            "ARDSINFO_SECRET_KEY is missing or shorter than 50 characters. Set it, or name a file in "
            "ARDSINFO_SECRET_KEY_FILE; `make secret` writes one for this machine."
        )
    return key


SECRET_KEY = _secret_key()

# The one public address. Hosts, cookies, HTTPS and canonical links all follow from it.
SITE_URL = env.str("ARDSINFO_SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
try:
    _site = urlsplit(SITE_URL)
    _ = _site.port  # raises on a malformed port
except ValueError:
    _site = urlsplit("")
if _site.scheme not in ("http", "https") or not _site.hostname or _site.path or _site.query or _site.fragment:
    raise _stop("ARDSINFO_SITE_URL", SITE_URL, "Write the public address alone, such as https://ardsinfo.example.org.")
HTTPS = _site.scheme == "https"

_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [_site.hostname, *(_LOOPBACK if _site.hostname in _LOOPBACK else [])]
CSRF_TRUSTED_ORIGINS = [SITE_URL]


def _email_address(name: str) -> str:
    address: str = env.str(name, default="")
    if address:
        try:
            validate_email(address)
        except Exception as error:
            raise _stop(name, address, "Write one e-mail address, or leave it out.") from error
    return address


CONTACT_EMAIL = _email_address("ARDSINFO_CONTACT_EMAIL")


def _address(name: str, default: str = "") -> str:
    """An address that may hold a password, straight or from the file that `{name}_FILE` names."""
    try:
        address: str = env.str(name, default=default)
    except OSError as error:
        raise _stop(f"{name}_FILE", error.filename, "Name a file that the site can read.") from error
    return address.strip()


def _email() -> dict[str, object]:
    """How e-mail goes. Without an address it is shown in the terminal on this machine, and nowhere on a public site:
    a link that resets a password must not stand in a log."""
    address = _address("ARDSINFO_EMAIL_URL")
    scheme, found, _rest = address.partition("://")
    mend = "Write smtp+tls://user:password@host:587, smtp+ssl://…:465, smtp://host:25 or consolemail://."
    if not address:
        address, scheme = ("dummymail://", "dummymail") if HTTPS else ("consolemail://", "consolemail")
    elif scheme not in ("smtp", "smtp+tls", "smtp+ssl", "consolemail"):
        raise _stop("ARDSINFO_EMAIL_URL", f"{scheme}://…" if found else "…", mend)
    try:
        email: dict[str, object] = environ.Env.email_url_config(address)
    except Exception:
        raise _stop("ARDSINFO_EMAIL_URL", f"{scheme}://…", mend) from None  # the cause may quote the password
    if scheme.startswith("smtp") and not email["EMAIL_HOST"]:
        raise _stop("ARDSINFO_EMAIL_URL", f"{scheme}://…", mend)
    port = {"smtp+tls": 587, "smtp+ssl": 465}.get(scheme, 25)
    return email | {"EMAIL_PORT": email["EMAIL_PORT"] or port}


_mail = _email()
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = _email_address("ARDSINFO_FROM_EMAIL") or CONTACT_EMAIL or f"ardsinfo@{_site.hostname}"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = "[ARDSinfo] "


def _caches() -> dict[str, dict[str, object]]:
    """Where the limits of the log-in are counted. Every process must see the same numbers, and an entry must be added
    or refused in one step: so neither memory nor files."""
    address = _address("CACHE_URL", default="dbcache://trials_cache")
    scheme, found, name = address.partition("://")
    mend = "Write redis://host:6379/0 or dbcache://trials_cache."
    try:
        parts = urlsplit(address)
        complete = bool(parts.hostname) and (parts.port or True)
    except ValueError:
        complete = False
    if scheme not in ("redis", "rediss", "dbcache") or not complete:
        raise _stop("CACHE_URL", f"{scheme}://…" if found else "…", mend)
    table: dict[str, object] = {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": name if scheme == "dbcache" else "trials_cache",
        # Django's 300 would let somebody wash out the count of one name by trying many others.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
    if scheme == "dbcache":
        return {"default": table}
    if not find_spec("redis"):
        raise _stop("CACHE_URL", f"{scheme}://…", "Install requirements-redis.txt, or leave it out.")
    return {"default": {"BACKEND": "ardsinfo.limits.RedisOrTable", "LOCATION": address}, "table": table}


CACHES = _caches()


def database(address: str) -> dict[str, object]:
    """Django's settings of the database at an address. Raises ImproperlyConfigured with a sentence."""
    mend = "Write sqlite:////folder/file.sqlite3 or postgresql://user:password@host:5432/name."
    scheme, found, _rest = address.partition("://")
    shown = f"{scheme}://…" if found else "…"  # the rest may hold a password
    try:
        chosen: dict[str, object] = environ.Env.db_url_config(address) if found else {}
    except Exception:
        raise _stop("DATABASE_URL", shown, mend) from None  # the cause may quote a part of the password
    engine = chosen.get("ENGINE")
    if engine not in ("django.db.backends.sqlite3", "django.db.backends.postgresql") or not chosen.get("NAME"):
        raise _stop("DATABASE_URL", shown, mend)
    if engine == "django.db.backends.postgresql" and not find_spec("psycopg"):
        raise _stop("DATABASE_URL", shown, "Install requirements-postgresql.txt, or leave it out for SQLite.")
    if engine == "django.db.backends.sqlite3":
        chosen["CONN_MAX_AGE"] = None  # opening it anew costs more than the one query of a rendered copy
        chosen["OPTIONS"] = {
            # Take the write lock at the start: a transaction that reads first and writes later would
            # otherwise fail at once with "database is locked" when another one writes in between.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,  # seconds to wait for that lock
            # WAL: readers never wait for a writer. NORMAL is safe with it against anything but a power cut,
            # which can lose the last transactions but never damages the file.
            # Its cache is 1 MB, without mapped memory: each thread has one. With 100,000 studies 2 MB made no page
            # faster, nor did 16 MB with 128 MB mapped, with four times the memory.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-1000;"
            ),
        }
    else:
        # As on SQLite, a lock is waited for 20 seconds; the server itself, 5.
        options: dict[str, object] = {"connect_timeout": 5, "options": "-c lock_timeout=20s"}
        # Its machine may vanish without a word. After 20 seconds (20,000 thousandths) that is noticed; Linux by itself
        # would take a quarter of an hour or two hours.
        options |= {"keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
        own = chosen.get("OPTIONS")
        chosen["OPTIONS"] = options | own if isinstance(own, dict) else options
        chosen["CONN_MAX_AGE"] = 60
        chosen["CONN_HEALTH_CHECKS"] = True
    return chosen


DATABASES = {"default": database(_address("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'ardsinfo.sqlite3'}"))}

# Where `manage.py backup` writes. `manage.py check --deploy` looks there for a new one.
_backups = env.str("ARDSINFO_BACKUP_FOLDER", default="")
if _backups and not Path(_backups).is_absolute():
    raise _stop("ARDSINFO_BACKUP_FOLDER", _backups, "Write the whole path of a folder, such as /var/backups/ardsinfo.")
BACKUP_FOLDER = Path(_backups) if _backups else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "ardsinfo.apps.EditorsAdminConfig",  # Django's admin, with the editors' desk
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django_filters",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "trials",
]

MIDDLEWARE = [
    "trials.copies.middleware",  # outside all others, whose headers a copy has already
    "ardsinfo.request_id.middleware",
    "ardsinfo.health.middleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "ardsinfo.middleware.headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",  # this far out for redirects and static files too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ardsinfo.middleware.maintenance",
    "ardsinfo.middleware.no_nul",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "trials.accounts.middleware.require_second_factor",
    "trials.accounts.middleware.never_cache_account_pages",
]

ROOT_URLCONF = "ardsinfo.urls"
WSGI_APPLICATION = "ardsinfo.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ardsinfo.context.site",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Who comes in (trials/accounts, docs/running.md) ----------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_ENGINE = "ardsinfo.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ALLAUTH_TRUSTED_PROXY_COUNT = _proxy_count()
ACCOUNT_ADAPTER = "trials.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "trials.accounts.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]  # nobody signs up; allauth checks that they fit
ACCOUNT_EMAIL_VERIFICATION = "none"  # site administrators enter the addresses
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a changed password or second factor, to its owner
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[ARDSinfo] "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # or anybody could have this site write to anybody
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ACCOUNT_LOGOUT_REDIRECT_URL = "trials:overview"
ACCOUNT_SESSION_REMEMBER = False
# By address (ip), or by address and account together: the adapter puts the address into the key of "login_failed".
# Nothing that a stranger can do counts against an account alone, or he could keep its owner out.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/5m/ip,5/5m/key",
    "reset_password": "5/m/ip,20/h/ip",
    "reset_password_from_key": "20/m/ip",
}
MFA_ADAPTER = "trials.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "ARDSinfo"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow passkeys on https and on http://localhost alone

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# --- What a browser is told to refuse -------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0  # two years, as the preload list asks
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY else None
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# A host beside this one can set no cookie of such a name here, and so none that makes its forged form look right.
# (A session that it sets is worth nothing to it: the log-in gives it a new key.)
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "trials.admin.kept.csrf_failure"  # which keeps what an editor typed
# The form of a study has a dozen fields for each of its sources, and a study has hundreds of sources.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- What is written down when something goes wrong (ardsinfo/logs.py) -----------------------------------------
_log = env.str("ARDSINFO_LOG", default="")
if _log not in ("", "json", "lines"):
    raise _stop("ARDSINFO_LOG", _log, "Write json or lines, or leave it out.")
LOGGING = logs.configuration(_log)
logging.captureWarnings(True)
if _error_email := _email_address("ARDSINFO_ERROR_EMAIL"):
    ADMINS = [("", _error_email)]
    LOGGING["handlers"]["mail"] = {"()": "ardsinfo.error_mail.Handler"}
    LOGGING["root"]["handlers"].append("mail")
