"""Django settings: one file, every difference between installations is an environment value (HUYING_…)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from huying.config import env

SOURCE = Path(__file__).resolve().parent.parent
DATA = env.folder("DATA", SOURCE.parent.parent / "var" / "data")

DEBUG = False
DEMO = env.flag("DEMO")
BEHIND_TLS = env.flag("BEHIND_TLS")
SECRET_KEY = env.secret("SECRET_KEY", DATA)
ALLOWED_HOSTS = env.words("HOSTS", "localhost 127.0.0.1 [::1]")
CSRF_TRUSTED_ORIGINS = env.words("TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "huying.config",
    "huying.cockpit",
    "huying.packs",
    "huying.calls",
    "huying.activities",
    "huying.points",
    "huying.volunteers",
    "huying.people",
    "huying.ledger",
    "huying.figures",
    "huying.places",
    "huying.ui",
    "huying.kernel",
    "procrastinate.contrib.django",
    "django_htmx",
    "django_vite",
    "template_partials",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "huying.ui.headers.PermissionsPolicyMiddleware",
    "huying.ui.compression.CompressionMiddleware",  # outside everything that writes a body
    "huying.ui.outbox.OutboxMiddleware",
    "huying.kernel.errors.ErrorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "huying.config.middleware.ActorMiddleware",
    "huying.config.middleware.IdleMiddleware",
    "huying.kernel.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "huying.config.urls"
WSGI_APPLICATION = "huying.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huying.ui.context.ui",
                "huying.people.views.session.context",
            ],
        },
    }
]

FORM_RENDERER = "huying.ui.inputs.Inputs"

# ── database ────────────────────────────────────────────────────────────────
# Two roles: the application owns nothing; migrations run as the owner (HUYING_AS_OWNER=1).
_app_url = env.text("DATABASE_URL", "postgresql://huying_app@/huying")
_owner_url = env.text("OWNER_DATABASE_URL", _app_url)
DATABASES = {"default": env.database(_owner_url if env.flag("AS_OWNER") else _app_url)}
DATABASES["default"].update(
    CONN_MAX_AGE=None,
    CONN_HEALTH_CHECKS=True,
    DISABLE_SERVER_SIDE_CURSORS=False,
    TEST={"NAME": None},
)
# Limits of one statement, one wait for a lock, one idle transaction (milliseconds); jobs and migrations set their own.
DATABASE_LIMITS = {
    "statement_timeout": env.number("STATEMENT_TIMEOUT_MS", 15_000),
    "lock_timeout": env.number("LOCK_TIMEOUT_MS", 5_000),
    "idle_in_transaction_session_timeout": env.number("IDLE_TRANSACTION_TIMEOUT_MS", 30_000),
}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", "5")
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5  # lets kernel/prepared.py prepare; Django itself does not
DATABASES["default"]["OPTIONS"]["options"] = " ".join(f"-c {k}={v}" for k, v in DATABASE_LIMITS.items())
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── people ──────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "people.Account"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = ["huying.people.queries.accounts.Backend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "huying.people.rules.passwords.HardToGuess"}]
LOGIN_URL = "/people/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
HUYING_AGAIN_URL = "/figures/feeds/again/"  # where a list is had as a file again and again
HUYING_CONFIRM_URL = "/people/confirm/"  # where somebody shows once more that it is him
SESSION_ENGINE = "huying.kernel.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# ── language and time ───────────────────────────────────────────────────────
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [SOURCE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ── files ───────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
BUILT = SOURCE / "ui" / "built"
STATIC_ROOT = Path(env.text("STATIC_ROOT") or DATA / "static")
STATICFILES_DIRS = [BUILT] if BUILT.exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "files": env.storage("FILES", "huying.kernel.attachments.storage.FolderStorage", {"location": DATA / "files"}),
}
MEDIA_ROOT = DATA / "files"
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": BUILT / "manifest.json", "static_url_prefix": ""}}
WHITENOISE_IMMUTABLE_FILE_TEST = lambda path, url: bool(re.match(r"^.+-[\w-]{8}\.\w+$", url))  # noqa: E731 - a setting
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1500  # a rule book of a hundred items has 1,300
FILE_UPLOAD_HANDLERS = [
    "huying.kernel.uploads.TotalLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# ── browser security ────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

# ── jobs ────────────────────────────────────────────────────────────────────
PROCRASTINATE_DATABASE_ALIAS = "default"
# Seconds: a worker's sign of life, the silence after which its jobs go to another, how often that is looked after.
HUYING_HEARTBEAT = env.number("HEARTBEAT", 5)
HUYING_STALLED_AFTER = env.number("STALLED_AFTER", 20)
HUYING_HEAL_EVERY = env.number("HEAL_EVERY", 10)
# A failing job is tried so often, after 2, 4, 8 … seconds, before it lies on the page of stuck jobs.
HUYING_JOB_TRIES = env.number("JOB_TRIES", 10)
HUYING_JOB_WAIT = env.number("JOB_WAIT", 2)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"mask": {"()": "huying.kernel.masking.MaskFilter"}},  # numbers of people stay out of the logs
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"

# ── Huying's own ────────────────────────────────────────────────────────────
CSRF_FAILURE_VIEW = "huying.kernel.errors.csrf_failure"
# Pictures that people upload: bytes, pixels, and the longest side of what is kept and of its small copy.
HUYING_UPLOAD_BYTES = env.number("UPLOAD_BYTES", 20 * 1024 * 1024)
HUYING_UPLOAD_PIXELS = env.number("UPLOAD_PIXELS", 50_000_000)
HUYING_PICTURE_SIDE = env.number("PICTURE_SIDE", 2048)
HUYING_PICTURE_SMALL_SIDE = env.number("PICTURE_SMALL_SIDE", 480)
HUYING_REQUEST_BYTES = env.number("REQUEST_BYTES", 100 * 1024 * 1024)  # all files of one request together
HUYING_IMPORT_BYTES = env.number("IMPORT_BYTES", 20 * 1024 * 1024)  # tables and maps that people hand in
# How many sealed values one person may open in a day; over it the request is refused and the trail gets an alarm.
HUYING_REVEALS_PER_DAY = env.number("REVEALS_PER_DAY", 200)
# Signs the Open Badges of certificates; whoever changes it makes the badges given before unverifiable.
HUYING_BADGE_SECRET = env.secret("BADGE_SECRET", DATA)
HUYING_PHONE = env.text("PHONE")  # the number people may ring instead of filling in; empty shows none
# Open311: the name of the jurisdiction ("" takes any), writes a minute with one key, wrong keys an hour and reads
# without a key a minute from one block of addresses; how often a minute such a block has its own words sorted.
HUYING_OPEN311_JURISDICTION = env.text("OPEN311_JURISDICTION")
HUYING_OPEN311_PER_MINUTE = env.number("OPEN311_PER_MINUTE", 60)
HUYING_OPEN311_WRONG_KEYS = env.number("OPEN311_WRONG_KEYS", 30)
HUYING_OPEN311_READS_PER_MINUTE = env.number("OPEN311_READS_PER_MINUTE", 300)
HUYING_SORTS_PER_MINUTE = env.number("SORTS_PER_MINUTE", 300)
# Endpoints of the REST interface that take their Idempotency-Key by themselves (kernel/idempotency.py): its views are made
# by a library and carry no mark.
HUYING_KEYS_BY_ITSELF = frozenset({"api:hotline"})
HUYING_REST_HOURS = env.number("REST_HOURS", 4)  # so long after a service nobody is asked for the next
HUYING_INVITATION_DAYS = env.number("INVITATION_DAYS", 7)  # so long a volunteer may think about joining a team
HUYING_CLOCK = "huying.kernel.clock.now"  # what the design system reads the time from
# What the layouts draw (ui/navigation.py, ui/context.py): dotted names of the declared entries and of the function that
# says who reads; URL names of public forms that a phone keeps for the time without network.
HUYING_BRAND = env.text("BRAND")
HUYING_BRAND_LINE = env.text("BRAND_LINE")
HUYING_NAVIGATION = "huying.config.navigation.ENTRIES"
HUYING_OFFLINE_PAGES = ["calls:ask_short"]
HUYING_READER = "huying.people.views.session.reader"
HUYING_WORDS = "huying.people.views.session.words"  # what screens say where the reader lives or works (ui/words.py)
# Text messages: "console" (demonstration), "http" (HUYING_SMS_URL), a dotted path of one's own, or "" for none.
HUYING_SMS_GATEWAY = env.text("SMS_GATEWAY", "console" if DEMO else "")
HUYING_SMS_URL = env.text("SMS_URL")
HUYING_SMS_TOKEN = env.text("SMS_TOKEN")
HUYING_CODES_PER_NUMBER = env.number("CODES_PER_NUMBER", 5)  # a day
HUYING_CODES_PER_BLOCK = env.number("CODES_PER_BLOCK", 200 if DEMO else 30)  # an hour
HUYING_CODES_PER_DAY = env.number("CODES_PER_DAY", 5000)  # in the whole jurisdiction
HUYING_STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR", not DEMO)
# Sign-in by an outside OpenID Connect provider; off while the issuer is empty.
HUYING_OIDC_ISSUER = env.text("OIDC_ISSUER").rstrip("/")
HUYING_OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
HUYING_OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
HUYING_OIDC_NAME = env.text("OIDC_NAME", "统一身份认证")
HUYING_OIDC_SECOND_FACTOR = env.flag("OIDC_SECOND_FACTOR")  # the provider asks for two factors itself
# Places of divisions down to this level (40: streets, towns, townships) keep totals of single days beside those of months;
# below it odd days are added up from facts. Changing it concerns places that nothing was counted at yet.
HUYING_FIGURES_DAILY_LEVEL = env.number("FIGURES_DAILY_LEVEL", 40)
# Row locks are taken in this order, outermost first (kernel/locks.py; docs/decisions/0004).
HUYING_LOCK_ORDER = [
    "packs.Pack",
    "places.Place",
    "places.Booking",
    "places.Standard",
    "places.SiteCheck",
    "people.Person",
    "people.Account",
    "people.RoleProposal",
    "people.Role",
    "people.Consent",
    "volunteers.Team",
    "volunteers.Volunteer",
    "volunteers.Campaign",
    "volunteers.Want",
    "volunteers.Allocation",
    "volunteers.Invitation",
    "volunteers.ServiceSession",
    "volunteers.Attendance",
    "volunteers.ServiceRecord",
    "activities.ActivityKind",
    "activities.Theme",
    "activities.Unit",
    "volunteers.CertificateCounter",
    "activities.RhythmPlan",
    "activities.Activity",
    "activities.Shift",
    "activities.Session",
    "activities.SignUp",
    "activities.Photo",
    "calls.DoorKey",
    "calls.ServiceKind",
    "calls.Proposal",
    "calls.Call",
    "calls.Offer",
    "calls.Slip",
    "calls.SorterVersion",
    "calls.Callback",
    "calls.Exclusion",
    "points.Book",
    "points.Edition",
    "points.Passbook",
    "points.Claim",
    "points.Reversal",
    "points.Appeal",
    "points.Partner",
    "points.Bank",
    "points.Good",
    "points.Intake",
    "points.Sheet",
    "points.Gift",
    "ledger.Hold",
    "ledger.Account",
    "figures.Folding",
    "figures.Contribution",
    "figures.Check",
    "figures.Feed",
    "cockpit.Report",
    "cockpit.PaperCounter",
    "cockpit.Letterhead",
    "kernel.Attachment",
]
