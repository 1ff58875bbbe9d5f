"""What stands in a cue beside its words: tags, voices, escapes, and where it is to be shown."""

import re
from dataclasses import dataclass
from html import unescape as html_unescape

# --- Words --------------------------------------------------------------------------------------

# Tags of WebVTT, and the ones that SubRip borrowed. What else looks like a tag is words.
_TAG = re.compile(
    r"</?(?:[bicus]|ruby|rt)(?:\.[^\s<>]*)?>"
    r"|<(?P<end>/?)(?P<name>v|lang|font)(?:\.[^\s<>]*)?(?P<about>\s[^<>]*)?>"
    r"|<[0-9:.]+>",
    re.IGNORECASE,
)
# SubRip's way of placing a cue: {\an8}, where 7 to 9 are the three corners at the top.
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_AT_THE_TOP = re.compile(r"\{\\an[789]\}")
# Longer than the number of any character. Python refuses to read numbers of thousands of digits.
_NO_CHARACTER = re.compile(r"&#[0-9]{8,};?")
# Spaces between words but the ones that hold words together, which French and Spanish need.
_SPACES = re.compile(r"[ \t\f\r\u2028\u2029]+")


@dataclass(frozen=True)
class Words:
    text: str  # without markup; no empty lines, and no spaces around a line
    speaker: str
    settings: str  # where SubRip's markup puts the cue


def read_words(marked_up: str) -> Words:
    """The words of a cue and who says them.

    Where several speak, `speaker` is empty and each one's words begin with the name.
    """
    settings = "line:0" if _AT_THE_TOP.search(marked_up) else ""
    said = [
        (speaker, text)
        for speaker, part in _voices(_OVERRIDE.sub("", marked_up))
        if (text := _plain(part))
    ]
    speakers = {speaker for speaker, _text in said}
    if len(speakers) == 1:
        return Words("\n".join(text for _speaker, text in said), speakers.pop(), settings)
    named = (f"{speaker}: {text}" if speaker else text for speaker, text in said)
    return Words("\n".join(named), "", settings)


def with_markup(speaker: str, text: str) -> str:
    """The inverse of `read_words`."""
    voice = f"<v {_escaped(speaker)}>" if speaker else ""
    return voice + _escaped(text)


def _voices(marked_up: str) -> list[tuple[str, str]]:
    """Speaker and words by turns, with no tags left; the speaker may be empty."""
    turns: list[tuple[str, list[str]]] = [("", [])]
    done = 0
    for tag in _TAG.finditer(marked_up):
        turns[-1][1].append(marked_up[done : tag.start()])
        done = tag.end()
        if (tag["name"] or "").lower() == "v":
            turns.append(("" if tag["end"] else _name(tag["about"] or ""), []))
    turns[-1][1].append(marked_up[done:])
    return [(speaker, "".join(parts)) for speaker, parts in turns]


def _name(annotation: str) -> str:
    return " ".join(_unescaped(annotation).split())


def _plain(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip(" ") for line in _unescaped(text).split("\n"))
    return "\n".join(line for line in lines if line.strip())


def _unescaped(text: str) -> str:
    return html_unescape(_NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text))


def _escaped(text: str) -> str:
    # `>` too: it makes an arrow in a text harmless. `{\` would begin a place, which words have not.
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("{\\", "&#123;\\")


# --- Place --------------------------------------------------------------------------------------

_PERCENT = r"(?:100(?:\.0{1,9})?|[0-9]{1,2}(?:\.[0-9]{1,9})?)%"
# In the order in which they are written.
_SETTINGS = {
    "vertical": re.compile("rl|lr"),
    "line": re.compile(rf"(?:-?[0-9]{{1,3}}|{_PERCENT})(?:,(?:start|center|end))?"),
    "position": re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?"),
    "size": re.compile(_PERCENT),
    "align": re.compile("start|center|end|left|right"),
}
# What older programs still write.
_FORMER = {"align:middle": "align:center"}


def read_settings(text: str) -> tuple[str, list[str]]:
    """Cue settings in a fixed order, and those that WebVTT does not know.

    Regions are left out: they name a block of the file that is not kept.
    """
    kept: dict[str, str] = {}
    strange = []
    for setting in text.split():
        name, _colon, value = _FORMER.get(setting, setting).partition(":")
        if name in _SETTINGS and _SETTINGS[name].fullmatch(value):
            kept[name] = value
        elif name != "region" or not value:
            strange.append(setting)
    return " ".join(f"{name}:{kept[name]}" for name in _SETTINGS if name in kept), strange
