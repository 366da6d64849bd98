"""Data sets, their versions by content, and what was found in them."""

import json

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.models import Job, Trashable
from core.words import in_words
from engine.checks import DIMENSIONS, KINDS, Declared, Score
from engine.errors import EngineError
from engine.profile import Profile as TableProfile
from engine.profile.records import from_json
from engine.words import again
from projects.models import Project, ProjectScopedQuerySet
from projects.models.access import M

# Addresses below a project's data that are not a data set's.
RESERVED_SLUGS = frozenset({"new"})
LONGEST_CHECK = 100_000  # characters, with all of its parameters
LONGEST_RETENTION = 36_500  # days


class DataSet(Trashable):
    """A table that comes again and again, and what it is promised to be."""

    class PersonalData(models.TextChoices):
        UNKNOWN = "unknown", _("not known")
        YES = "yes", _("yes")
        NO = "no", _("no")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="data_sets"
    )
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=80, editable=False)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    # The column that models shall predict; a version may lack it.
    target = models.CharField(
        _("column to predict"), max_length=255, blank=True, default=""
    )
    # What later versions are held against besides the one before; by name, as the
    # versions name their data set.
    reference_version = models.ForeignKey(
        "dataquality.DataSetVersion",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    # The data card: what people must know before they use it.
    owner = models.CharField(_("who answers for it"), max_length=200, blank=True)
    purpose = models.TextField(
        _("what it may be used for"), max_length=2000, blank=True
    )
    licence = models.CharField(_("licence or terms"), max_length=200, blank=True)
    personal_data = models.CharField(
        _("personal data"),
        max_length=7,
        choices=PersonalData,
        default=PersonalData.UNKNOWN,
    )
    retention_days = models.PositiveIntegerField(
        _("kept for, in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_RETENTION)],
    )
    notes = models.TextField(_("notes"), max_length=5000, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("data set")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                condition=Q(deleted_at=None),
                name="data_set_name_once",
                violation_error_message=_(
                    "A data set of this name exists already. Upload the file there as "
                    "its next version, or choose another name."
                ),
            ),
            # The trash counts too: an address never changes its meaning.
            models.UniqueConstraint(
                fields=["project", "slug"], name="data_set_slug_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("dataquality:data_set", args=[self.project.slug, self.slug])

    @property
    def input_name(self) -> str:
        """What evidence calls it among its inputs."""
        return f"data:{self.pk}"


class OfDataSetQuerySet(ProjectScopedQuerySet[M]):
    """Rows found through their data set."""

    project_path = "data_set__project"


class VersionQuerySet(OfDataSetQuerySet["DataSetVersion"]):
    """Versions, found through their data set."""


_OfVersions = models.Manager.from_queryset(VersionQuerySet)


class LiveVersions(_OfVersions["DataSetVersion"]):
    """Versions that are not in the trash: what every page and every sum is about."""

    def get_queryset(self) -> "models.QuerySet[DataSetVersion]":
        """Return the live ones."""
        return super().get_queryset().filter(deleted_at=None)


class DataSetVersion(Trashable):
    """One delivery of a data set, by its content; immutable once it is ready."""

    named_by = ("data_set",)

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        READING = "reading", _("being read")
        WAITING = "waiting", _("waiting for an answer")
        READY = "ready", _("ready")
        REFUSED = "refused", _("refused")

    data_set = models.ForeignKey(
        DataSet, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField(default=0)  # bytes of the file as it was uploaded
    source_digest = models.CharField(max_length=64)
    # That it is older than the data set is kept is told once.
    is_due_told = models.BooleanField(default=False, editable=False)
    # Of the values, whatever file they came in; empty until the file was read.
    digest = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(null=True, blank=True)
    columns = models.JSONField(default=list, blank=True)  # [{name, kind}], in order
    # engine.reading.TableRead; while it waits, the preview: read (of that kind),
    # sample, doubts and options. Sentences are as engine.words.kept.
    reading = models.JSONField(default=dict, blank=True)
    # What the reader asks or why it refused: option, proposal and the sentence.
    question = models.JSONField(default=dict, blank=True)
    refusal = models.TextField(blank=True)
    options = models.JSONField(
        default=dict, blank=True
    )  # engine.reading.Options, as answered
    delivered_at = models.DateTimeField(_("data as of"), null=True, blank=True)
    # As the source itself dates the file, where it does; never after it was fetched.
    written_at = models.DateTimeField(
        _("written at source"), null=True, blank=True, editable=False
    )
    # The newest ready version when this one became ready; none of the first.
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="children",
        editable=False,
    )
    job = models.ForeignKey(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ready_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LiveVersions()
    every = VersionQuerySet.as_manager()  # with the trash: numbers are given once

    class Meta:
        ordering = ["-number"]
        verbose_name = _("data set version")
        constraints = [
            models.UniqueConstraint(
                fields=["data_set", "number"], name="data_set_version_number_once"
            ),
            models.UniqueConstraint(
                fields=["data_set", "digest"],
                condition=Q(state="ready", deleted_at=None),
                name="data_set_version_content_once",
                violation_error_message=_("A version of this content exists already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.data_set.name}, {self.title}"

    def get_absolute_url(self) -> str:
        """Return the address of its report."""
        return reverse(
            "dataquality:version",
            args=[self.data_set.project.slug, self.data_set.slug, self.number],
        )

    @property
    def title(self) -> str:
        """Its name within the data set, such as "version 2"."""
        return gettext("version %(number)s") % {"number": self.number}

    @property
    def is_ready(self) -> bool:
        """Whether its table can be used."""
        return self.state == self.State.READY

    @property
    def is_refused(self) -> bool:
        """Whether its file could not be read."""
        return self.state == self.State.REFUSED

    @property
    def is_waiting(self) -> bool:
        """Whether the reader waits for a person's answer."""
        return self.state == self.State.WAITING

    @property
    def is_under_way(self) -> bool:
        """Whether a job has it in hand."""
        return self.state in {self.State.UPLOADED, self.State.READING}


class ProfileQuerySet(ProjectScopedQuerySet["Profile"]):
    """Profiles, found through their version."""

    project_path = "version__data_set__project"


class Profile(models.Model):
    """What was found in one version, and how good it is by the checks declared."""

    version = models.OneToOneField(
        DataSetVersion, on_delete=models.CASCADE, related_name="profile"
    )
    content = models.JSONField()  # engine.profile.Profile
    digest = models.CharField(max_length=64)
    sample = models.JSONField(default=dict)  # engine.reading.head
    # By column: the share of values that is missing, so that a history is read cheaply.
    missing = models.JSONField(default=dict)
    engine_version = models.CharField(max_length=20)
    # engine.checks.Score, six of them; sentences are as engine.words.kept.
    scores = models.JSONField(default=list)
    as_of = models.DateTimeField(null=True)  # the instant that ages are measured at
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    assessed_at = models.DateTimeField(null=True)

    objects = ProfileQuerySet.as_manager()

    def __str__(self) -> str:
        return f"profile of {self.version}"

    def table(self) -> TableProfile:
        """Return the profile as the engine's own type."""
        return TableProfile.from_json(self.content)

    def dimensions(self) -> tuple[Score, ...]:
        """Return the six scores, the four that lead first."""
        rows = {row["dimension"]: row for row in again(self.scores)}
        return tuple(
            from_json(Score, rows[name], place="scores")
            for name in DIMENSIONS
            if name in rows
        )


class CheckQuerySet(OfDataSetQuerySet["Check"]):
    """Checks, found through their data set."""

    def live(self) -> "CheckQuerySet":
        """Return those that are not in the trash."""
        return self.filter(deleted_at=None)


class Check(Trashable):
    """Something every version of a data set is promised to be."""

    class Origin(models.TextChoices):
        DECLARED = "declared", _("declared")
        SUGGESTED = "suggested", _("suggested by a profile")
        IMPORTED = "imported", _("imported")
        REQUIRED = "required", _("asked for by a requirement")

    class Severity(models.TextChoices):
        ERROR = "error", pgettext_lazy("severity", "error")
        WARNING = "warning", pgettext_lazy("severity", "warning")
        INFO = "info", pgettext_lazy("severity", "information")

    data_set = models.ForeignKey(
        DataSet, on_delete=models.CASCADE, related_name="checks"
    )
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    dimension = models.CharField(_("dimension"), max_length=20, blank=True)
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity, blank=True
    )
    where = models.TextField(_("only rows where"), max_length=5000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("owner"),
    )
    origin = models.CharField(
        max_length=10, choices=Origin, default=Origin.DECLARED, editable=False
    )
    note = models.TextField(_("note"), max_length=2000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("check")

    def __str__(self) -> str:
        return self.words

    def get_absolute_url(self) -> str:
        """Return the address where it is changed."""
        project = self.data_set.project
        return reverse(
            "dataquality:check_edit", args=[project.slug, self.data_set.slug, self.pk]
        )

    @property
    def words(self) -> str:
        """The promise as a sentence; the name of its kind if it makes no sense."""
        try:
            return in_words(self.declared().check().words())
        except EngineError:
            return self.kind

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is about; none if it makes no sense."""
        try:
            return self.declared().check().columns()
        except EngineError:
            return ()

    def declared(self) -> Declared:
        """Return the check as the engine runs it."""
        return Declared(
            id=str(self.pk),
            kind=self.kind,
            params=self.params,
            dimension=self.dimension,
            severity=self.severity,
            where=self.where,
        )

    def clean(self) -> None:
        """Refuse what the engine would not understand; fill in what the kind says."""
        said = json.dumps([self.params, self.where, self.note])
        if "\\u0000" in said:
            raise ValidationError({"params": _("Checks hold no NUL character.")})
        if len(said) > LONGEST_CHECK:
            raise ValidationError(
                {"params": _("A check has at most 100,000 characters.")}
            )
        kind = KINDS.get(self.kind)
        if kind is not None:
            self.dimension = self.dimension or kind.dimension
            self.severity = self.severity or kind.severity
        try:
            self.declared().check()
        except EngineError as error:
            raise ValidationError({"params": in_words(error)}) from error


class CheckResultQuerySet(ProjectScopedQuerySet["CheckResult"]):
    """Results, found through their profile."""

    project_path = "profile__version__data_set__project"


class CheckResult(models.Model):
    """What one check found in one version."""

    class State(models.TextChoices):
        KEPT = "kept", _("kept")
        FAILED = "failed", _("broken")
        ERROR = "error", _("could not be run")

    profile = models.ForeignKey(
        Profile, on_delete=models.CASCADE, related_name="results"
    )
    # Named apart from the model's own `check`.
    declared_check = models.ForeignKey(
        Check, on_delete=models.CASCADE, related_name="results"
    )
    state = models.CharField(max_length=10, choices=State)
    dimension = models.CharField(max_length=20)  # as both were when it was run
    severity = models.CharField(max_length=10, choices=Check.Severity)
    tested = models.BigIntegerField(default=0)
    violating = models.BigIntegerField(default=0)
    value = models.FloatField(null=True)
    # Numbers of at most twenty rows; they count from 1, the header excluded.
    example_rows = models.JSONField(default=list)
    # The promise as it was, and what there is to say; as engine.words.kept.
    words = models.JSONField(default=str)
    note = models.JSONField(default=str)
    failing_rows = models.PositiveIntegerField(default=0)  # kept in a file

    objects = CheckResultQuerySet.as_manager()

    class Meta:
        ordering = ["-violating", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "declared_check"], name="check_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.in_words}: {self.violating} of {self.tested}"

    @property
    def is_kept(self) -> bool:
        """Whether the promise is kept."""
        return self.state == self.State.KEPT

    @property
    def is_error(self) -> bool:
        """Whether the check could not be run."""
        return self.state == self.State.ERROR

    @property
    def fails_requirement(self) -> bool:
        """Whether it is reason enough not to use the version."""
        return self.severity == Check.Severity.ERROR and not self.is_kept

    @property
    def in_words(self) -> str:
        """The promise as it was when it was held against the version."""
        return in_words(again(self.words))

    @property
    def note_in_words(self) -> str:
        """Why it could not be run, or what there is to add."""
        return in_words(again(self.note))

    @property
    def failing_file(self) -> str:
        """Under which name its failing rows are kept."""
        return f"{self.declared_check_id}.parquet"


class VersionTag(models.Model):
    """A name that stands for one version of a data set at a time."""

    data_set = models.ForeignKey(DataSet, on_delete=models.CASCADE, related_name="tags")
    version = models.ForeignKey(
        DataSetVersion, on_delete=models.CASCADE, related_name="tags"
    )
    name = models.CharField(
        _("tag"),
        max_length=40,
        validators=[
            RegexValidator(
                r"^[\w][\w.-]*\Z",
                _("Letters, digits, dots, hyphens and underscores; no space."),
            )
        ],
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfDataSetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["data_set", "name"], name="version_tag_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
