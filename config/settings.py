"""Every setting of the site, fed by the environment. `.env.example` lists the variables."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- The site ----------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Put a long random text into the environment or into .env; "
        "`make demo` does that by itself."
    )

# Former keys, while a new one takes over: what they signed stays valid.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Scheme and host that the world sees. Mail and canonical links are built from it, never from
# the Host header, and its scheme decides whether cookies are Secure.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE_HTTPS = urlsplit(SITE_URL).scheme == "https"
STUDIO_NAME = env.str("STUDIO_NAME", default="Matwork")
STUDIO_LANGUAGE = env.str("STUDIO_LANGUAGE", default="en")

ALLOWED_HOSTS = [
    urlsplit(SITE_URL).hostname or "",
    *("127.0.0.1", "localhost", "[::1]"),  # what runs beside the site asks for its health there
    *env.list("ALLOWED_HOSTS", default=[]),
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "comments",
    "classes",
    "accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",
    "heroicons",
    "import_export",
    "simple_history",
    "template_partials",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    # What adds headers stands outside of what may answer early, static files included.
    "config.logs.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "config.headers.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.caching.CacheControlMiddleware",
    "config.compression.TextGZipMiddleware",
    "config.requests.WellFormedMiddleware",
    "accounts.door.sign_out.ForgetPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "classes.watch.passes.FilmPassMiddleware",
    "accounts.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "classes.signed_in.SignedInMiddleware",
    "accounts.time_zones.TimeZoneMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.door.second_factor.SecondFactorMiddleware",
    "accounts.door.sessions.LastSeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "config.errors.ErrorPagesMiddleware",
]
# In the session and not in a cookie of their own, whose name could not begin with __Host-.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

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
                "config.context.studio",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

# --- What is made at run time ---------------------------------------------------------------------

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

MEDIA_ROOT = VAR_DIR / "media"  # pictures, for everyone
MEDIA_URL = "/media/"
FILMS_ROOT = VAR_DIR / "films"  # a folder for each video: the film and its preview
MASTERS_ROOT = VAR_DIR / "masters"  # uploads as they came; never served
# Uploads arrive on the disk of the masters: /tmp may be small, and a film of gigabytes then
# moves to its place by a rename, not by a copy.
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)

# --- Database -----------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # Each thread keeps its connection: to open one takes longer than to answer most pages.
    _database["CONN_MAX_AGE"] = None
    # Without these a third of concurrent writes ends in "database is locked".
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    _database["CONN_MAX_AGE"] = 0  # the pool keeps connections; Django must give them back
    _database["CONN_HEALTH_CHECKS"] = True  # after a restart of the server nobody meets a dead one
    _database["OPTIONS"] = {
        "pool": {
            "min_size": env.int("DATABASE_POOL_MIN", default=2),
            "max_size": env.int("DATABASE_POOL_MAX", default=16),
            "timeout": 10,
        }
    }

# --- Caches -------------------------------------------------------------------------------------

CACHES = {
    # Shared between processes: sign-in and comment limits count here.
    "default": env.cache("CACHE_URL", default="dbcache://matwork_cache"),
    # Rendered parts of pages, keyed by the version of their content. Never the database.
    "fragments": {
        # Nothing is kept while developing: who edits a template sees it at once.
        "BACKEND": "django.core.cache.backends.dummy.DummyCache"
        if DEBUG
        else "config.fragments.FragmentCache",
        "LOCATION": "fragments",
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
}
if CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
    # Beyond this a third is thrown away, whatever it counted. Django's default is 300.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 20_000}

# --- Background work ----------------------------------------------------------------------------

# Films have a queue of their own: what takes seconds never waits for what takes an hour.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "films"]}}

# --- Members ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Member"
# One only: with Django's own beside it every wrong password would be hashed twice.
AUTHENTICATION_BACKENDS = ["classes.signed_in.MemberBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}", "OPTIONS": options}
    for validator, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ["display_name", "email"]},
        "MinimumLengthValidator": {"min_length": 10},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

# Closed, nobody new gets an account by themselves; members sign in as ever.
SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", default=True)
# Whoever works for the studio reaches it with a second factor only.
STAFF_MFA = env.bool("STAFF_MFA", default=False)

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
# By code, not by link: nothing to forward, and no address built from a Host header.
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True  # one address for each member; a new one counts once verified
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
MFA_ADAPTER = "accounts.door.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "accounts.forms.SecondStepPasskeyForm",
    "edit_webauthn": "accounts.forms.EditPasskeyForm",
    "login_webauthn": "accounts.forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.ReauthenticatePasskeyForm",
    "signup_webauthn": "accounts.forms.SignUpPasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_ISSUER = STUDIO_NAME
# Browsers themselves allow passkeys over plain http on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SITE_HTTPS

# A verified sign-up may watch everything for this many days, once per address.
TRIAL_DAYS = env.int("TRIAL_DAYS", default=14)

# --- The conversation ---------------------------------------------------------------------------

# The first comment of a new member waits until somebody of the studio has read it.
HOLD_FIRST_COMMENTS = env.bool("HOLD_FIRST_COMMENTS", default=True)
# What is said holds talk about health: keep it out of search engines.
COMMENTS_NOINDEX = env.bool("COMMENTS_NOINDEX", default=False)

# --- Languages and time -------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Films --------------------------------------------------------------------------------------

# Empty: the ffmpeg that comes with the imageio-ffmpeg package, else the one on the PATH.
FFMPEG_BINARY = env.str("FFMPEG_BINARY", default="")
# x264's own words: a slower preset makes smaller files, a lower CRF better pictures.
FILM_PRESET = env.str("FILM_PRESET", default="faster")
FILM_CRF = env.int("FILM_CRF", default=22)
FILM_MAX_FRAME_RATE = env.int("FILM_MAX_FRAME_RATE", default=30)
# How many films one machine makes at the same time, whatever the number of its workers.
FILMS_AT_ONCE = env.int("FILMS_AT_ONCE", default=1)
# Who sends the bytes of films: "django" itself, nginx ("xaccel"), or a bucket ("s3").
VIDEO_SERVE = env.str("VIDEO_SERVE", default="django")
if VIDEO_SERVE not in ("django", "xaccel", "s3"):
    raise ImproperlyConfigured(f"VIDEO_SERVE is “{VIDEO_SERVE}”; it may be django, xaccel or s3.")
# For "s3": one private bucket for films and masters, of AWS or of any storage that speaks like it.
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", default="").rstrip("/")
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_REGION = env.str("S3_REGION", default="us-east-1")
S3_ACCESS_KEY_ID = env.str("S3_ACCESS_KEY_ID", default="")
S3_SECRET_ACCESS_KEY = env.str("S3_SECRET_ACCESS_KEY", default="")
if VIDEO_SERVE == "s3":
    if not all((S3_ENDPOINT_URL, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY)):
        raise ImproperlyConfigured(
            "VIDEO_SERVE=s3 needs S3_ENDPOINT_URL, S3_BUCKET, S3_ACCESS_KEY_ID and "
            "S3_SECRET_ACCESS_KEY."
        )
    if find_spec("boto3") is None:
        raise ImproperlyConfigured("VIDEO_SERVE=s3 needs a package: .venv/bin/pip install boto3")
UPLOAD_LIMIT_BYTES = env.int("UPLOAD_LIMIT_GB", default=16) * 1024**3
FILE_UPLOAD_HANDLERS = [
    "classes.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Static files -------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.static.VendoredFinder",
]
# What npm fetches for browsers, by the name that pages call it. Playback does without it.
VENDORED_FILES = {
    "vendor/hls.light.min.js": BASE_DIR / "node_modules" / "hls.js" / "dist" / "hls.light.min.js",
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "masters": (
        {"BACKEND": "classes.video.s3_store.MasterStorage"}
        if VIDEO_SERVE == "s3"
        else {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": MASTERS_ROOT, "base_url": None},
        }
    ),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "config.static.LeanStorage"
        )
    },
}

# --- Mail ---------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{STUDIO_NAME} <studio@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10  # seconds; a mail server that hangs must not hold a thread for ever

# --- Trust --------------------------------------------------------------------------------------

# With the slash at its end it stands for all that is in the bucket, and for no other bucket.
_bucket = [f"{S3_ENDPOINT_URL}/{S3_BUCKET}/"] if VIDEO_SERVE == "s3" else []

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, *_bucket],
        "font-src": [SELF],
        "media-src": [SELF, *_bucket],
        "connect-src": [SELF, *_bucket],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SITE_HTTPS
# The health checks are asked over plain http by what runs beside the site.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SITE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SITE_HTTPS
SECURE_HSTS_PRELOAD = SITE_HTTPS
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# `__Host-` makes browsers refuse a cookie that is not Secure, or that a subdomain set.
_cookie_prefix = "__Host-" if SITE_HTTPS else ""
SESSION_ENGINE = "classes.signed_in"
SESSION_COOKIE_NAME = f"{_cookie_prefix}session"
SESSION_COOKIE_SECURE = SITE_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrf"
CSRF_COOKIE_SECURE = SITE_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
LANGUAGE_COOKIE_NAME = f"{_cookie_prefix}language"
LANGUAGE_COOKIE_SECURE = SITE_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
FILM_COOKIE_NAME = f"{_cookie_prefix}film"
FILM_COOKIE_SECURE = SITE_HTTPS
FILM_COOKIE_AGE = 12 * 3600  # at most: what rules passes to films, and is said of them
DEVICE_COOKIE_NAME = f"{_cookie_prefix}device"
DEVICE_COOKIE_SECURE = SITE_HTTPS

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Logs ---------------------------------------------------------------------------------------

LOGGING = logs.configuration(env.str("LOG_LEVEL", default="INFO"))
