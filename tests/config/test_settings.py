"""Settings as production reads them: from the environment, in a process of their own."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONG_KEY = "k7Zq-4vXw_9tRb2LmYc8Hd3Ns6Pf1Jg5Ue0Ao-Bi_VxTzQyWrKlMnSdFg"


def run(arguments: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python on our code with this environment, which wins over .env, and no other."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "VAR_DIR": str(folder / "var"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def settings(folder: Path, *names: str, **environment: str) -> list[str]:
    show = f"from config import settings as s; [print(repr(getattr(s, n))) for n in {names!r}]"
    environment = {"SECRET_KEY": LONG_KEY, "DEBUG": "false", **environment}
    result = run(["-c", show], folder, **environment)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.parametrize("url", ["https://studio.example", "https://studio.example:8443"])
def test_deployment_check_is_clean(tmp_path, url):
    result = run(
        ["manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        tmp_path,
        SECRET_KEY=LONG_KEY,
        SITE_URL=url,
        DEBUG="false",
    )

    assert result.returncode == 0, result.stderr
    found = re.findall(r"\([a-z_]+\.[A-Z]\d+\)", result.stdout + result.stderr)
    assert set(found) <= {"(classes.I101)"}  # where there was no npm to fetch hls.js


@pytest.mark.parametrize(
    ("debug", "backend"), [("true", "DummyCache"), ("false", "config.fragments.FragmentCache")]
)
def test_rendered_parts_of_pages_are_kept_unless_somebody_is_developing(tmp_path, debug, backend):
    [caches] = settings(tmp_path, "CACHES", DEBUG=debug)

    assert ast.literal_eval(caches)["fragments"]["BACKEND"].endswith(backend)


def test_without_a_secret_key_the_site_refuses_to_start_and_says_why(tmp_path):
    result = run(["manage.py", "check"], tmp_path, SECRET_KEY="", DEBUG="false")

    assert result.returncode != 0
    assert "SECRET_KEY is not set" in result.stderr


def test_https_site_has_guarded_cookies_and_strict_transport(tmp_path):
    found = settings(
        tmp_path,
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_NAME",
        "CSRF_COOKIE_SECURE",
        "LANGUAGE_COOKIE_NAME",
        "LANGUAGE_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        SITE_URL="https://studio.example",
    )

    assert found == [
        "'__Host-session'", "True",
        "'__Host-csrf'", "True",
        "'__Host-language'", "True",
        "True", "31536000",
    ]  # fmt: skip


def test_http_site_can_be_signed_in_to(tmp_path):
    found = settings(
        tmp_path,
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        SITE_URL="http://127.0.0.1:9000",
    )

    assert found == ["'session'", "False", "False", "0"]


def test_forwarded_scheme_is_believed_only_behind_a_proxy(tmp_path):
    show = "print(hasattr(__import__('config.settings').settings, 'SECURE_PROXY_SSL_HEADER'))"
    common = {"SECRET_KEY": LONG_KEY, "SITE_URL": "https://studio.example"}

    alone = run(["-c", show], tmp_path, TRUSTED_PROXIES="0", **common)
    behind = run(["-c", show], tmp_path, TRUSTED_PROXIES="1", **common)

    assert (alone.stdout, behind.stdout) == ("False\n", "True\n")


def test_postgresql_comes_with_a_pool_that_notices_a_restart(tmp_path):
    [database] = settings(
        tmp_path, "DATABASES", DATABASE_URL="postgres://a:b@db.example:5433/studio"
    )

    default = ast.literal_eval(database)["default"]
    assert default["ENGINE"] == "django.db.backends.postgresql"
    assert default["PORT"] == 5433
    assert default["CONN_MAX_AGE"] == 0  # else Django refuses the pool
    assert default["CONN_HEALTH_CHECKS"]
    assert default["OPTIONS"]["pool"]["max_size"] == 16


def test_sqlite_waits_its_turn(tmp_path):
    [database] = settings(tmp_path, "DATABASES", DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3")

    options = ast.literal_eval(database)["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


BUCKET = {
    "VIDEO_SERVE": "s3",
    "S3_ENDPOINT_URL": "https://s3.example/",
    "S3_BUCKET": "studio",
    "S3_ACCESS_KEY_ID": "id",
    "S3_SECRET_ACCESS_KEY": "secret",
}


def test_pages_may_play_from_the_bucket_and_from_no_other(tmp_path):
    shown = settings(tmp_path, "CONTENT_SECURITY_POLICY", "STORAGES", **BUCKET)

    assert shown[0].count("'https://s3.example/studio/'") == 3
    for directive in ("media-src", "img-src", "connect-src"):
        assert re.search(rf"'{directive}': \[[^]]*'https://s3.example/studio/'\]", shown[0])
    assert "'masters': {'BACKEND': 'classes.video.s3_store.MasterStorage'}" in shown[1]


def test_pages_play_from_the_site_alone_without_a_bucket(tmp_path):
    (policy,) = settings(tmp_path, "CONTENT_SECURITY_POLICY")

    assert "http" not in policy


@pytest.mark.parametrize("missing", [name for name in BUCKET if name != "VIDEO_SERVE"])
def test_bucket_that_is_half_described_is_refused_at_the_start(tmp_path, missing):
    environment = {**BUCKET, missing: ""}

    result = run(["manage.py", "check"], tmp_path, SECRET_KEY=LONG_KEY, **environment)

    assert result.returncode != 0
    assert "VIDEO_SERVE=s3 needs" in result.stderr
    assert missing in result.stderr


def test_way_of_serving_that_is_not_known_is_refused_at_the_start(tmp_path):
    result = run(["manage.py", "check"], tmp_path, SECRET_KEY=LONG_KEY, VIDEO_SERVE="nginx")

    assert result.returncode != 0
    assert "VIDEO_SERVE is “nginx”" in result.stderr


def variables() -> dict[str, str | None]:
    """What settings and server read from the environment, with defaults that are plain values."""
    found: dict[str, str | None] = {}
    for module in ("settings.py", "gunicorn.py"):
        for node in ast.walk(ast.parse((ROOT / "config" / module).read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "env"
                and node.func.attr != "read_env"
            ):
                found[ast.literal_eval(node.args[0])] = _plain_default(node)
    return found


def _plain_default(call: ast.Call) -> str | None:
    defaults = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
    try:
        value = ast.literal_eval(defaults[0])
    except ValueError:  # made of other settings
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


def examples() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line[1:].split("=", 1) for line in lines if re.match(r"#[A-Z0-9_]+=", line))


def test_every_variable_is_in_the_example():
    assert sorted(examples()) == sorted(variables())


@pytest.mark.parametrize(("name", "default"), sorted(variables().items()))
def test_example_shows_the_default(name, default):
    if default is not None:
        assert examples()[name] == default


def test_readme_explains_every_variable():
    readme = (ROOT / "README.md").read_text()

    assert [name for name in variables() if f"`{name}`" not in readme] == []
