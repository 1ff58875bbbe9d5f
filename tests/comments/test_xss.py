"""What somebody types never becomes markup, wherever it is shown.

Every page is drawn twice, once with harmless words and once with what attackers write in their
place. The second may have more paragraphs, line breaks and links, and nothing else that the first
has not; no attribute of it does anything.
"""

import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Member
from classes.models import Instructor, State, WorkoutClass
from comments import text
from comments.desk.waiting import keep_waiting
from comments.mail import messages, notices
from comments.models import ClassRequest, Comment, Decision, Notice, Report, SavedFilter, Vote
from comments.upkeep import keep_counts
from tests.browser.studio import verified
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

CORPUS = [
    # Elements and attributes
    "<script>alert(1)</script>",
    "</p></div></article></template></textarea></title></script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    '" onmouseover="alert(1)" x="',
    "`onmouseover=alert(1)`",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<form action=https://evil.example/><input name=password>",
    "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "]]><script>alert(1)</script>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    # Addresses
    "javascript:alert(1)",
    "https://example.org/javascript:alert(1)",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'><script>alert(1)</script>",
    "https://example.org/`${alert(1)}`",
    "http://user:password@evil.example/ https://еxample.org/ (a Cyrillic letter)",
    "/classes/<script>alert(1)</script>/ /classes/?q=<script>alert(1)</script>",
    '/classes/?q="onmouseover="alert(1) /classes/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E',
    "//evil.example/classes/gentle/ /\\evil.example /classes/gentle/?next=javascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "vbscript:msgbox(1) JaVaScRiPt:alert(1) java\tscript:alert(1)",
    "[click](javascript:alert(1)) ![x](javascript:alert(1)) <javascript:alert(1)>",
    # Entities, templates, styles, scripts in JSON
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62; &#x3c;script&#x3e;",
    "{{ 7|add:7 }} {% include 'base.html' %} {# gone #} ${7*7} <%= 7*7 %>",
    "{%csrf_token%}{{ request.session }}",
    "x{}*{background:url(javascript:alert(1))}</style><style>",
    '"}</script><script>alert(1)</script>{"x":"',
    '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e \\";alert(1);//',
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    # Times with something around them
    '12:34<script>alert(1)</script> <12:34> "0:05" 0:05\'onmouseover=alert(1)',
    # What nobody sees, and what turns the direction
    "\u202e<script>\u202c\u2066x\u2069 \u200bhttps://example.org/\u202egpj.exe",
    "<scr\u200bipt>alert(1)</scr\u200bipt> \ufeff<img src=x>",
    "＜script＞alert(1)＜/script＞ ‹script›",
    "a\u0301" * 60 + "<b>" + "😀" * 40,
    "<" * 900 + "&" * 900,
    "=cmd|'/C calc'!A0",
    "Subject: x\r\nBcc: evil@example.com\r\n\r\n<b>",
]
Words = Callable[[int], str]

LINKS = {"href", "src", "action", "formaction", "data", "poster", "xlink:href", "cite", "ping"}
MAY_BE_MORE = {"p", "br", "a", "wbr"}
# A link in somebody's words, and the ways to look at what is long.
MAY_BE_NEW = {("a", frozenset({"href", "rel"})), ("p", frozenset({"dir"})), ("br", frozenset())}


class Page(HTMLParser):
    """The elements of a page, its addresses, and what its scripts for machines say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.shapes: set[tuple[str, frozenset[str]]] = set()
        self.addresses: list[str] = []
        self.machine_texts: list[str] = []
        self._in_json = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        self.elements[tag] += 1
        self.shapes.add((tag, frozenset(names)))
        self.addresses += [value or "" for name, value in attrs if name in LINKS]
        assert not [name for name in names if name.startswith("on") or name == "srcdoc"], attrs
        self._in_json = tag == "script" and dict(attrs).get("type") == "application/ld+json"

    def handle_endtag(self, tag: str) -> None:
        self._in_json = False

    def handle_data(self, data: str) -> None:
        if self._in_json:
            self.machine_texts.append(data)


def refuse_markup(hostile: str, harmless: str) -> None:
    """Fail where the hostile page has something that the harmless one has not."""
    page, twin = Page(hostile), Page(harmless)
    for tag in (page.elements.keys() | twin.elements.keys()) - MAY_BE_MORE:
        assert page.elements[tag] == twin.elements[tag], f"<{tag}>"
    assert page.shapes <= twin.shapes | MAY_BE_NEW
    for address in page.addresses:
        assert urlsplit(address).scheme in ("", "http", "https", "mailto"), address
        assert not address.startswith(("//", "/\\")), address
    for said in page.machine_texts:
        json.loads(said)


@pytest.mark.parametrize(
    "broken",
    [
        "<p>x<img src=x></p>",
        "<p onclick='alert(1)'>x</p>",
        "<p style='color:red'>x</p>",
        "<a href='javascript:alert(1)' rel='nofollow ugc'>x</a>",
        "<a href='//evil.example/' rel='nofollow ugc'>x</a>",
        "<a href='/x' rel='nofollow ugc' title='x'>x</a>",
        '<script type="application/ld+json">{"x": "</script><b>"}',
    ],
)
def test_the_judge_sees_what_is_broken(broken):
    refuse_markup("<p dir='auto'>x</p>", "<p>x</p>")

    with pytest.raises((AssertionError, json.JSONDecodeError)):
        refuse_markup(broken, "<p>x</p>")


# --- A studio full of it ------------------------------------------------------------------------


@dataclass
class Studio:
    """A class on which every line of the corpus is said, asked, reported and answered."""

    workout_class: WorkoutClass
    teacher: Member
    curator: Member
    reader: Member
    comments: list[Comment] = field(default_factory=list)
    request: ClassRequest | None = None

    @property
    def question(self) -> Comment:
        return self.comments[0]


def fill(words: Words) -> Studio:
    """The same rows whatever the words are. Names are as long as their columns let them be."""
    teacher = verified(make_member(display_name="Ana"))
    curator = make_member(is_staff=True, is_superuser=True)
    reader = verified(make_member(display_name=words(3)[:40]))
    workout_class = make_class(
        slug="gentle", title="Gentle Mat", instructors=[make_instructor(member=teacher)]
    )
    since = timezone.now() - timedelta(minutes=10)  # what is older may not be edited
    studio = Studio(workout_class, teacher, curator, reader)
    film = workout_class.variants.get()
    for number in range(len(CORPUS)):
        said = words(number)
        thread = studio.comments[number - number % 5] if number % 5 else None
        # Written by a member, by the reader, by a name without an account, in turn.
        writer = [
            {"author": make_member(display_name=said[:40])},
            {"author": reader},
            {"author": None, "author_name": said[:80]},
        ][number % 3]
        comment = make_comment(
            workout_class,
            body=said[:5000],
            parent=thread,
            variant=film,
            written_at=since + timedelta(seconds=number),
            **writer,
        )
        studio.comments.append(comment)
    held = make_comment(
        workout_class,
        author=reader,
        body=words(1),
        written_at=since + timedelta(minutes=1),
        state=Comment.State.HELD,
        held_for=[words(2)[:40]],
    )
    studio.comments.append(held)
    for number, comment in enumerate(studio.comments):
        Report.objects.create(
            comment=comment, member=reader, reason="other", note=words(number)[:500]
        )
        Decision.objects.create(comment=comment, act="kept", by=reader, reason=words(number)[:200])
    studio.request = ClassRequest.objects.create(comment=studio.question, title=words(0)[:120])
    for number, comment in enumerate(studio.comments[1:12], 1):
        wanted = ClassRequest.objects.create(comment=comment, title=words(number)[:120])
        Vote.objects.create(request=wanted, member=teacher)
    for number in range(8):
        SavedFilter.objects.create(
            member=teacher, name=words(number)[:60], address=f"/classes/?q=word{number}"
        )
    keep_counts([workout_class.pk])
    keep_waiting([comment.pk for comment in studio.comments if comment.thread_id is None])
    return studio


def hostile(number: int) -> str:
    return CORPUS[number % len(CORPUS)]


def harmless(number: int) -> str:
    """As long, with as many lines and spaces and the same times, and nothing else that counts."""
    return re.sub(r"[^\s\d:]", "-", hostile(number))


def clear() -> None:
    for model in (Comment, WorkoutClass, Instructor, Member):
        model.objects.all().delete()


def drawn_twice(client, draw: Callable[[Studio], str]) -> tuple[str, str]:
    """What `draw` gives for the harmless studio, and for the hostile one after it."""
    twin = draw(fill(harmless))
    client.logout()
    clear()
    return draw(fill(hostile)), twin


PAGES = {
    "class page": "/classes/gentle/",
    "second page": "/classes/gentle/?comments=2",
    "reply on the class page": "/classes/gentle/?reply={first}",
    "conversation": "/classes/gentle/conversation/",
    "reply": "/classes/gentle/comments/?reply={first}",
    "edit": "/comments/{own}/edit/",
    "remove": "/comments/{own}/remove/",
    "report": "/comments/{first}/report/",
    "pin": "/comments/{first}/pin/",
    "requests": "/requests/",
    "tie": "/requests/{request}/tie/",
    "desk": "/desk/",
    "desk of one": "/desk/{first}/",
    "keep": "/desk/{first}/keep/",
    "lists": "/comments/lists/",
    "admin list": "/admin/comments/comment/",
    "admin comment": "/admin/comments/comment/{first}/change/",
    "admin requests": "/admin/comments/classrequest/",
    "admin request": "/admin/comments/classrequest/{request}/change/",
    "admin start": "/admin/",
    "admin mails": "/admin/comments/notice/",
}
# As who somebody looks; the others are everybody's.
OF_TEACHERS = {"pin", "report", "tie", "desk", "desk of one", "keep", "lists"}
OF_READERS = {"edit", "remove", "reply", "reply on the class page"}


def reader_of(name: str, studio: Studio) -> Member | None:
    if name.startswith("admin"):
        return studio.curator
    if name in OF_TEACHERS:
        return studio.teacher
    return studio.reader if name in OF_READERS else None


@pytest.mark.parametrize("name", PAGES)
def test_no_page_makes_markup_of_words(client, settings, name):
    settings.COMMENTS_NOINDEX = name == "conversation"

    def draw(studio: Studio) -> str:
        if member := reader_of(name, studio):
            client.force_login(member)
        own = next(each for each in studio.comments if each.author_id == studio.reader.pk)
        address = PAGES[name].format(
            first=studio.question.pk, own=own.pk, request=studio.request.pk
        )
        page = client.get(address)
        assert page.status_code == 200, page.status_code
        return page.content.decode()

    refuse_markup(*drawn_twice(client, draw))


def test_a_members_own_class_page_makes_none_either(client):
    def draw(studio: Studio) -> str:
        client.force_login(studio.reader)
        return client.get("/classes/gentle/").content.decode()

    refuse_markup(*drawn_twice(client, draw))


@pytest.mark.parametrize("number", range(len(CORPUS)))
def test_what_is_handed_back_is_text(client, number):
    """Refused, kept for the door, waiting in the picker, looked for: words in a form are words."""
    teacher = make_member()
    make_instructor(member=teacher)
    make_class(slug="gentle", state=State.RETIRED)  # so that no words find it

    def draw(words: str) -> str:
        client.logout()
        sent = {"body": words, "submission": words[:100], "parent": words[:20], "from": words[:200]}
        door = client.post("/classes/gentle/comments/", sent)
        client.force_login(teacher)
        refused = client.post("/classes/gentle/comments/", sent)
        picker = client.post("/comments/pick/", {**sent, "pick": "/classes/gentle/comments/"}).url
        waiting = client.get(picker, {"q": words})
        no_list = client.post("/comments/lists/", {"address": f"no {words}", "name": words})
        nowhere = client.post("/comments/pick/", {"body": words, "pick": words})
        pages = (door, refused, waiting, no_list, nowhere)
        return "".join(page.content.decode() for page in pages)

    refuse_markup(draw(hostile(number)), draw(harmless(number)))


@pytest.mark.parametrize("sent", ["%00", "<b>%00</b>", "%ed%a0%80<script>", "%ff%fe<script>"])
def test_bytes_that_are_no_text_are_neither_markup_nor_an_error(client, sent):
    make_class(slug="gentle")
    client.force_login(verified(make_member()))

    page = client.post(
        "/classes/gentle/comments/",
        f"body=Hello{sent}",
        content_type="application/x-www-form-urlencoded",
    )

    assert page.status_code == (200 if "%00" in sent else 302)
    shown = client.get("/classes/gentle/").content.decode()
    assert "<script>" not in shown.partition('id="comments"')[2].partition("</section>")[0]


def test_a_feed_stays_xml_and_its_words_stay_words(client):
    def draw(studio: Studio) -> str:
        feed = client.get("/classes/gentle/comments/feed/").content
        root = ElementTree.fromstring(feed)  # noqa: S314 - we wrote it
        atom = "{http://www.w3.org/2005/Atom}"
        assert len(root.findall(f"{atom}entry")) == 30
        written = [*root.iter(f"{atom}content"), *root.iter(f"{atom}summary")]
        assert {element.tag.removeprefix(atom) for element in root.iter()} <= {
            *("feed", "title", "subtitle", "link", "id", "updated", "published", "rights"),
            *("entry", "author", "name", "content", "summary"),
        }
        return "".join(each.text or "" for each in written if each.get("type") == "html")

    refuse_markup(*drawn_twice(client, draw))


@pytest.mark.parametrize("number", range(len(CORPUS)))
def test_mail_makes_no_markup_and_no_header_of_words(number):
    def draw(words: str) -> tuple[str, str]:
        teacher = verified(make_member())
        workout_class = make_class(
            title=words[:120].replace("\r\n", " "), instructors=[make_instructor(member=teacher)]
        )
        asker = verified(make_member(display_name=words[:40]))
        question = make_comment(workout_class, author=asker, body=words)
        answer = make_comment(workout_class, author=teacher, parent=question, body=words)
        wanted = ClassRequest.objects.create(
            comment=question, title=words[:120], fulfilled_by=workout_class, told_at=timezone.now()
        )
        notices.tell(question)
        notices.tell(answer)
        notices.tell_request(wanted)
        rows = Notice.objects.filter(comment__workout_class=workout_class).order_by("kind", "pk")
        mails = [messages.write(notice) for notice in rows]
        assert len(mails) == 3
        for mail in mails:
            source = mail.message()
            assert "Bcc" not in source
            assert len(source.get_all("Subject")) == 1
            assert mail.recipients() in ([teacher.email], [asker.email])
        return "".join(str(mail.alternatives[0][0]) for mail in mails), "".join(
            mail.body for mail in mails
        )

    html, plain = draw(hostile(number))

    refuse_markup(html, draw(harmless(number))[0])
    if "&lt;" not in hostile(number):
        assert "&lt;" not in plain  # words for people, not for a browser
        assert "&amp;" not in plain


def test_what_is_imported_is_text(client, tmp_path: Path):
    """Old exports hold markup: it is read as text, never shown as what it was."""

    def draw(words: Words) -> str:
        make_class(slug="gentle")
        path = tmp_path / "old.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["class", "reference", "name", "text"])
            for number in range(len(CORPUS)):
                said = words(number)
                name = " ".join(said.split())[:60]
                rows.writerow(["gentle", f"r{number}", f"N. {name}", f"{number}: {said[:4000]}"])
        call_command("import_comments", str(path), "--write", verbosity=0)
        pages = [client.get("/classes/gentle/", {"comments": number}) for number in (1, 2, 3)]
        return "".join(page.content.decode() for page in pages)

    twin = draw(harmless)
    clear()

    refuse_markup(draw(hostile), twin)


@pytest.mark.parametrize("words", CORPUS)
def test_words_cards_and_times_together_write_only_links(words):
    shown = Page(
        text.as_html(
            f"{words}\n/classes/gentle/\n12:34 {words}",
            {"/classes/gentle/": words},
            time_link=lambda second: f"/classes/gentle/?t={second}",
        )
    )

    assert set(shown.elements) <= {"p", "br", "a"}
    for address in shown.addresses:
        assert address.lower().startswith(("http://", "https://", "/classes/gentle/"))
