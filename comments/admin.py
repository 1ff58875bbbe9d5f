"""Where curators keep the conversation in order.

Nobody puts words into another's mouth: comments are written on the site, and what can be changed
here is whether they are seen.
"""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import F, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import curator_of
from accounts.models import Member
from comments import moderation
from comments.models import Comment


def _set_state(comments: QuerySet[Comment], state: str, by: Member) -> list[Comment]:
    match state:
        case Comment.State.REMOVED:
            return moderation.remove(comments, by)
        case Comment.State.HELD:
            return moderation.hold(comments, by)
    return [*moderation.approve(comments, by), *moderation.restore(comments, by)]


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ("words", "workout_class", "writer", "state", "written_at")
    list_select_related = ("workout_class", "author")
    list_filter = (
        "state",
        "written_at",
        ("workout_class__instructors", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("body", "author__display_name", "author_name", "workout_class__title")
    search_help_text = _("Words of a comment, a name, or the title of a class")
    ordering = (F("written_at").desc(nulls_last=True), "-pk")
    list_per_page = 50
    actions = ("approve_selected", "remove_selected")

    fields = (
        "state",
        "body",
        "workout_class",
        "writer",
        "answers",
        "written_at",
        "edited_at",
        "removed_at",
        "removed_by",
    )
    readonly_fields = fields[1:]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(
        self, request: HttpRequest, obj: Comment | None = None
    ) -> tuple[str, ...]:
        taken_back = obj is not None and obj.was_taken_back
        return self.fields if taken_back else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Comment, form: ModelForm, change: bool) -> None:
        if "state" in form.changed_data:
            comments = Comment.objects.filter(pk=obj.pk)
            _set_state(comments, Comment.State(obj.state), by=curator_of(request))

    def delete_model(self, request: HttpRequest, obj: Comment) -> None:
        moderation.erase(Comment.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        moderation.erase(queryset)

    @admin.display(description=_("text"))
    def words(self, comment: Comment) -> str:
        return Truncator(" ".join(comment.body.split())).chars(120)

    @admin.display(description=_("writer"), ordering="author__display_name")
    def writer(self, comment: Comment) -> str:
        return comment.writer_name

    @admin.display(description=_("answers"))
    def answers(self, comment: Comment) -> str:
        if comment.parent is None:
            return "–"
        return f"{comment.parent.writer_name}: {self.words(comment.parent)}"

    @admin.action(description=_("Approve: everybody sees them"), permissions=["change"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        number = self._moderate_many(request, queryset, Comment.State.PUBLISHED)
        told = ngettext("%d comment is published.", "%d comments are published.", number)
        self.message_user(request, told % number, messages.SUCCESS)

    @admin.action(description=_("Remove: nobody sees them"), permissions=["change"])
    def remove_selected(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        number = self._moderate_many(request, queryset, Comment.State.REMOVED)
        told = ngettext("%d comment is removed.", "%d comments are removed.", number)
        self.message_user(request, told % number, messages.SUCCESS)

    def _moderate_many(
        self, request: HttpRequest, comments: QuerySet[Comment], state: Comment.State
    ) -> int:
        news = _set_state(comments, state, by=curator_of(request))
        changes = [{"changed": {"fields": [str(_("state"))]}}]
        LogEntry.objects.log_actions(curator_of(request).pk, news, CHANGE, changes)
        return len(news)
