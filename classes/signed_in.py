"""Who is signed in, as every request reads them: their session, themselves, and whether they teach.

Django asks for the session, then for the member whose id is in it; put into SQL each time, that
costs as much as the rest of a kept page. Here one question, put into SQL once, reads both: a
sign-in leaves a row that says whose session it is (allauth's `UserSession`), and along it the
member is read with the session.

That row is a hint and no more. Who is signed in is what the signed session says, judged as Django
judges it; where anything differs, is missing or has changed, Django's own way is gone, which takes
the queries that it always took. Sessions are the rows that Django writes, in its format.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from allauth.account.auth_backends import AuthenticationBackend
from allauth.usersessions.models import UserSession
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from accounts.models import Member
from classes.models import Instructor


class MemberBackend(AuthenticationBackend):
    """allauth's own, reading in the same query whether the member teaches.

    Every page of a signed-in member says it in its header, and most members do not.
    """

    def get_user(self, user_id: int) -> Member | None:
        member = Member.objects.select_related("instructor").filter(pk=user_id).first()
        return member if member and self.user_can_authenticate(member) else None


class SessionStore(db.SessionStore):
    """Django's sessions in the database. Its name is in what they are signed with: it must stay."""

    # Whose session the row of the sign-in says it is, as they were when the session was read.
    member: Member | None = None

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        found = _read(key)
        if found is None:
            self._session_key = None
            return None
        session_data, self.member = found
        return Session(session_key=key, session_data=session_data)


class SignedInMiddleware(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = cast(Member, SimpleLazyObject(lambda: _member_of(request)))


def _member_of(request: HttpRequest) -> Member | AnonymousUser:
    kept: Any = request  # under the name that Django's own middleware uses
    if not hasattr(kept, "_cached_user"):
        kept._cached_user = _read_with_session(request) or auth.get_user(request)
    return kept._cached_user


def _read_with_session(request: HttpRequest) -> Member | None:
    """The member that came with the session, if all that Django asks of them holds."""
    session = request.session
    signed_in_by = session.get(auth.BACKEND_SESSION_KEY)
    member = getattr(session, "member", None)
    if (
        member is None
        or session.get(auth.SESSION_KEY) != str(member.pk)
        or signed_in_by != f"{MemberBackend.__module__}.{MemberBackend.__qualname__}"
        or not MemberBackend().user_can_authenticate(member)
    ):
        return None
    own_hash = session.get(auth.HASH_SESSION_KEY) or ""
    return member if constant_time_compare(own_hash, member.get_session_auth_hash()) else None


# --- The question ------------------------------------------------------------------------------


class _Columns(NamedTuple):
    """Those of a row of `model` among the columns of an answer."""

    model: type[models.Model]
    names: Sequence[str]
    converters: Sequence[tuple[int, Any, Sequence[Callable[..., Any]]]]

    def row(self, values: Sequence[Any]) -> Any:
        """The row as the ORM would make it; None where there is none."""
        if values[0] is None:
            return None
        read = list(values)
        for place, expression, converters in self.converters:
            for convert in converters:
                read[place] = convert(read[place], expression, connection)
        return self.model.from_db(connection.alias, self.names, read)


def _columns(model: type[models.Model]) -> _Columns:
    """Its primary key comes first: that of `concrete_fields`."""
    fields = model._meta.concrete_fields
    converters = []
    for place, field in enumerate(fields):
        expression = field.get_col(model._meta.db_table)
        own = connection.ops.get_db_converters(expression)
        own = [*own, *expression.get_db_converters(connection)]
        if own:
            converters.append((place, expression, own))
    return _Columns(model, [field.attname for field in fields], converters)


@cache
def _question(vendor: str) -> tuple[str, _Columns, _Columns]:
    quote = connection.ops.quote_name
    member, instructor = _columns(Member), _columns(Instructor)
    tables = {
        name: quote(model._meta.db_table)
        for name, model in (
            ("session", Session),
            ("sign_in", UserSession),
            ("member", Member),
            ("instructor", Instructor),
        )
    }
    read = ", ".join(
        f"{tables[name]}.{quote(field.column or '')}"
        for name, model in (("member", Member), ("instructor", Instructor))
        for field in model._meta.concrete_fields
    )
    # Names of tables and columns, none of them from outside.
    sql = f"""
        SELECT {tables["session"]}.session_data, {read}
        FROM {tables["session"]}
        LEFT JOIN {tables["sign_in"]}
            ON {tables["sign_in"]}.session_key = {tables["session"]}.session_key
        LEFT JOIN {tables["member"]} ON {tables["member"]}.id = {tables["sign_in"]}.user_id
        LEFT JOIN {tables["instructor"]} ON {tables["instructor"]}.member_id = {tables["member"]}.id
        WHERE {tables["session"]}.session_key = %s AND {tables["session"]}.expire_date > %s
    """  # noqa: S608
    return sql, member, instructor


def _read(session_key: str) -> tuple[str, Member | None] | None:
    """What a session that has not expired holds, and whose it is, if that is noted. One query."""
    sql, of_member, of_instructor = _question(connection.vendor)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(sql, [session_key, now])
        row = cursor.fetchone()
    if row is None:
        return None
    number = len(of_member.names)
    member = of_member.row(row[1 : 1 + number])
    if member is not None:
        # None as well: then nobody asks again whether they teach.
        Member._meta.get_field("instructor").set_cached_value(
            member, instructor := of_instructor.row(row[1 + number :])
        )
        if instructor is not None:
            Instructor._meta.get_field("member").set_cached_value(instructor, member)
    return row[0], member
