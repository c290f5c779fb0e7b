"""Every setting. What differs from site to site is read from the environment; `.env.example` lists the variables."""

import os
from pathlib import Path
from urllib.parse import quote, urlsplit

from csp.constants import NONE, SELF
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

from ardsinfo import environment
from ardsinfo.logging import configuration
from ardsinfo.static import weak_etag

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # the database, unless DATABASE_URL names another, and the secret key of `make serve`
if "DATABASE_URL" not in os.environ and "DATABASE_URL_FILE" not in os.environ:
    VAR_DIR.mkdir(mode=0o700, exist_ok=True)  # the database holds hashes of passwords

environment.refuse_unknown(os.environ)
DEBUG = environment.boolean("ARDSINFO_DEBUG")
MAINTENANCE = environment.boolean("ARDSINFO_MAINTENANCE")
TRUSTED_PROXY = environment.boolean("ARDSINFO_TRUSTED_PROXY")  # without one, anyone could forge X-Forwarded-Proto
REQUIRE_SECOND_FACTOR = environment.boolean("ARDSINFO_REQUIRE_SECOND_FACTOR")
SECRET_KEY = environment.secret_key(DEBUG)

# --- The address ----------------------------------------------------------------------------------------------
# Hosts, cookies, HTTPS and canonical links follow from it.
SITE_URL = environment.site_url()
_site = urlsplit(SITE_URL)
HTTPS = _site.scheme == "https"
_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [_site.hostname, *(_LOOPBACK if _site.hostname in _LOOPBACK else [])]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- E-mail ---------------------------------------------------------------------------------------------------
CONTACT_EMAIL = environment.email_address("ARDSINFO_CONTACT_EMAIL")
DEFAULT_FROM_EMAIL = environment.email_address("ARDSINFO_FROM_EMAIL") or CONTACT_EMAIL or f"ardsinfo@{_site.hostname}"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = "[ARDSinfo] "
EMAIL_TIMEOUT = 10  # seconds
_email = environment.email(public=HTTPS)
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"] or "", _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _email.get("EMAIL_USE_TLS", False), _email.get("EMAIL_USE_SSL", False)

# --- Data -----------------------------------------------------------------------------------------------------
DATABASES = {"default": environment.database(f"sqlite:///{quote(str(VAR_DIR / 'ardsinfo.sqlite3'))}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_backups = environment.text("ARDSINFO_BACKUP_FOLDER")
if _backups and not Path(_backups).is_absolute():
    raise ImproperlyConfigured("ARDSINFO_BACKUP_FOLDER must be a whole path, such as /var/backups/ardsinfo.")
BACKUP_FOLDER = Path(_backups) if _backups else None

DATASET_FOLDER = VAR_DIR / "dataset"  # where `export_dataset` writes, and /data/ links to

CACHES = {
    # The limits of the log-in: every process and machine counts in the same table. Django's 300 entries would let a
    # stranger push out the count of one name by trying many others.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "trials_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Rendered pages (page_cache.py), in the memory of each process: 4 MB when full, or 20 if every
    # page is asked for uncompressed.
    "pages": {
        "BACKEND": f"django.core.cache.backends.{'dummy.DummyCache' if DEBUG else 'locmem.LocMemCache'}",
        "LOCATION": "pages",
        "TIMEOUT": 60,  # seconds
        "OPTIONS": {"MAX_ENTRIES": 300},
    },
}
PAGE_CACHE_VERSION = "trials.workflow.versions.content_version"

INSTALLED_APPS = [
    "ardsinfo",
    "trials.apps.EditorsAdminConfig",  # Django's admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django_filters",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_guid",
    "trials.apps.TrialsConfig",
]

MIDDLEWARE = [
    "ardsinfo.middleware.negotiation",
    "ardsinfo.page_cache.middleware",  # outside of the others: a cached page has all their headers
    "django_guid.middleware.guid_middleware",
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
]

ROOT_URLCONF = "ardsinfo.urls"
WSGI_APPLICATION = "ardsinfo.wsgi.application"
TEST_RUNNER = "ardsinfo.test_runner.PytestRunner"

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
                "trials.presenters.menu.site_links",
                "trials.presenters.prose.explainer",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Log-in (trials/accounts, docs/running.md) -------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUSTED_PROXY else 0  # deploy/nginx.conf names one address, the reader's
ACCOUNT_ADAPTER = "trials.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "trials.accounts.forms.LoginForm",
    "reset_password": "trials.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "trials.accounts.forms.ResetPasswordKeyForm",
    "change_password": "trials.accounts.forms.ChangePasswordForm",
    "set_password": "trials.accounts.forms.SetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]  # allauth wants them, though sign-up is closed
ACCOUNT_EMAIL_VERIFICATION = "none"  # site administrators enter the addresses
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a changed password or second factor, to its owner
ACCOUNT_EMAIL_SUBJECT_PREFIX = EMAIL_SUBJECT_PREFIX
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a stranger could make the site send mail to any address
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ACCOUNT_SESSION_REMEMBER = False
# By address (ip), or by address and account together: the adapter puts the address into the key of "login_failed".
# A count by account alone would let a stranger lock its owner out.
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
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # for http://localhost

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = ["ardsinfo.formats"]
TIME_ZONE = "Europe/London"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
_MANIFEST, _PLAIN = "whitenoise.storage.CompressedManifestStaticFilesStorage", global_settings.STORAGES["staticfiles"]
STORAGES = global_settings.STORAGES | {"staticfiles": _PLAIN if DEBUG else {"BACKEND": _MANIFEST}}
WHITENOISE_ADD_HEADERS_FUNCTION = weak_etag
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# --- Security headers and cookies -----------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{name: [NONE] for name in ("default-src", "base-uri", "frame-ancestors")},
        **{name: [SELF] for name in ("script-src", "style-src", "img-src", "connect-src", "form-action")},
    }
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$"]  # a load balancer asks over plain HTTP
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0  # two years, as the preload list asks
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY else None
SESSION_COOKIE_SECURE = HTTPS
# A neighbouring host cannot set a cookie with the prefix __Host-.
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "trials.admin.form_store.csrf_failure"  # which stores the form of an editor
# The form of a study has a dozen fields for each of its many sources.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- The log --------------------------------------------------------------------------------------------------
ADMINS = [("", address) for address in [environment.email_address("ARDSINFO_ERROR_EMAIL")] if address]
LOGGING = configuration(mail=bool(ADMINS))
DJANGO_GUID = {"GUID_HEADER_NAME": "X-Request-ID", "EXPOSE_HEADER": False}
