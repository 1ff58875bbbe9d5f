"""Passwords for the demo's accounts: made on this machine, easy to read out, kept to print again.

They are in no repository, so that no demo anywhere opens with a password that others know.
"""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

_WORDS = """
    acorn amber anchor apple apron autumn badge bamboo barley basil beach bell birch blanket
    blue boat bread breeze bridge brook button candle canvas carrot cedar chalk cherry clay
    clover cloud cobalt copper coral cotton cradle cricket daisy dawn drum dune elder ember
    fable feather fennel fern field flint forest fox garden ginger glacier grape hammock harbor
    hazel heron honey indigo island ivory ivy jasmine juniper kettle lagoon lantern lark
    lavender lemon linen lotus maple marble meadow melon mint moss nutmeg oak oat ocean olive
    orchard otter paper parsley pear pebble pepper pine plum poppy quartz quill quilt rain raven
    reed river robin rosemary sage sail salt sand shell silver sparrow spruce stone straw sugar
    swan teal thistle thyme tulip valley velvet violet walnut wave willow winter wren
""".split()  # noqa: SIM905 - read as a paragraph, not as a column


def keep_passwords(path: Path, names: Iterable[str]) -> dict[str, str]:
    """The password of each name, made where there was none yet. Only the owner may read `path`."""
    known = kept_passwords(path)
    passwords = {name: known.get(name) or make_password() for name in names}
    _write_private(path, json.dumps(known | passwords, indent=1) + "\n")
    return passwords


def kept_passwords(path: Path) -> dict[str, str]:
    """What `keep_passwords` wrote, or nothing."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def make_password() -> str:
    """Four words of about 130: too many to guess through a sign-in that counts attempts."""
    return "-".join(secrets.choice(_WORDS) for _ in range(4))


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    # Private from its first byte: writing first and closing afterwards leaves a moment between.
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)
