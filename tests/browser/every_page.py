"""Every page of the site, for whom it is, and the way to those that no address alone leads to.

A page that is new belongs into one of these lists, or among what is `NOT_A_PAGE`, with the reason;
tests/browser/test_accessibility.py fails until it does.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core import mail
from django.db.models import Model
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Letter, Member
from classes.body.avoiding import keep
from classes.captioning.webvtt import PlainCue
from classes.library.saving import save_class
from classes.models import Captions, Variant, Viewing, WorkoutClass
from comments.mail.unsubscribing import Ticket
from comments.models import ClassRequest, Comment, Mute, Notice, SavedFilter, Stop
from tests.accounts.door.test_passkeys import Key
from tests.browser.studio import PASSWORD, Studio, put_film, verified
from tests.factories import make_chapter, make_class, make_comment, make_member, make_viewing

# The site's own apps: their pages in the administration are ours, those of others are not.
OURS = {"accounts", "classes", "comments"}


@dataclass
class Everything:
    """A studio in which every page has something to show."""

    studio: Studio
    guarded: Member  # with an app and a passkey beside the password
    newcomer: Member  # with a passkey and no password
    director: Member  # who may do everything in the administration
    question: Comment
    answer: Comment
    wanted: ClassRequest
    viewing: Viewing
    passkey: Authenticator


def furnish(studio: Studio) -> Everything:
    """Let its people do what leaves something on a page."""
    member, back_class = studio.member, studio.back_class
    film = back_class.first_variant
    make_chapter(film, 0, 700, title="Lie down")
    make_chapter(film, 700, 1400, title="Stand up", note="Slowly.")
    viewing = make_viewing(member, film, second=750, times_done=1, done_at=timezone.now())
    done = make_class(title="Undo the Desk", slug="undo-the-desk")
    make_viewing(member, done.variants.get(), continues=False, done_at=timezone.now(), times_done=3)
    for unseen in Variant.objects.filter(workout_class__slug__in=["wunda-chair", done.slug]):
        put_film(unseen, Path(settings.FILMS_ROOT))
    for workout_class in (done, back_class):
        save_class(member, workout_class.pk)
    keep(member, ["lying-on-the-back"])
    question = Comment.objects.get(author=member)
    answer = Comment.objects.get(author=studio.teacher)
    make_comment(back_class, body="Is this one right after a hernia?")
    wanted = ClassRequest.objects.create(comment=question, title="Standing, no wall")
    Mute.objects.create(member=member, thread=make_comment(back_class))
    SavedFilter.objects.create(
        member=studio.teacher, name="For backs", address="/classes/?focus=spine-safe"
    )
    Stop.objects.create(
        member=make_member(), ends_at=timezone.now() + timedelta(days=7), reason="Rude"
    )
    Notice.objects.create(recipient=member, comment=answer, kind=Notice.Kind.ANSWER)
    Letter.objects.create(recipient=member, kind=Letter.Kind.GONE)
    Captions.objects.store(film, "en", [PlainCue(0, 2, "Lie down on your back.")])

    guarded = verified(make_member(display_name="Ines", email="ines@example.com"))
    TOTP.activate(guarded, generate_totp_secret())
    RecoveryCodes.activate(guarded)
    newcomer = verified(make_member(display_name="Tomás", email="tomas@example.com"))
    newcomer.set_unusable_password()
    newcomer.save()
    Key(newcomer)
    director = make_member(display_name="Petra", is_staff=True, is_superuser=True)
    return Everything(
        studio=studio,
        guarded=guarded,
        newcomer=newcomer,
        director=verified(director),
        question=question,
        answer=answer,
        wanted=wanted,
        viewing=viewing,
        passkey=Key(guarded).row,
    )


def hold_session(page: Page, address: str, member: Member) -> None:
    """A session, without the walk through the door, as if the password had just been given."""
    client = Client()
    client.force_login(member)
    request = HttpRequest()
    request.user, request.session = member, client.session
    record_authentication(request, member, method="password", reauthenticated=True)
    request.session.save()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies()
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


@dataclass(frozen=True)
class Visit:
    """A named page. `lead` goes there where opening its address would not do."""

    name: str
    args: Callable[[Everything], list[Any]] = lambda everything: []
    query: str = ""
    lead: Callable[[Page, Everything], None] | None = None
    needs_scripts: bool = False  # there is another way to what it is for

    def address(self, everything: Everything) -> str:
        return reverse(self.name, args=self.args(everything))

    def open(self, page: Page, everything: Everything) -> str:
        """Go there; its address. Fails where another page answers."""
        address = self.address(everything)
        if self.lead:
            self.lead(page, everything)
        else:
            response = page.goto(address + self.query)
            assert response is not None
            assert response.status == 200, f"answers {response.status}"
        there = urlsplit(page.url).path
        assert resolve(there).route == resolve(address).route, f"leads to {there}"
        return address + self.query


# --- Ways that lead somewhere -------------------------------------------------------------------


# Each begins as a stranger: what was begun by another would be gone on with.


def _code_in_the_latest_mail() -> str:
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", mail.outbox[-1].body, re.MULTILINE)[0]  # type: ignore[index]


def _ask_for_a_new_password(page: Page, everything: Everything) -> None:
    page.context.clear_cookies()
    page.goto(reverse("account_reset_password"))
    page.get_by_label("E-mail").fill(everything.studio.member.email)
    page.locator("main").get_by_role("button").first.click()
    expect(page.get_by_label("Code")).to_be_visible()


def _prove_the_mailbox(page: Page, everything: Everything) -> None:
    _ask_for_a_new_password(page, everything)
    page.get_by_label("Code").fill(_code_in_the_latest_mail())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="A new password")).to_be_visible()


def _join(page: Page, everything: Everything) -> None:
    page.context.clear_cookies()
    page.goto(reverse("account_signup"))
    page.get_by_label("E-mail").fill("new@example.com")
    page.get_by_label("Display name").fill("Somebody new")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()


def _join_with_a_passkey(page: Page, everything: Everything) -> None:
    page.context.clear_cookies()
    page.goto(reverse("account_signup_by_passkey"))
    page.get_by_label("E-mail").fill("newer@example.com")
    page.get_by_label("Display name").fill("Somebody newer")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(_code_in_the_latest_mail())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("button", name="Make my passkey")).to_be_visible()


def _give_the_password_of_two_steps(page: Page, everything: Everything) -> None:
    page.context.clear_cookies()
    page.goto(reverse("account_login"))
    page.get_by_label("E-mail").fill(everything.guarded.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()


def _ask_for_another_address(page: Page, everything: Everything) -> None:
    page.goto(reverse("accounts:address"))
    page.get_by_label("New e-mail address").fill("a.rather.long.new.address@somewhere.example.com")
    page.get_by_role("button", name="Send a code to both addresses").click()
    expect(page.get_by_role("heading", name="Look in both mailboxes")).to_be_visible()


def _insert_a_class(page: Page, everything: Everything) -> None:
    page.goto(everything.studio.back_class.get_absolute_url())
    page.get_by_label("Leave a reply").fill("For your neck:")
    page.get_by_role("button", name="Insert a class or a list").click()
    expect(page.get_by_role("heading", name="Insert a class or a list")).to_be_visible()


def _choose(action: str, of: str) -> Callable[[Page, Everything], None]:
    """The page that asks before something is done to all rows of a list."""

    def lead(page: Page, everything: Everything) -> None:
        page.goto(reverse(f"admin:accounts_{of}_changelist"))
        page.locator("#result_list [name=_selected_action]").first.check()
        page.locator("select[name=action]").select_option(action)
        page.locator("button[name=index]").click()
        expect(page.get_by_label("Note")).to_be_visible()

    return lead


# --- The pages ----------------------------------------------------------------------------------


def _back_class(everything: Everything) -> list[Any]:
    return [everything.studio.back_class.slug]


def _question(everything: Everything) -> list[Any]:
    return [everything.question.pk]


def _answer(everything: Everything) -> list[Any]:
    return [everything.answer.pk]


def _film(everything: Everything) -> list[Any]:
    return [everything.viewing.variant_id]


def _passkey(everything: Everything) -> list[Any]:
    return [everything.passkey.pk]


OF_VISITORS = [
    Visit("home"),
    Visit("home", query="?lang=es"),
    Visit("classes:list"),
    Visit("classes:list", query="?focus=spine-safe&level=expert&show=observe-and-learn"),
    Visit("classes:list", query="?q=nothing-has-this-name"),
    Visit("classes:list", query="?focus=spine-safe&lang=es"),
    Visit("classes:detail", _back_class),
    Visit("classes:detail", _back_class, "?lang=es"),
    Visit("classes:detail", lambda everything: ["wunda-chair"], "?avoid=head-lift&t=100"),
    Visit("classes:variant", lambda everything: [*_back_class(everything), "workout-tempo", "ar"]),
    Visit("classes:exercises", query="?q=hunderd"),
    Visit("classes:exercise", lambda everything: ["hundred"], "?avoid=head-lift"),
    Visit("classes:focus", lambda everything: ["spine-safe"]),
    Visit("classes:instructors"),
    Visit("classes:instructor", lambda everything: ["ana-lindqvist"]),
    Visit("comments:conversation", _back_class),
    Visit("comments:requests"),
    Visit(
        "comments:mail",
        lambda everything: [
            Ticket(everything.studio.member.pk, Notice.Kind.ANSWER, everything.question.pk).token
        ],
    ),
    Visit("accounts:privacy"),
    Visit("account_login"),
    Visit("account_signup"),
    Visit("account_signup_by_passkey"),
    Visit("account_inactive"),
    Visit("account_reset_password"),
    Visit("account_confirm_password_reset_code", lead=_ask_for_a_new_password),
    Visit("account_complete_password_reset", lead=_prove_the_mailbox),
    Visit("account_password_reset_completed"),
    Visit("account_email_verification_sent", lead=_join),
    Visit("mfa_authenticate", lead=_give_the_password_of_two_steps),
    # Last: whoever has proven the mailbox is no visitor any more.
    Visit("mfa_signup_webauthn", lead=_join_with_a_passkey, needs_scripts=True),
]
OF_A_MEMBER = [
    Visit("home"),
    Visit("classes:list"),
    Visit("classes:list", query="?done=hide"),
    Visit("classes:detail", _back_class),
    Visit("classes:exercise", lambda everything: ["hundred"]),
    Visit("classes:my"),
    Visit("classes:my_saved"),
    Visit("classes:my_history"),
    Visit("classes:clear_history"),
    Visit("classes:my_avoid"),
    Visit("comments:my_mail"),
    Visit("comments:post", _back_class),
    Visit("comments:edit", _question),
    Visit("comments:remove", _question),
    Visit("comments:report", _answer),
    Visit("comments:mute", _answer),
    Visit("comments:requests"),
    Visit("accounts:profile"),
    Visit("accounts:membership"),
    Visit("accounts:privacy"),
    Visit("accounts:leave"),
    Visit("accounts:address"),
    Visit("accounts:sessions"),
    Visit("account_change_password"),
    Visit("account_reauthenticate"),
    Visit("account_logout"),
    Visit("mfa_index"),
    Visit("mfa_activate_totp"),
    Visit("mfa_add_webauthn"),
]
OF_WHOEVER_HAS_A_SECOND_FACTOR = [
    Visit("mfa_index"),
    Visit("mfa_list_webauthn"),
    Visit("mfa_edit_webauthn", _passkey),
    Visit("mfa_remove_webauthn", _passkey),
    Visit("mfa_deactivate_totp"),
    Visit("mfa_view_recovery_codes"),
    Visit("mfa_generate_recovery_codes"),
    Visit("mfa_reauthenticate"),
    Visit("mfa_reauthenticate_webauthn"),
    Visit("accounts:address_codes", lead=_ask_for_another_address),
]
OF_WHOEVER_HAS_NO_PASSWORD = [Visit("account_set_password")]
OF_A_TEACHER = [
    Visit("classes:detail", _back_class),
    Visit("comments:pick", lambda everything: ["x"], lead=_insert_a_class),
    Visit("comments:begin_pick"),
    Visit("comments:lists"),
    Visit("comments:pin", _question),
    Visit("comments:unpin", _question),
    Visit("comments:close", _back_class),
    Visit("comments:reopen", _back_class),
    Visit("comments:request_tie", lambda everything: [everything.wanted.pk], "?q=desk"),
    Visit("comments:desk"),
    Visit("comments:desk_answer", _question),
    Visit("comments:desk_keep", _question),
]
OF_THE_DIRECTOR = [
    Visit("admin:index"),
    *(
        Visit("admin:app_list", lambda everything, label=label: [label])  # type: ignore[misc]
        for label in sorted(OURS)
    ),
    Visit("admin:classes_workoutclass_import"),
    Visit("admin:classes_check", lambda everything: [everything.studio.back_class.pk]),
    Visit("admin:classes_film_choices", _film),
    Visit("admin:classes_captions", _film),
    Visit(
        "admin:classes_captions_delete", lambda everything: [everything.viewing.variant_id, "en"]
    ),
    Visit("admin:classes_timeline", _film),
    *(
        Visit(f"admin:accounts_{of}_changelist", lead=_choose(action, of))
        for of, action in (
            ("member", "grant_membership"),
            ("member", "extend_membership"),
            ("member", "end_membership"),
            ("membership", "end_membership"),
        )
    ),
]


# One template each draws the histories and the questions before rows go: for all models they look
# like these.
WITH_MOST_ROWS = (Member, WorkoutClass, Comment)


def admin_pages_of(model: type[Model], director: Member) -> Iterator[Visit]:
    """The pages of a model that the administration makes."""
    made_by = admin.site.get_model_admin(model)
    request = RequestFactory().get("/")
    request.user = director
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"No {model.__name__} to look at"
    name = f"admin:{model._meta.label_lower.replace('.', '_')}"

    def of_row(_everything: Everything) -> list[Any]:
        return [row.pk]

    yield Visit(f"{name}_changelist")
    if made_by.has_add_permission(request):
        yield Visit(f"{name}_add")
    yield Visit(f"{name}_change", of_row)
    if model in WITH_MOST_ROWS:
        yield Visit(f"{name}_history", of_row)
    if model in WITH_MOST_ROWS and made_by.has_delete_permission(request, row):
        yield Visit(f"{name}_delete", of_row)


def our_models_in_the_admin() -> list[type[Model]]:
    return [model for model in admin.site._registry if model._meta.app_label in OURS]


def names_of_admin_pages() -> set[str]:
    """Those that `admin_pages_of` opens, or that look like one which it opens."""
    kinds = ("changelist", "add", "change", "history", "delete")
    return {
        f"admin:{model._meta.label_lower.replace('.', '_')}_{kind}"
        for model in our_models_in_the_admin()
        for kind in kinds
    }


# --- What is no page ----------------------------------------------------------------------------

TAKES_POST_ONLY = {
    "comments:list",
    "classes:progress",
    "accounts:stay",
    "accounts:end_session",
    "accounts:address_codes_again",
    "accounts:address_stop",
    "admin:logout",
    "admin:classes_workoutclass_process_import",
    "admin:classes_markdown",
    "admin:classes_may_send",
    "admin:classes_film_stop",
    "admin:classes_film_again",
    "admin:classes_film_discard",
    "admin:classes_film_remake",
}
NOT_A_PAGE = {
    "comments:permalink": "leads to the comment on its class's page",
    "comments:feed": "a feed",
    "comments:request_vote": "opened, it leads to the list: only its button does something",
    "comments:request_untie": "opened, it leads to the page that ties",
    "classes:save": "opened, it leads to the class: only its button does something",
    "classes:pause_history": "opened, it leads to the history: only its button does something",
    "classes:forget": "opened, it leads to the history: only its button does something",
    "classes:chapters": "a file",
    "classes:captions": "a file",
    "classes:film": "a file",
    "classes:preview": "a file",
    "classes:media": "a file",
    "classes:pass": "JSON",
    "classes:feed": "a feed",
    "accounts:privacy_exports": "opened, it leads to the privacy page",
    "accounts:privacy_export": "a file",
    "account_confirm_login_code": "nobody signs in by a code here: it leads to the sign-in",
    "mfa_download_recovery_codes": "a file",
    "mfa_login_webauthn": "JSON",
    "admin:login": "leads to the sign-in of the site",
    "admin:password_change": "Django's; the site has its own",
    "admin:password_change_done": "Django's; the site has its own",
    "admin:autocomplete": "JSON",
    "admin:jsi18n": "a script",
    "admin:view_on_site": "leads to the page of the site",
    "admin:classes_films": "a part of a page",
    "admin:classes_workoutclass_export": "a file",
    "admin:classes_film_candidate": "a picture",
    "admin:classes_captions_file": "a file",
    "sitemap": "a file",
    "robots": "a file",
    "healthz": "a word for machines",
    "readyz": "a word for machines",
}
# A row as it once was: its address leads to the row's history.
OF_FORMER_VERSIONS = "_simple_history"
# Pages of the administration that other packages bring, over rows that no curator keeps.
OF_OTHERS = tuple(
    f"admin:{config.label}_" for config in apps.get_app_configs() if config.label not in OURS
)
VISITS = [
    *OF_VISITORS,
    *OF_A_MEMBER,
    *OF_WHOEVER_HAS_A_SECOND_FACTOR,
    *OF_WHOEVER_HAS_NO_PASSWORD,
    *OF_A_TEACHER,
    *OF_THE_DIRECTOR,
]
