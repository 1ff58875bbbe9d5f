"""Passkeys where no browser is needed: what is refused, and what a page says of them."""

import base64
import json
import re
from hashlib import sha256

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.urls import reverse
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import Member
from tests.factories import make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning"
JSON = {"accept": "application/json"}


def answer(**response: object) -> str:
    """What a browser would send, as far as a stranger can make it up."""
    made_up = {
        "clientDataJSON": "eyJ0eXBlIjoieCIsImNoYWxsZW5nZSI6IkFBIiwib3JpZ2luIjoieCJ9",
        "authenticatorData": "A" * 52,
        "signature": "AA",
        "attestationObject": "oA",
    }
    whole = {"id": "AA", "rawId": "AA", "type": "public-key", "response": made_up | response}
    return json.dumps(whole)


ODD = [
    "",
    "no json",
    "[]",
    "1",
    "null",
    "{}",
    '{"id": 1}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": []}',
    answer(userHandle=None),
    answer(userHandle=5),
    answer(userHandle="OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"),  # 999…, past what a column holds
    answer(userHandle="_w"),  # no UTF-8
    answer(userHandle="MQ", clientDataJSON="AAAA"),
    answer(userHandle="MQ", authenticatorData="AAAA"),
    answer(userHandle="MQ"),
]


@pytest.fixture
def member(client) -> Member:
    """Signed in, and confirmed a moment ago."""
    member = make_member()
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return member


def websafe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Key:
    """A security key in software, as far as this site looks at one."""

    def __init__(self, member: Member) -> None:
        self._secret = ec.generate_private_key(ec.SECP256R1())
        self._id = b"a key of sixteen"
        self._handle = user_pk_to_url_str(member).encode()
        public = ES256.from_cryptography_key(self._secret.public_key())
        known = AttestedCredentialData.create(Aaguid(bytes(16)), self._id, public)
        made = AttestationObject.create("none", self._about(0x45, known), {})
        response = {
            "clientDataJSON": websafe(self._client("webauthn.create", "AA")),
            "attestationObject": websafe(bytes(made)),
        }
        self.row = Authenticator.objects.create(
            user=member,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": "my telephone", "credential": self._as_sent(response)},
        )

    def answer(self, question: dict) -> str:
        """What it says to the challenge of `request_options`."""
        about = bytes(self._about(0x05))
        client = self._client("webauthn.get", question["publicKey"]["challenge"])
        signed = self._secret.sign(about + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe(client),
            "authenticatorData": websafe(about),
            "signature": websafe(signed),
            "userHandle": websafe(self._handle),
        }
        return json.dumps(self._as_sent(response))

    def _about(self, flags: int, known: bytes = b"") -> AuthenticatorData:
        return AuthenticatorData.create(sha256(b"testserver").digest(), flags, 0, known)

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": "http://testserver"}
        return json.dumps(said).encode()

    def _as_sent(self, response: dict) -> dict:
        name = websafe(self._id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


def sign_in_with(client, key: Key):
    question = client.get(reverse("mfa_login_webauthn"), headers=JSON).json()["request_options"]
    fields = {"credential": key.answer(question), "next": "/classes/"}
    return client.post(reverse("mfa_login_webauthn"), fields)


def give_passkey(member: Member, name: str = "my telephone") -> Authenticator:
    return Authenticator.objects.create(
        user=member, type=Authenticator.Type.WEBAUTHN, data={"name": name}
    )


# --- Signing in


def make_verified(**attrs) -> Member:
    member = make_member(**attrs)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    return member


def test_a_passkey_signs_in_and_leads_to_where_one_wanted_to_go(client):
    key = Key(make_verified())

    response = sign_in_with(client, key)

    assert response["Location"] == "/classes/"
    assert "_auth_user_id" in client.session


def test_an_answer_is_good_once(client):
    key = Key(make_verified())
    question = client.get(reverse("mfa_login_webauthn"), headers=JSON).json()["request_options"]
    fields = {"credential": key.answer(question)}
    client.post(reverse("mfa_login_webauthn"), fields)
    client.post(reverse("account_logout"))
    client.get(reverse("mfa_login_webauthn"), headers=JSON)

    client.post(reverse("mfa_login_webauthn"), fields)

    assert "_auth_user_id" not in client.session


def test_a_passkey_of_a_stopped_account_does_not_get_in(client):
    key = Key(make_verified(is_active=False))

    response = sign_in_with(client, key)

    assert response["Location"] == reverse("account_inactive")
    assert "_auth_user_id" not in client.session


def test_a_passkey_is_the_second_factor_of_staff_too(client, settings):
    settings.STAFF_MFA = True
    key = Key(make_verified(is_staff=True, is_superuser=True))

    sign_in_with(client, key)

    assert client.get("/desk/", headers={"accept": "text/html"}).status_code == 200


def test_staff_who_have_only_a_passkey_prove_it(client, settings):
    member = make_verified(is_staff=True, is_superuser=True)
    client.force_login(member)
    key = Key(member)
    settings.STAFF_MFA = True
    asked = client.get("/desk/", headers={"accept": "text/html"}, follow=True)
    question = asked.context["js_data"]["request_options"]

    proven = client.post(
        asked.redirect_chain[-1][0], {"credential": key.answer(dict(question)), "next": "/desk/"}
    )

    assert proven["Location"] == "/desk/"
    assert client.get("/desk/", headers={"accept": "text/html"}).status_code == 200


@pytest.mark.parametrize("credential", ODD)
def test_an_odd_answer_leads_back_with_words_and_with_where_one_wanted_to_go(client, credential):
    make_member()
    client.get(reverse("mfa_login_webauthn"), headers=JSON)

    response = client.post(
        reverse("mfa_login_webauthn"), {"credential": credential, "next": "/classes/"}, follow=True
    )

    assert response.redirect_chain == [(f"{reverse('account_login')}?next=%2Fclasses%2F", 302)]
    assert 'class="message message-error"' in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_member_who_is_none_and_one_who_is_read_the_same(client):
    def page_after(pk: int) -> str:
        client.get(reverse("mfa_login_webauthn"), headers=JSON)
        credential = answer(userHandle=websafe(str(pk).encode()))
        page = client.post(reverse("mfa_login_webauthn"), {"credential": credential}, follow=True)
        return re.sub(r'value="[^"]*"', "", page.content.decode())

    assert page_after(make_member().pk) == page_after(987654)


def test_the_question_is_new_each_time_and_kept_for_an_hour_only(client):
    questions = {
        client.get(reverse("mfa_login_webauthn"), headers=JSON).json()["request_options"][
            "publicKey"
        ]["challenge"]
        for _time in range(2)
    }

    assert len(questions) == 2
    assert client.session.get_expiry_age() <= 3600


@pytest.mark.parametrize("by", ["password", "passkey"])
def test_who_comes_in_stays_longer_than_a_question(client, by):
    member = make_verified()
    client.get(reverse("mfa_login_webauthn"), headers=JSON)

    if by == "passkey":
        sign_in_with(client, Key(member))
    else:
        fields = {"login": member.email, "password": PASSWORD}
        client.post(reverse("account_login"), fields)

    assert "_auth_user_id" in client.session
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE


def test_the_page_for_signing_in_offers_passkeys_in_its_first_field(client):
    page = client.get(reverse("account_login")).content.decode()

    field = re.search(r'<input[^>]* name="login"[^>]*>', page)[0]
    assert 'autocomplete="username webauthn"' in field
    assert page.index("Sign in with a passkey") < page.index(field)
    assert not client.cookies.get("session")


# --- One's own


@pytest.mark.parametrize("credential", ODD)
@pytest.mark.parametrize("name", ["mfa_add_webauthn", "mfa_reauthenticate_webauthn"])
def test_an_odd_answer_changes_nothing_and_stays_on_the_page(client, member, credential, name):
    Key(member)
    client.get(reverse(name))

    response = client.post(reverse(name), {"credential": credential, "name": "x"})

    assert response.status_code == 200
    assert Authenticator.objects.filter(user=member).count() == 1


def test_a_passkey_gets_the_name_of_the_device_at_first(client, member):
    client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) Version/19 Safari/604.1"

    page = client.get(reverse("mfa_add_webauthn")).content.decode()

    assert 'value="Safari, iPhone"' in page


def test_a_passkey_is_renamed(client, member):
    key = give_passkey(member)

    client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "the blue key"})

    key.refresh_from_db()
    assert key.data["name"] == "the blue key"


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_name_that_is_none_is_refused(client, member, name):
    key = give_passkey(member)

    response = client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": name})

    key.refresh_from_db()
    assert response.status_code == 200
    assert key.data["name"] == "my telephone"


def test_a_passkey_is_removed(client, member):
    key = give_passkey(member)

    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))

    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("has_password", "passkeys", "is_told"), [(False, 1, True), (False, 2, False), (True, 1, False)]
)
def test_who_removes_the_only_way_in_is_told_of_another(
    client, member, has_password, passkeys, is_told
):
    keys = [give_passkey(member, f"key {number}") for number in range(passkeys)]
    if not has_password:
        member.set_unusable_password()
        member.save()
        client.force_login(member)
        request = client.get("/classes/").wsgi_request
        record_authentication(request, member, method="mfa", reauthenticated=True)
        request.session.save()

    page = client.get(reverse("mfa_remove_webauthn", args=[keys[0].pk])).content.decode()

    assert "Remove this passkey?" in page
    assert ("with a code that we send you by mail" in page) is is_told


@pytest.mark.parametrize("has_password", [True, False])
def test_a_passkey_is_asked_for_before_a_password_or_a_code(client, has_password):
    member = make_member()
    if not has_password:
        member.set_unusable_password()
        member.save()
    Key(member)
    RecoveryCodes.activate(member)
    client.force_login(member)

    asked = client.get(reverse("mfa_generate_recovery_codes"))
    page = client.get(asked["Location"]).content.decode()

    assert asked["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))
    assert reverse("mfa_reauthenticate") in page
    assert (reverse("account_reauthenticate") in page) is has_password


@pytest.mark.parametrize("name", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_nobody_touches_somebody_elses(client, member, name):
    key = give_passkey(make_member())

    response = client.post(reverse(name, args=[key.pk]), {"name": "mine"})

    key.refresh_from_db()
    assert response.status_code == 404
    assert key.data["name"] == "my telephone"


def test_staff_keep_the_last_one_where_they_need_it(client, member, settings):
    key = Key(member).row
    client.post(reverse("mfa_generate_recovery_codes"))
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    client.post(reverse("mfa_reauthenticate"), {"code": code})
    settings.STAFF_MFA = True
    Member.objects.filter(pk=member.pk).update(is_staff=True)

    response = client.post(reverse("mfa_remove_webauthn", args=[key.pk]), follow=True)

    assert "your only second factor" in response.content.decode()
    assert Authenticator.objects.filter(pk=key.pk).exists()
    other = give_passkey(member, "the blue key")
    client.post(reverse("mfa_remove_webauthn", args=[other.pk]))
    assert not Authenticator.objects.filter(pk=other.pk).exists()
