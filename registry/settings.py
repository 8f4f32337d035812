"""The one place that reads the environment.

SIMPUL_MODE is ``development`` (manage.py), ``demo`` (make demo) or ``production`` (the default of wsgi.py).
In production the product refuses to start with a default secret, with DEBUG, or with a superuser
database role (see registry/checks.py for the last).
"""

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
import pghistory
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from registry import embedded_postgres, headers

BASE_DIR = Path(__file__).resolve().parent.parent

MODE = os.environ.get("SIMPUL_MODE", "development")
if MODE not in {"development", "demo", "production"}:
    raise ImproperlyConfigured(f"SIMPUL_MODE must be development, demo or production, not {MODE!r}.")
IS_PRODUCTION = MODE == "production"
IS_DEMO = MODE == "demo"

DEFAULT_SECRET_KEY = "only-for-development-and-demo"  # noqa: S105 - refused in production, below
SECRET_KEY = os.environ.get("SIMPUL_SECRET_KEY", DEFAULT_SECRET_KEY)
DEBUG = os.environ.get("SIMPUL_DEBUG", "1" if MODE == "development" else "0") == "1"
ALLOWED_HOSTS = os.environ.get("SIMPUL_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if IS_PRODUCTION and host != "*"]

if IS_PRODUCTION and (SECRET_KEY == DEFAULT_SECRET_KEY or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured(
        "In production SIMPUL_SECRET_KEY must be your own, at least 50 characters long."
    )
if IS_PRODUCTION and DEBUG:
    raise ImproperlyConfigured("In production SIMPUL_DEBUG must be 0.")

if IS_PRODUCTION and not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured("In production DATABASE_URL must name a PostgreSQL server.")

# The keys that seal identity numbers (registry/seals.py): never in the database, its dumps or the repository.
KEY_FILE = os.environ.get("SIMPUL_KEY_FILE", "")
if IS_PRODUCTION and not KEY_FILE:
    raise ImproperlyConfigured(
        "In production SIMPUL_KEY_FILE must name the key file: manage.py make_keys PATH makes one."
    )

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "registry.admin_apps.SimpulAdminConfig",
    "registry",  # before django.contrib.auth: its changepassword goes first
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "households",
    "programs",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "registry.middleware.request_context",
    "registry.middleware.security_headers",
    "registry.middleware.page_methods",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "registry.middleware.people_scope",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "registry.sessions.session_limits",
    "registry.sessions.SignInSteps",
    "registry.parameters.StrictParameters",
    "registry.middleware.Unrecorded",
]

ROOT_URLCONF = "registry.urls"
WSGI_APPLICATION = "registry.wsgi.application"
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
                "registry.views.site",
            ],
            "builtins": ["registry.templatetags.simpul"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or embedded_postgres.address(),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
DATABASES["default"]["OPTIONS"] = {"options": "-c jit=off"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = ["registry.permissions.RoleBackend"]
# Messages name people: kept in the session on the server, not in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Sign-in: sources in docs/sign-in.md; registry/sign_in_checks.py warns of weaker choices in production.
SIGN_IN_FREE_FAILURES, SIGN_IN_LOCK_FAILURES, SIGN_IN_ADDRESS_FAILURES = 5, 10, 50
SIGN_IN_WINDOW, SIGN_IN_LOCK = timedelta(minutes=15), timedelta(minutes=30)
SIGN_IN_PAUSE = timedelta(seconds=15)  # doubled with each further failure
SECOND_FACTOR = IS_PRODUCTION or os.environ.get("SIMPUL_SECOND_FACTOR", "0") == "1"
SESSION_IDLE, SESSION_LONGEST = timedelta(minutes=30), timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())
RULES = os.environ.get("SIMPUL_PASSWORD_RULES", "bssn")
if RULES not in {"bssn", "asvs"}:
    raise ImproperlyConfigured(f"SIMPUL_PASSWORD_RULES must be bssn or asvs, not {RULES!r}.")
BSSN_PASSWORDS = RULES == "bssn" and not IS_DEMO
PASSWORD_LONGEST_LIFE = timedelta(days=180) if BSSN_PASSWORDS else None
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "registry.passwords.LengthValidator", "OPTIONS": {"shortest": 12, "longest": 128}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "registry.passwords.ContextWordsValidator"},
]
if BSSN_PASSWORDS:
    AUTH_PASSWORD_VALIDATORS += [
        {"NAME": "registry.passwords.CharacterKindsValidator"},
        {"NAME": "registry.passwords.FormerPasswordsValidator", "OPTIONS": {"kept": 5}},
    ]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script of ours reads the cookie
if IS_PRODUCTION:
    # Browsers take a cookie of this name only over TLS and only from this very host.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_SECURE = "__Host-language", True
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_PRODUCTION
BEHIND_PROXY = os.environ.get("SIMPUL_BEHIND_PROXY", "0") == "1"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

# Indonesian first. Names of months, dates and numbers as people in Tenggarong write and type them.
LANGUAGE_CODE = "id"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "registry" / "locale"]
FORMAT_MODULE_PATH = ["registry.formats"]
TIME_ZONE = "Asia/Makassar"
USE_TZ = True
# Only where a template asks for it: otherwise years and codes would be printed as 2.026.
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".local" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ADD_HEADERS_FUNCTION = headers.on_static_file
WHITENOISE_ALLOW_ALL_ORIGINS = False
if not DEBUG:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# Uploaded workbooks hold people's data: outside the static root, never served.
MEDIA_ROOT = Path(os.environ.get("SIMPUL_FILES", BASE_DIR / ".local" / "files"))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "registry.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_MAX_BYTES = 25 * 1024 * 1024

# How many identity numbers one person may see in full within an hour.
FULL_VIEWS_PER_HOUR = int(os.environ.get("SIMPUL_FULL_VIEWS_PER_HOUR", "60"))
# A file outside the database, best on another machine, to which each day's seals of the trails are added.
TRAIL_HEADS = Path(os.environ["SIMPUL_TRAIL_HEADS"]) if os.environ.get("SIMPUL_TRAIL_HEADS") else None
# Rights of the person (docs/rights.md). The list of erasures lies outside the database and its backups.
CLOSED_YEARS = int(os.environ.get("SIMPUL_CLOSED_YEARS", "5"))
ERASURES_FILE = Path(os.environ.get("SIMPUL_ERASURES_FILE", BASE_DIR / ".local" / "erasures.jsonl"))
DATA_PROTECTION_CONTACT = os.environ.get("SIMPUL_DATA_PROTECTION_CONTACT", "")

# The regency this installation serves: where area look-ups begin when a file names no regency.
HOME_REGENCY = os.environ.get("SIMPUL_REGENCY", "64.02")
PLACE = os.environ.get("SIMPUL_PLACE", "Kabupaten Kutai Kartanegara")

# One JSON object a line. In development Django's own words are easier to read.
if IS_PRODUCTION:
    LOGGING = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "registry.logs.JsonLine"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        # Refusals are in the line of their request.
        "loggers": {"django": {"handlers": [], "level": "ERROR", "propagate": True}},
    }

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.authentication.BearerTokenAuthentication",
        "registry.api.authentication.BasicTokenAuthentication",
        "registry.api.authentication.VerifiedSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.api.authentication.RolePermission"],
    "DEFAULT_PAGINATION_CLASS": "registry.api.pages.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["registry.api.filters.StrictFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["registry.api.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "registry.api.errors.problem",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
    "NUM_PROXIES": int(BEHIND_PROXY),
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Simpul API",
    "DESCRIPTION": "Areas, households, poverty statuses, programmes, target lists and realisations.",
    "VERSION": "v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
}

# History keeps the row as it was before each change; the deed that changed it rides along as JSON.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_constraint=False)
PGHISTORY_DEFAULT_TRACKERS = (
    pghistory.UpdateEvent(label="change", row=pghistory.Old),
    pghistory.DeleteEvent(label="delete"),
)
PGHISTORY_APPEND_ONLY = True

UNFOLD = {
    "SITE_TITLE": "Simpul",
    "SITE_HEADER": "Simpul",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("img/favicon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/favicon.svg")}
    ],
    "STYLES": [lambda request: static("css/admin.css")],
    "SCRIPTS": [lambda request: static("js/admin.js")],
    "THEME": "light",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
}
