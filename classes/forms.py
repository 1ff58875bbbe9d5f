"""What a curator may submit about a class, in the admin's form or as a row of a CSV file."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classes import publishing
from classes.body.vouching import broken_promises
from classes.models import State, WorkoutClass

SLUG_NEEDED = gettext_lazy("Give it an address: Latin letters, figures and hyphens.")


CLASS_FIELDS = (
    "title",
    "slug",
    "level",
    "instructors",
    "description",
    "focus_tags",
    "apparatus",
    "props",
    "ticked_movements",
    "is_free",
    "state",
    "published_at",
    "retires_at",
)


class SlugRules(forms.ModelForm):
    """An address is made from the title if left empty, and is never one that another page has
    or had."""

    title_field = "title"

    def clean_slug(self) -> str:
        # Cleaned before this field only if it stands before it; a form may order them otherwise.
        title = self.data.get(self.add_prefix(self.title_field), "")
        slug = self.cleaned_data["slug"] or slugify(title)[: self._slug_length()].strip("-")
        if not slug:
            raise ValidationError(SLUG_NEEDED)
        self._refuse_taken(slug)
        return slug

    def _slug_length(self) -> int:
        return self._meta.model._meta.get_field("slug").max_length

    def _refuse_taken(self, slug: str) -> None:
        model = self._meta.model
        pk = self.instance.pk
        if holder := model._default_manager.filter(slug=slug).exclude(pk=pk).first():
            raise ValidationError(
                _("“%(page)s” has this address; choose another."), params={"page": holder}
            )
        if hasattr(model, "is_slug_free") and not model.is_slug_free(slug, besides=pk):
            raise ValidationError(
                _("“%(page)s” had this address, and it still leads there; choose another."),
                params={"page": model.moved_from(slug)},
            )


class ClassRules(SlugRules):
    """Tags keep their promises, and publishing has what it needs."""

    class Meta:
        model = WorkoutClass
        fields = CLASS_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of the row as it is stored: `_post_clean` writes what was submitted into the instance.
        if self.instance.pk is None:
            self.stored_facts = publishing.no_facts()
        else:
            stored = WorkoutClass.objects.for_cards().get(pk=self.instance.pk)
            self.stored_facts = publishing.facts_of(stored)
        self.stored_state = self.instance.state
        self.stored_date = self.instance.published_at
        if "slug" in self.fields:
            self.fields["slug"].required = False
        if "instructors" in self.fields:
            self.fields["instructors"].required = False  # a draft may do without; see publishing

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        self._refuse_broken_promises()
        state = self.cleaned_data.get("state", self.stored_state)
        if state != State.DRAFT and "published_at" not in self.errors:
            submitted = self.cleaned_data.get("published_at")
            self.cleaned_data["published_at"] = submitted or self.stored_date or timezone.now()
        self._refuse_to_retire_before()
        if state == State.PUBLISHED:
            self._refuse_what_is_missing()
        if state == State.RETIRED and (refusal := publishing.why_not_retire(self.stored_state)):
            self.add_error("state", refusal)
        return self.cleaned_data

    def submitted_facts(self) -> publishing.Facts:
        """The stored facts with what was submitted in their place."""
        submitted = {
            name: self.cleaned_data[name]
            for name in (
                "description",
                "instructors",
                "focus_tags",
                "ticked_movements",
                "retires_at",
            )
            if name in self.cleaned_data
        }
        facts = replace(self.stored_facts, **submitted)
        if set(facts.ticked_movements) != set(self.stored_facts.ticked_movements):
            facts = replace(facts, checked_at=None)  # saving this will take the check back
        return facts

    def _refuse_broken_promises(self) -> None:
        if not {"focus_tags", "ticked_movements"} <= self.cleaned_data.keys():
            return
        tags = self.cleaned_data["focus_tags"].prefetch_related("forbids")
        facts = self.submitted_facts()
        for tag, broken in broken_promises(tags, facts.movements):
            sentence = publishing.contradiction_in_words(tag, broken, facts.occurrences)
            self.add_error("focus_tags", sentence)

    def _refuse_to_retire_before(self) -> None:
        published_at = self.cleaned_data.get("published_at")
        retires_at = self.cleaned_data.get("retires_at")
        if published_at and retires_at and retires_at <= published_at:
            self.add_error("retires_at", _("A class retires after it is published."))

    def _refuse_what_is_missing(self) -> None:
        """A class that becomes public needs all of the checklist.

        One that is public already may not lose any of it but the check, whose loss hides the
        tag and not the class. A contradiction is refused at the tags, whatever the state.
        """
        missing = {p.text: p for p in publishing.checklist(self.submitted_facts()) if not p.is_met}
        if self.stored_state == State.PUBLISHED:
            before = {p.text for p in publishing.checklist(self.stored_facts) if not p.is_met}
            missing = {
                text: point
                for text, point in missing.items()
                if text not in before and point.name != "check"
            }
        for text, point in missing.items():
            if point.name == "retirement" and "retires_at" in self.fields:
                self.add_error("retires_at", text)
            elif point.name != "contradiction":
                self.add_error("state", text)
