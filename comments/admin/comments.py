"""The curators' list of comments: read, decide, next; one by one or many at once."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import curator_of
from classes.numbers import whole_number
from comments import moderation
from comments.holding import reason_of
from comments.models import Comment, Decision

from .choices import CHOICES, Choice, carry_out, fitting
from .filters import InstructorFilter, ReportedFilter, RuleFilter
from .records import beside

# What is decided at once is locked at once.
MOST_AT_ONCE = 1000

# So many characters stand in the list, the rest of a long comment folds out.
_IN_SIGHT = 600
# So many comments of a thread stand on the page of one of them.
_AROUND = 60

# What a page that asks first hands on to its own sending.
_HANDED_ON = ("action", "select_across", ACTION_CHECKBOX_NAME, "decide")


class CommentChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """The rows of this page with what stands beside them."""
        super().get_results(request)
        equip(self.model_admin, request, self.result_list)


def equip(model_admin: Any, request: HttpRequest, comments: Any) -> None:
    """Give comments `beside` (see `records`), `why_held` in words, and `choices`."""
    besides = beside(comments)
    may = {
        "change": model_admin.has_change_permission(request),
        "stop": model_admin.has_stop_permission(request),
    }
    for comment in comments:
        comment.beside = besides[comment.pk]
        held = comment.state == Comment.State.HELD
        comment.why_held = [reason_of(name) for name in comment.held_for] if held else []
        offered = fitting(comment, is_reported=bool(comment.beside.reports))
        comment.choices = [choice for choice in offered if may[choice.permission]]


def _for_many(choice: Choice) -> Callable:
    @admin.action(description=cast(str, choice.for_many), permissions=[choice.permission])
    def decide(
        model_admin: "CommentAdmin", request: HttpRequest, comments: QuerySet[Comment]
    ) -> HttpResponse | None:
        return model_admin.decide(request, choice, comments)

    decide.__name__ = f"{choice.name}_selected"
    return decide


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ("words", "writer", "standing", "what_to_do")
    list_display_links = None
    list_select_related = ("workout_class", "author", "parent__author")
    list_filter = ("state", ReportedFilter, RuleFilter, "written_at", InstructorFilter)
    search_fields = ("body", "author__display_name", "author_name", "workout_class__title")
    search_help_text = _("Words of a comment, a name, or the title of a class")
    # As they arrived: what was brought over with an old date was not here before either. And it is
    # the one order that costs nothing among a million.
    ordering = ("-pk",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a count of a million for each option
    actions = [_for_many(choice) for choice in CHOICES.values()]

    class Media:
        css = {"all": ["css/admin_classes.css", "css/admin_comments.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and request.user.has_perm("comments.add_stop")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CommentChangeList

    def delete_model(self, request: HttpRequest, obj: Comment) -> None:
        moderation.erase(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        moderation.erase(queryset)

    # --- Columns

    @admin.display(description=_("comment"))
    def words(self, comment: Comment) -> SafeString:
        cut = len(comment.body)
        if cut > _IN_SIGHT:
            cut = max(comment.body.rfind(" ", _IN_SIGHT // 2, _IN_SIGHT), _IN_SIGHT // 2)
        context = {"comment": comment, "start": comment.body[:cut], "rest": comment.body[cut:]}
        return render_to_string("admin/comments/comment/_words.html", context)

    @admin.display(description=_("writer"))
    def writer(self, comment: Comment) -> SafeString:
        return render_to_string("admin/comments/comment/_writer.html", {"comment": comment})

    @admin.display(description=_("how it stands"))
    def standing(self, comment: Comment) -> SafeString:
        return render_to_string("admin/comments/comment/_standing.html", {"comment": comment})

    @admin.display(description=_("decide"))
    def what_to_do(self, comment: Comment) -> SafeString:
        return render_to_string("admin/comments/comment/_choices.html", {"comment": comment})

    # --- Deciding

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and "decide" in request.POST:
            return self._decide_one(request)
        return super().changelist_view(request, extra_context)

    def _decide_one(self, request: HttpRequest) -> HttpResponse:
        """What a comment's own button asks for, as "approve:12"; then back to where it was."""
        name, _colon, pk = request.POST["decide"].partition(":")
        choice = CHOICES.get(name)
        comments = Comment.objects.filter(pk=whole_number(pk) or 0)
        if choice is None or not comments:
            raise Http404
        return self.decide(request, choice, comments) or HttpResponseRedirect(
            request.get_full_path()
        )

    def decide(
        self, request: HttpRequest, choice: Choice, comments: QuerySet[Comment]
    ) -> HttpResponse | None:
        """Carry it out, once it was asked what has to be asked; None when that is done."""
        allowed = {"change": self.has_change_permission, "stop": self.has_stop_permission}
        if not allowed[choice.permission](request):
            raise PermissionDenied
        number = comments.count()
        if number > MOST_AT_ONCE:
            said = gettext("Choose at most %d comments at once.") % MOST_AT_ONCE
            self.message_user(request, said, messages.ERROR)
            return None
        answers: dict[str, Any] = {}
        if choice.form:
            form = choice.form(request.POST if "sure" in request.POST else None)
            if not form.is_valid():
                return self._ask(request, choice, comments, number, form)
            answers = form.cleaned_data
        told = carry_out(choice, comments, curator_of(request), answers, _seen(request.POST))
        level = messages.SUCCESS if told.number else messages.WARNING
        self.message_user(request, told.sentence, level)
        return None

    def _ask(
        self,
        request: HttpRequest,
        choice: Choice,
        comments: QuerySet[Comment],
        number: int,
        form: Any,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": choice.for_many if number > 1 else choice.label,
            "opts": self.opts,
            "media": self.media,
            "choice": choice,
            "form": form,
            "number": number,
            "comments": comments.select_related("workout_class", "author")[:50],
            "handed_on": [
                (name, value) for name in _HANDED_ON for value in request.POST.getlist(name)
            ],
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/comments/comment/decide.html", context)

    # --- One comment

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A comment with its thread around it and everything that was decided about it."""
        comments = Comment.objects.select_related("workout_class", "author", "variant")
        comment = comments.filter(pk=whole_number(unquote(object_id)) or 0).first()
        if comment is None:
            raise Http404
        if not self.has_view_or_change_permission(request, comment):
            raise PermissionDenied
        if request.method == "POST":
            if request.POST.get("decide", "").partition(":")[2] != str(comment.pk):
                raise Http404
            return self._decide_one(request)
        equip(self, request, [comment])
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Comment"),
            "opts": self.opts,
            "media": self.media,
            "original": comment,
            "comment": comment,
            "thread": _around(comment),
            "decisions": _decisions(comment),
            "reports": comment.reports.select_related("member"),
            "has_delete_permission": self.has_delete_permission(request, comment),
        }
        return TemplateResponse(request, "admin/comments/comment/change_form.html", context)


def _seen(sent: Mapping[str, Any]) -> dict[int, int]:
    """The editions of the comments that were on the page, by their ids."""
    seen = {}
    for name, value in sent.items():
        pk, edition = whole_number(name.removeprefix("edition-")), whole_number(value)
        if name.startswith("edition-") and pk is not None and edition is not None:
            seen[pk] = edition
    return seen


def _around(comment: Comment) -> list[Comment]:
    """The thread, oldest first; of a long one what opens it and the stretch before the comment."""
    top = comment.thread_id or comment.pk
    related = Comment.objects.select_related("author", "parent__author")
    before = related.filter(thread=top, pk__lt=comment.pk).order_by("-pk")[: _AROUND // 2]
    after = related.filter(thread=top, pk__gte=comment.pk).order_by("pk")[: _AROUND // 2]
    return [*related.filter(pk=top), *reversed(before), *after]


def _decisions(comment: Comment) -> list[tuple[Decision, list[str]]]:
    """Every decision about it, oldest first, each with its reasons in words."""
    return [
        (decision, [*filter(None, [decision.reason]), *map(reason_of, decision.rules)])
        for decision in comment.decisions.select_related("by")
    ]
