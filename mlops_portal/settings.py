"""One file of settings, twelve-factor; .env.example names every variable."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC
from django.core.exceptions import ImproperlyConfigured

from mlops_portal.running.secret_files import new_secret

# Generic forms, managers and views may be subscripted at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules
CHECKING = TESTING or "mypy" in sys.modules  # mypy's Django plugin reads settings
env = environ.Env()
if (BASE_DIR / ".env").is_file() and not TESTING:
    env.read_env(BASE_DIR / ".env")

VAR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()


def secret(name: str) -> str:
    """Return a secret from the environment, or from the file first start made."""
    if value := str(env.str(name, default="")):
        return value
    path = VAR / "secrets" / name.lower()
    if path.is_file():
        return path.read_text().strip()
    if "runportal" in sys.argv:
        return new_secret(path)
    if CHECKING or {"check", "makemigrations", "collectstatic", "spectacular"} & set(
        sys.argv
    ):
        return "only-for-checks-and-tests-" + name * 3
    raise ImproperlyConfigured(
        f"{name} is not set and {path} does not exist. "
        f"Set {name}, or start once with `make run`, which makes it."
    )


SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
TLS = env.bool("TLS", default=False)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=TLS)
BIND = env.str("BIND", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
WEB_WORKERS = env.int("WEB_WORKERS", default=2)
WEB_THREADS = env.int("WEB_THREADS", default=4)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
# A link to this machine opens on no other one, and the pages say so.
PUBLIC_URL_IS_LOCAL = (urlsplit(PUBLIC_URL).hostname or "") in {
    "localhost",
    "127.0.0.1",
    "::1",
}
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])
FORCE_SCRIPT_NAME = env.str("PATH_PREFIX", default="") or None
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS must name hosts; '*' would let any Host header in."
    )

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "core",
    "projects",
    "dataquality",
    "experiments",
    "mlops_portal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.SecurityHeadersMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "core.middleware.ActorMiddleware",
    "core.middleware.UnsafeMethodsAtomic",
]
ROOT_URLCONF = "mlops_portal.urls"
WSGI_APPLICATION = "mlops_portal.wsgi.application"
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
                "mlops_portal.context.project_rooms",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database: SQLite embedded, PostgreSQL by URL. IMMEDIATE takes the write lock at once.
DATABASES: dict[str, Any] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'portal.sqlite3'}")
}
database = DATABASES["default"]
if database["ENGINE"].endswith("sqlite3"):
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
    # A file, as in production: an SQLite in memory locks differently.
    database["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
else:
    database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "core.accounts.PortalAccountAdapter"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nor are strangers mailed on request
# Django's own: allauth's would write to the database when a link is only looked at.
DJANGO_TOKENS = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = DJANGO_TOKENS
# How many proxies add to X-Forwarded-For; rate limits count the address before them.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXIES", default=1 if BEHIND_PROXY else 0)
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "5/m/ip,5/5m/key", "login": "30/m/ip"}
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG["EMAIL_HOST"]
EMAIL_PORT = EMAIL_CONFIG["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL_CONFIG["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = EMAIL_CONFIG["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = bool(EMAIL_CONFIG.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(EMAIL_CONFIG.get("EMAIL_USE_SSL"))
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="portal@localhost")
# Mail to a console reaches nobody: pages must not say that it was sent.
MAIL_CONFIGURED = EMAIL_BACKEND.rsplit(".", 2)[-2] not in {"dummy", "console"}
# Hosts that webhooks may tell although they lie in a network of our own.
OUTGOING_HOSTS = env.list("OUTGOING_HOSTS", default=[])

# Sessions, cookies, transport
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if TLS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

# Language and time
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Sums over projects of several currencies are said in this one.
REPORTING_CURRENCY = env.str("REPORTING_CURRENCY", default="EUR")
if not (
    len(REPORTING_CURRENCY) == 3
    and REPORTING_CURRENCY.isascii()
    and REPORTING_CURRENCY.isalpha()
    and REPORTING_CURRENCY.isupper()
):
    raise ImproperlyConfigured(
        f"REPORTING_CURRENCY is {REPORTING_CURRENCY!r}: "
        "write it as three capitals, such as EUR."
    )

# Files of the interface
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR / "static")))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.bool("COMPRESS_STATIC", default=False)
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
# A test's client starts the middleware anew; it must not look through all files each time.
WHITENOISE_AUTOREFRESH = TESTING or DEBUG

# Stored objects: local disk by default, an S3-compatible store by OBJECT_BUCKET.
OBJECT_DIR = VAR / "objects"
OBJECT_BUCKET = env.str("OBJECT_BUCKET", default="")
if OBJECT_BUCKET:
    STORAGES["objects"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": OBJECT_BUCKET,
            "endpoint_url": env.str("OBJECT_ENDPOINT", default="") or None,
            "file_overwrite": True,
        },
    }
WORK_DIR = VAR / "work"
UPLOAD_LIMIT = env.int("UPLOAD_LIMIT_BYTES", default=2 * 1024**3)
# Files beyond this come in parts of this size, and go on where they broke off.
UPLOAD_PART = env.int("UPLOAD_PART_BYTES", default=8 * 1024**2)
# What one statement of a source's query may take.
SOURCE_STATEMENT_SECONDS = env.int("SOURCE_STATEMENT_SECONDS", default=300)
SOURCE_ROWS = env.int("SOURCE_ROWS", default=50_000_000)
PROJECT_QUOTA = env.int("PROJECT_QUOTA_BYTES", default=20 * 1024**3)
DISK_RESERVE = env.int("DISK_RESERVE_BYTES", default=512 * 1024**2)

# Jobs
CELERY_BROKER_URL = env.str("BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Ticks count too, and a new process imports the engine again; jobs run in children.
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
    # Of a publisher: a page must not wait for a broker that is away.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
WORKER_CONCURRENCY = env.int(
    "WORKER_CONCURRENCY", default=max(2, min(8, os.cpu_count() or 2))
)
# What the training of one model may use.
TRAIN_MEMORY_MB = env.int("TRAIN_MEMORY_MB", default=2048)
TRAIN_WALL_SECONDS = env.int("TRAIN_WALL_SECONDS", default=1800)
TRAIN_THREADS = env.int("TRAIN_THREADS", default=1)
# Address of a Dask scheduler that profiles tables beyond memory; its workers see the
# same folders under the same paths.
PROFILE_DASK = env.str("PROFILE_DASK", default="")
# Prints one-pagers; empty: one of the usual names, if it is installed.
CHROMIUM = env.str("CHROMIUM", default="")
EXAMPLE = env.bool("EXAMPLE", default=True)
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=60.0)
JOB_TICK_SECONDS = env.float("JOB_TICK_SECONDS", default=10.0)
JOB_MAX_LOSSES = 3
JOB_BACKOFF_CAP_SECONDS = 60
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_BEAT_SCHEDULE = {
    name: {
        "task": name,
        "schedule": seconds,
        "options": {"expire_seconds": max(1, round(seconds))},
    }
    for name, seconds in {
        "core.jobs.reconcile": JOB_TICK_SECONDS,
        "core.audit.seal": 5.0,
        "core.outgoing.send_due": JOB_TICK_SECONDS,
        "core.jobs.tidy": 600.0,
        "core.objects.sweep": 3600.0,
        "core.trash.empty": 86_400.0,
        "core.rows.expire": 86_400.0,
        "projects.rounds.close": 60.0,
        "dataquality.watch": 300.0,
        "dataquality.sources.fetch_due": 60.0,
        "dataquality.uploads.expire": 86_400.0,
    }.items()
}

# Cache: shared by the web processes, so that rate limits count together.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if TESTING
    else {
        "BACKEND": "core.cache.PatientCache",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        "LOCATION": env.str(
            "CACHE_URL", default=CELERY_BROKER_URL.rsplit("/", 1)[0] + "/1"
        ),
    }
}

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.TokenAuthentication",
        "core.api.authentication.PersonAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.PortalPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.PortalSchema",
    "DEFAULT_THROTTLE_CLASSES": []
    if TESTING
    else ["core.api.throttling.ActorThrottle"],
    "DEFAULT_THROTTLE_RATES": {"actor": env.str("API_RATE", default="20/s")},
    "EXCEPTION_HANDLER": "core.api.problems.problem_details",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MLOps Portal",
    "DESCRIPTION": "Value, requirements, metrics, data, experiments and decisions of ML projects.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    # Choices of the same column name; without names of ours theirs end in digests.
    "ENUM_NAME_OVERRIDES": {
        "CapacityEnum": "projects.models.Stakeholder.Capacity",
        "GateEnum": "projects.models.GateKey",
        "MitigationStateEnum": "dataquality.models.Mitigation.State",
        "RealisedMethodEnum": "projects.models.RealisedValue.Method",
        "RequirementKindEnum": "projects.models.Requirement.Kind",
        "RequirementStateEnum": "projects.selectors.requirements.State",
        "RunStatusEnum": "experiments.models.Run.Status",
    },
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
SILENCED_SYSTEM_CHECKS = (
    [] if TLS else ["security.W004", "security.W008", "security.W012", "security.W016"]
)
VAR.mkdir(mode=0o700, parents=True, exist_ok=True) if os.access(
    VAR.parent, os.W_OK
) else None
