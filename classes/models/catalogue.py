"""Classes as members know them, and the words by which they are found."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models
from django.db.models import Case, F, OrderBy, Q, When
from django.db.models.functions import Collate
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import Member
from classes.languages import is_studio_language, primary_subtag, validate_language

from .addresses import Addressed
from .body import Movement
from .terms import Term, in_reader_language
from .video import Picture, Video


class Level(models.TextChoices):
    FUNDAMENTALS = "fundamentals", _("Fundamentals")
    BEGINNER = "beginner", _("Beginner")
    BEGINNER_INTERMEDIATE = "beginner-intermediate", _("Beginner-Intermediate")
    INTERMEDIATE = "intermediate", _("Intermediate")
    ADVANCED = "advanced", _("Advanced")
    OPEN = "open", _("Open")

    @property
    def asks(self) -> str:
        """What a body should be able to do, in the reader's language."""
        return str(_LEVEL_ASKS[self])


_LEVEL_ASKS = {
    Level.FUNDAMENTALS: _("Nothing: every position is explained and can be left out"),
    Level.BEGINNER: _("Get down to the floor and up again"),
    Level.BEGINNER_INTERMEDIATE: _("Lie, sit and kneel without discomfort"),
    Level.INTERMEDIATE: _("Weight on hands and knees; bend and turn freely"),
    Level.ADVANCED: _("The full classical order, inversions included"),
    Level.OPEN: _("Options for every level"),
}


class Tempo(models.TextChoices):
    WORKOUT = "workout-tempo", _("Workout Tempo")
    OBSERVE = "observe-and-learn", _("Observe & Learn")


class State(models.TextChoices):
    """Scheduled is published with a date in the future, not a state of its own."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class Instructor(Addressed):
    """The public page of a person who teaches, tied to a member account or not."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    bio = models.TextField(_("about"), max_length=5000, blank=True, help_text=_("Markdown"))
    portrait = models.ForeignKey(
        Picture,
        verbose_name=_("portrait"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="instructor",
        help_text=_("The account with which this teacher answers comments."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("instructor")
        verbose_name_plural = _("instructors")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("classes:instructor", args=[self.slug])


class FocusTag(Term, Addressed):
    """What a class is good for. One that forbids movements is a promise."""

    description = models.CharField(_("description"), max_length=300, blank=True)
    descriptions = models.JSONField(_("description in other languages"), default=dict, blank=True)
    forbids = models.ManyToManyField(
        Movement,
        verbose_name=_("forbids"),
        blank=True,
        related_name="forbidden_by",
        help_text=_("A class that contains one of these cannot carry the tag."),
    )

    history = HistoricalRecords(m2m_fields=["forbids"])

    class Meta(Term.Meta):
        verbose_name = _("focus tag")
        verbose_name_plural = _("focus tags")

    def get_absolute_url(self) -> str:
        return reverse("classes:focus", args=[self.slug])

    @property
    def about(self) -> str:
        """The description in the reader's language, else in the studio's."""
        return in_reader_language(self.description, self.descriptions)


class Apparatus(Term):
    """What a class is done on."""

    class Meta(Term.Meta):
        verbose_name = _("apparatus")
        verbose_name_plural = pgettext_lazy("plural", "apparatus")


class Prop(Term):
    """What else a class needs."""

    substitute = models.CharField(
        _("at home"), max_length=100, blank=True, help_text=_("What serves instead of it.")
    )
    substitutes = models.JSONField(_("at home, in other languages"), default=dict, blank=True)

    class Meta(Term.Meta):
        verbose_name = _("prop")
        verbose_name_plural = _("props")

    @property
    def at_home(self) -> str:
        """What serves instead of it, in the reader's language; may be empty."""
        return in_reader_language(self.substitute, self.substitutes)


class WorkoutClassQuerySet(models.QuerySet["WorkoutClass"]):
    def listed(self, at: datetime | None = None) -> Self:
        """What catalogue, shelves and feed may show, the same for everyone: now, unless said."""
        now = at or timezone.now()
        stays = Q(retires_at__isnull=True) | Q(retires_at__gt=now)
        return self.filter(stays, state=State.PUBLISHED, published_at__lte=now)

    def scheduled(self) -> Self:
        return self.filter(state=State.PUBLISHED, published_at__gt=timezone.now())

    def visible_to(self, member: Member | AnonymousUser) -> Self:
        """Whose page this member may open: staff see drafts, everyone sees retired classes.

        Who teaches a class sees it before it is published.
        """
        # `is_staff` first: it spares everyone else the two queries for permissions.
        if member.is_staff and member.has_perm("classes.view_workoutclass"):
            return self
        if not member.is_authenticated:
            return self.filter(self._public(timezone.now()))
        return self.open_to(member.pk, timezone.now())

    def open_to(self, member_id: int, at: datetime) -> Self:
        """`visible_to` a member who is no staff, at that moment."""
        own = self.model.instructors.through.objects.filter(
            instructor__member=member_id, workoutclass_id=models.OuterRef("pk")
        )
        return self.filter(self._public(at) | models.Exists(own))

    @staticmethod
    def _public(at: datetime) -> Q:
        return Q(state__in=[State.PUBLISHED, State.RETIRED], published_at__lte=at)

    def for_cards(self) -> Self:
        """All that a card shows, whatever the number of cards: 7 queries."""
        return self.select_related("poster").prefetch_related(
            "instructors",
            "movements",
            "focus_tags__forbids",
            models.Prefetch("variants", Variant.objects.ready().select_related("video__poster")),
        )

    def for_page(self) -> Self:
        """All that the class page shows: 9 queries."""
        return self.for_cards().select_related("checked_by").prefetch_related("apparatus", "props")


class WorkoutClass(Addressed):
    """One class as members know it. Its films are its variants."""

    title = models.CharField(_("title"), max_length=120)
    slug = models.SlugField(_("address"), max_length=100, unique=True)
    description = models.TextField(
        _("description"),
        max_length=5000,
        blank=True,
        help_text=_("Markdown. Whom it helps, and which movements it leaves out."),
    )
    level = models.CharField(_("level"), max_length=24, choices=Level)
    instructors = models.ManyToManyField(
        Instructor, verbose_name=_("instructors"), related_name="classes"
    )
    focus_tags = models.ManyToManyField(
        FocusTag, verbose_name=_("focus"), related_name="classes", blank=True
    )
    apparatus = models.ManyToManyField(
        Apparatus, verbose_name=_("apparatus"), related_name="classes", blank=True
    )
    props = models.ManyToManyField(
        Prop, verbose_name=_("props"), related_name="classes", blank=True
    )
    poster = models.ForeignKey(
        Picture,
        verbose_name=_("poster"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    is_free = models.BooleanField(
        _("free"), default=False, help_text=_("Everybody may watch it whole, without an account.")
    )

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(
        _("published"), null=True, blank=True, help_text=_("In the future: scheduled.")
    )
    # Public until then. Nothing is written when the time comes, as with a scheduled class.
    retires_at = models.DateTimeField(
        _("retires"),
        null=True,
        blank=True,
        help_text=_("From then on it is out of the catalogue; its page stays."),
    )

    # What a curator says beside the chapters, which say it exercise by exercise.
    ticked_movements = models.ManyToManyField(
        Movement, verbose_name=_("contains"), related_name="ticked_in", blank=True
    )
    # All that it contains, ticked or in a chapter; kept by `classes.body.contents`, never typed.
    movements = models.ManyToManyField(
        Movement,
        verbose_name=_("all it contains"),
        related_name="classes",
        editable=False,
        blank=True,
    )
    # Without a person's name there is no check: if the account goes, the check goes with it.
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("checked by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True, editable=False)
    check_withdrawn = models.CharField(
        _("check taken back because"), max_length=200, blank=True, editable=False
    )

    # Published comments, replies included; kept by `comments`.
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    history = HistoricalRecords(
        excluded_fields=["comment_count", "updated_at"],
        m2m_fields=["instructors", "focus_tags", "apparatus", "props", "ticked_movements"],
    )
    objects = WorkoutClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ["-published_at", "-pk"]
        indexes = [models.Index(fields=["state", "-published_at", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(published_at__isnull=False),
                name="public_class_has_a_date",
                violation_error_message=_("A published class needs a date."),
            ),
            models.CheckConstraint(
                condition=Q(retires_at__isnull=True) | Q(retires_at__gt=F("published_at")),
                name="class_retires_after_it_is_published",
                violation_error_message=_("A class retires after it is published."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("classes:detail", args=[self.slug])

    @property
    def is_scheduled(self) -> bool:
        return (
            self.state == State.PUBLISHED
            and self.published_at is not None
            and self.published_at > timezone.now()
        )

    @property
    def is_public(self) -> bool:
        """Whether everybody may open its page: `visible_to` for one row."""
        is_out = self.published_at is not None and self.published_at <= timezone.now()
        return is_out and self.state in (State.PUBLISHED, State.RETIRED)

    @property
    def is_retired(self) -> bool:
        """Out of the catalogue by a curator's hand, or because its time has come."""
        if self.state == State.PUBLISHED and self.retires_at is not None:
            return self.retires_at <= timezone.now()
        return self.state == State.RETIRED

    @property
    def is_checked(self) -> bool:
        """Whether a named person looked at the class, whatever for: see `classes.body.vouching`."""
        return self.checked_at is not None and self.checked_by_id is not None

    @cached_property
    def ready_variants(self) -> list["Variant"]:
        """Variants with a film, the one to show first before the others. Needs `for_cards`.

        The studio's language first, then Workout Tempo, then by language code.
        """
        return sorted(
            (variant for variant in self.variants.all() if variant.is_ready),
            key=Variant.preference,
        )

    @property
    def first_variant(self) -> "Variant | None":
        """The one shown at the class's own address, the same for every visitor."""
        return self.ready_variants[0] if self.ready_variants else None

    @property
    def picture(self) -> Picture | None:
        """The curator's poster, else a frame of the first variant's film."""
        if self.poster:
            return self.poster
        first = self.first_variant
        return first.video.poster if first and first.video else None


def studio_language() -> str:
    return settings.STUDIO_LANGUAGE


class VariantQuerySet(models.QuerySet["Variant"]):
    def ready(self) -> Self:
        """Those whose film can be watched."""
        return self.filter(video__isnull=False)


class Variant(models.Model):
    """One film of a class: a tempo in a spoken language."""

    workout_class = models.ForeignKey(
        WorkoutClass, verbose_name=_("class"), on_delete=models.CASCADE, related_name="variants"
    )
    tempo = models.CharField(_("tempo"), max_length=20, choices=Tempo, default=Tempo.WORKOUT)
    language = models.CharField(
        _("spoken language"),
        max_length=12,
        default=studio_language,
        validators=[validate_language],
        help_text=_("BCP 47, e.g. en or pt-BR"),
    )
    # The film that plays; empty until one is ready.
    video = models.OneToOneField(
        Video,
        verbose_name=_("film"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="shown_as",
    )
    # A curator's statement about the film that plays; a new film takes it back.
    watched_whole_at = models.DateTimeField(
        _("watched whole"), null=True, blank=True, editable=False
    )

    history = HistoricalRecords()
    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["workout_class", "tempo", "language"],
                name="one_variant_per_tempo_and_language",
                violation_error_message=_("This class has that tempo in that language already."),
            ),
        ]
        indexes = [models.Index(fields=["tempo", "language"])]

    def __str__(self) -> str:
        return f"{self.get_tempo_display()} · {self.language}"

    def get_absolute_url(self) -> str:
        """The canonical address: the first variant's is the class's own. Needs `for_cards`."""
        if self.workout_class.first_variant == self:
            return self.workout_class.get_absolute_url()
        return reverse("classes:variant", args=[self.workout_class.slug, self.tempo, self.language])

    def preference(self) -> tuple[bool, bool, str]:
        """Sort key for the variant to show first; `False` sorts first."""
        is_other = not is_studio_language(self.language)
        return (is_other, self.tempo != Tempo.WORKOUT, self.language)

    @staticmethod
    def in_studio_language() -> Q:
        """`is_studio_language` as a condition on rows."""
        studio = primary_subtag(settings.STUDIO_LANGUAGE)
        return Q(language=studio) | Q(language__startswith=f"{studio}-")

    @staticmethod
    def by_preference() -> list[Case | OrderBy]:
        """The same order as `preference`, for `order_by` and windows."""
        # By code points, as Python sorts; a database's own collation may think otherwise.
        code = Collate("language", "C") if connection.vendor == "postgresql" else F("language")
        return [
            Case(When(Variant.in_studio_language(), then=0), default=1),
            Case(When(tempo=Tempo.WORKOUT, then=0), default=1),
            code.asc(),
        ]

    @property
    def is_ready(self) -> bool:
        return self.video_id is not None

    @property
    def duration(self) -> timedelta | None:
        return self.video.duration if self.video else None
