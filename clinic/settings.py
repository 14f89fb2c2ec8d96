"""Django's settings, made from `clinic.env`. A wrong value ends the process with one sentence and no stack trace."""

import os
import secrets
from pathlib import Path
from typing import Any

from clinic import env

BASE_DIR = env.BASE_DIR

try:
    ENV = env.load()
except env.SettingError as error:
    raise SystemExit(str(error)) from None

VAR_DIR: Path = ENV["VAR_DIR"]


def _var_dir() -> None:
    try:
        VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"The folder {VAR_DIR} (setting VAR_DIR) cannot be used: {error.strerror}.") from None


def _secret_key() -> str:
    """Return the secret of this installation, made at the first start; two processes that start at once agree."""
    file = VAR_DIR / "secret_key"
    try:
        if not file.exists():
            draft = VAR_DIR / f"secret_key.{os.getpid()}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                stream.write(secrets.token_urlsafe(64))
            try:
                os.link(draft, file)
            except FileExistsError:
                pass
            draft.unlink()
        return file.read_text()
    except OSError as error:
        raise SystemExit(f"The secret in {file} (setting SECRET_KEY) cannot be used: {error.strerror}.") from None


def _database() -> dict[str, Any]:
    """Return the one database: SQLite in the var folder unless DATABASE_URL names another."""
    database: dict[str, Any] = dict(ENV["DATABASE_URL"]) or {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(VAR_DIR / "clinic.sqlite3"),
    }
    # Requests run in threads of their own under ASGI; the long-lived pools keep their connections themselves.
    database |= {"CONN_MAX_AGE": 0, "ATOMIC_REQUESTS": False}
    if database["ENGINE"].endswith("sqlite3"):
        database["NAME"] = str(BASE_DIR / database["NAME"])
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
            # What is erased is overwritten with zeros.
            " PRAGMA secure_delete=ON;",
        }
        # Threads of a test share the database as processes do: as a file.
        database["TEST"] = {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3")}
    return database


_var_dir()
SECRET_KEY: str = ENV["SECRET_KEY"] or _secret_key()
DEBUG: bool = ENV["DEBUG"]
ALLOWED_HOSTS: list[str] = ENV["ALLOWED_HOSTS"]
ALLOWED_ORIGINS: list[str] = ENV["ALLOWED_ORIGINS"]
CSRF_TRUSTED_ORIGINS: list[str] = []
RASA_URL: str = ENV["RASA_URL"]
TURN_TIMEOUT_SECONDS: int = ENV["TURN_TIMEOUT_SECONDS"]
# A turn may take the time limit to its first byte and once more to its last; a lease outlives both.
TURN_LEASE_SECONDS: int = 2 * TURN_TIMEOUT_SECONDS + 4
TURN_THREADS = 8
# The work is short and takes turns at one interpreter and one writer: more threads only get in each other's way.
API_THREADS = 2
MEASURING_KEY: str = ENV["MEASURING_KEY"]
# Where staff reach the pages that an alert links to.
PUBLIC_URL: str = ENV["PUBLIC_URL"] or f"http://127.0.0.1:{ENV['PORT']}"
ALERT_EMAILS: list[str] = ENV["ALERT_EMAILS"]
OUTBOX_DIR = VAR_DIR / "outbox"
EMAIL_HOST: str = ENV["EMAIL_URL"].get("host", "localhost")
EMAIL_PORT: int = ENV["EMAIL_URL"].get("port", 25)
EMAIL_HOST_USER: str = ENV["EMAIL_URL"].get("user", "")
EMAIL_HOST_PASSWORD: str = ENV["EMAIL_URL"].get("password", "")
EMAIL_USE_TLS: bool = ENV["EMAIL_URL"].get("scheme") == "submission"
EMAIL_USE_SSL: bool = ENV["EMAIL_URL"].get("scheme") == "smtps"
DEFAULT_FROM_EMAIL: str = ENV["EMAIL_FROM"]
EMAIL_TIMEOUT = 10
DOMAIN_FILE = BASE_DIR / "domain.yml"
CLINIC_REGION: str = ENV["CLINIC_REGION"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "clinic.accounts",
    "clinic.audit",
    "clinic.practice",
    "clinic.conversations",
    "clinic.outbox",
    "clinic.alerting",
    "clinic.contacts",
    "clinic.handoffs",
    "clinic.bookings",
    "clinic.casework",
    "clinic.queue",
    "clinic.privacy",
    "clinic.visitors",
    "clinic.widget",
    "clinic.numbers",
    "clinic.demo",
    "clinic.staff",
]
# The visitor API is an ASGI application of its own (clinic/asgi.py); these serve the pages.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "clinic.visitors.files.StaticFiles",
    "clinic.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.audit.refusals.Refusals",
    "clinic.accounts.sessions.SessionLimits",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "clinic.urls"
ASGI_APPLICATION = "clinic.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "widget"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.staff.navigation.frame",
            ]
        },
    }
]
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Only counters of the rate limits live here; a full cache must not forget them early.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/staff/login/"
LOGIN_REDIRECT_URL = "/staff/"
LOGOUT_REDIRECT_URL = "/staff/login/"
# Staff are invited by a colleague, come in by name and password, and then by a code of their second factor. Nobody
# signs up, and no mail ever resets a password: an administrator hands out a link.
ACCOUNT_ADAPTER = "clinic.staff.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/15m/ip,8/15m/key"}
MFA_ADAPTER = "clinic.staff.adapters.SecondFactor"
MFA_FORMS = {"authenticate": "clinic.staff.factor.CodeForm", "reauthenticate": "clinic.staff.factor.ConfirmForm"}
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A clock may be wrong by one period of 30 seconds; a code works once all the same (clinic/staff/factor.py).
MFA_TOTP_TOLERANCE = 1

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
# The few static files are served from where they stand; there is nothing to collect.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Behind TLS, cookies never leave it, belong to this host alone, and browsers do not come back without it.
_HAS_TLS = PUBLIC_URL.startswith("https://")
STAFF_IDLE_MINUTES: int = ENV["LIMIT_STAFF_IDLE_MINUTES"]
STAFF_SESSION_HOURS: int = ENV["LIMIT_STAFF_SESSION_HOURS"]
SESSION_COOKIE_NAME = "__Host-staff" if _HAS_TLS else "staff"
SESSION_COOKIE_SECURE = _HAS_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = STAFF_SESSION_HOURS * 3600
CSRF_COOKIE_NAME = "__Host-csrf" if _HAS_TLS else "csrf"
CSRF_COOKIE_SECURE = _HAS_TLS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HAS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HAS_TLS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

# Nothing that a visitor or staff typed is ever handed to a logger; requests are logged without query or body.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.db.backends": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
