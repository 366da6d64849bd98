"""Data sets, their versions by content, and what was found in them."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.models import Job, Trashable, User
from dataquality.kinds.schedule import ScheduleProblem, next_run
from dataquality.kinds.sources import KINDS
from engine.errors import EngineError
from engine.profile import DIMENSIONS, Rules, Score
from engine.profile import Profile as TableProfile
from engine.profile.records import from_json
from projects.models import Project, ProjectScopedQuerySet
from projects.models.access import M

# Addresses below a project's data that are not a data set's.
RESERVED_SLUGS = frozenset({"new"})
# Rules may leave the instant out; the day of the delivery stands in for it.
ANY_INSTANT = "2000-01-01T00:00:00Z"


class DataSet(Trashable):
    """A table that comes again and again, and what it is promised to be."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="data_sets"
    )
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=80, editable=False)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    # As `engine.profile.Rules` says; a path names another data set of the project.
    rules = models.JSONField(_("rules"), default=dict, blank=True)
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

    def clean(self) -> None:
        """Refuse rules that the engine would not understand."""
        if "\\u0000" in json.dumps(self.rules):
            raise ValidationError({"rules": _("Rules hold no NUL character.")})
        try:
            Rules.from_json(complete(self.rules, as_of="", delivered_at=ANY_INSTANT))
        except EngineError as error:
            raise ValidationError({"rules": str(error)}) from error


def complete(rules: Any, *, as_of: str, delivered_at: str) -> Any:
    """Return declared rules with the instants that a version adds to them."""
    if not isinstance(rules, dict):
        return rules
    whole = {**rules, "as_of": rules.get("as_of") or as_of or ANY_INSTANT}
    timeliness = whole.get("timeliness")
    if isinstance(timeliness, dict) and not timeliness.get("column"):
        if timeliness.get("delivered_at") or delivered_at:
            whole["timeliness"] = {"delivered_at": delivered_at} | timeliness
        else:
            # Without a date its age is unknown, so it is not assessed.
            del whole["timeliness"]
    return whole


class OfDataSetQuerySet(ProjectScopedQuerySet[M]):
    """Rows found through their data set."""

    project_path = "data_set__project"


class DataSetVersion(models.Model):
    """One delivery of a data set, by its content; immutable once it is ready."""

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
    # Of the values, whatever file they came in; empty until the file was read.
    digest = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(null=True)
    columns = models.JSONField(default=list)  # [{name, kind}], in order
    # engine.reading.TableRead; while it waits, the preview: read (of that kind),
    # sample, doubts and options. Sentences are as engine.words.kept.
    reading = models.JSONField(default=dict)
    # What the reader asks or why it refused: option, proposal and the sentence.
    question = models.JSONField(default=dict)
    refusal = models.TextField(blank=True)
    options = models.JSONField(default=dict)  # engine.reading.Options, as answered
    delivered_at = models.DateTimeField(_("data as of"), null=True, blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ready_at = models.DateTimeField(null=True, editable=False)

    objects = OfDataSetQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["data_set", "number"], name="data_set_version_number_once"
            ),
            models.UniqueConstraint(
                fields=["data_set", "digest"],
                condition=Q(state="ready"),
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
    """What was found in one version, and how good it is by the rules declared."""

    version = models.OneToOneField(
        DataSetVersion, on_delete=models.CASCADE, related_name="profile"
    )
    content = models.JSONField()  # engine.profile.Profile
    digest = models.CharField(max_length=64)
    sample = models.JSONField(default=dict)  # engine.reading.head
    engine_version = models.CharField(max_length=20)
    scores = models.JSONField(default=list)  # engine.profile.Score, six of them
    rules = models.JSONField(default=dict)  # that the scores were made with
    as_of = models.DateTimeField(null=True)  # the instant that ages are measured at
    # Why the rules could not be applied, such as a column that is no more.
    assessment_problem = models.TextField(blank=True)
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
        rows = {row["dimension"]: row for row in self.scores}
        return tuple(
            from_json(Score, rows[name], place="scores")
            for name in DIMENSIONS
            if name in rows
        )


class Check(models.Model):
    """One declared rule of a data set, in words; results of each version hang on it."""

    data_set = models.ForeignKey(
        DataSet, on_delete=models.CASCADE, related_name="checks"
    )
    dimension = models.CharField(max_length=20)
    words = models.CharField(max_length=500)

    objects = OfDataSetQuerySet.as_manager()

    class Meta:
        ordering = ["dimension", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["data_set", "dimension", "words"], name="check_once"
            )
        ]

    def __str__(self) -> str:
        return self.words


class CheckResultQuerySet(ProjectScopedQuerySet["CheckResult"]):
    """Results, found through their profile."""

    project_path = "profile__version__data_set__project"


class CheckResult(models.Model):
    """How many rows of one version break one rule, and the first of them."""

    profile = models.ForeignKey(
        Profile, on_delete=models.CASCADE, related_name="results"
    )
    rule = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="results")
    tested = models.BigIntegerField()
    violating = models.BigIntegerField()
    # Numbers of at most twenty rows; they count from 1, the header excluded.
    example_rows = models.JSONField(default=list)

    objects = CheckResultQuerySet.as_manager()

    class Meta:
        ordering = ["-violating", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "rule"], name="check_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.violating} of {self.tested}"

    @property
    def is_kept(self) -> bool:
        """Whether no row breaks the rule."""
        return self.violating == 0


class Source(models.Model):
    """Where a data set's versions are fetched from, and how the last fetch went."""

    data_set = models.OneToOneField(
        DataSet, on_delete=models.CASCADE, related_name="source"
    )
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=[(each.key, each.title) for each in KINDS.values()],
    )
    settings = models.JSONField(default=dict)  # by the names of the kind's settings
    # JSON of its secrets, encrypted: needed in clear to fetch, never to be read again.
    secrets = models.TextField(blank=True, editable=False)
    schedule = models.CharField(_("schedule"), max_length=100, blank=True)
    next_at = models.DateTimeField(null=True, editable=False, db_index=True)
    # Whose rights a fetch has, and who is told when it fails.
    owner = models.ForeignKey(
        User,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    # What the server says of the file that came last, to be asked only for another.
    seen = models.JSONField(default=dict, editable=False)
    fetched_at = models.DateTimeField(null=True, editable=False)  # last, with success
    error = models.TextField(blank=True, editable=False)  # of the last try
    failing_since = models.DateTimeField(null=True, editable=False)
    # Of the last test: at, is_good and the sentence.
    checked = models.JSONField(default=dict, editable=False)
    job = models.ForeignKey(
        Job, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfDataSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")

    def __str__(self) -> str:
        return f"{self.data_set.name}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse(
            "dataquality:source", args=[self.data_set.project.slug, self.data_set.slug]
        )

    def clean(self) -> None:
        """Refuse a schedule that never comes due."""
        if not self.schedule:
            self.next_at = None
            return
        try:
            self.next_at = next_run(
                self.schedule,
                after=timezone.now(),
                zone=timezone.get_default_timezone(),
            )
        except ScheduleProblem as error:
            raise ValidationError({"schedule": str(error)}) from error


class Upload(models.Model):
    """A large file that comes in parts, until it is whole and becomes a version."""

    data_set = models.ForeignKey(
        DataSet, on_delete=models.CASCADE, related_name="uploads"
    )
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    part_size = models.PositiveIntegerField()
    # What tells the file from others on the sender's side, to go on after a reload.
    fingerprint = models.CharField(max_length=300, blank=True)
    options = models.JSONField(default=dict)  # engine.reading.Options
    delivered_at = models.DateTimeField(null=True, blank=True)
    # The version it became; completion is one compare-and-set on `finished_at`.
    version = models.ForeignKey(
        DataSetVersion, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = OfDataSetQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def n_parts(self) -> int:
        """How many parts make the file whole."""
        return max(-(-self.size // self.part_size), 1)

    def size_of(self, number: int) -> int:
        """Return how many bytes a part has; they count from 1."""
        if number < self.n_parts:
            return self.part_size
        return self.size - self.part_size * (self.n_parts - 1)


class UploadPart(models.Model):
    """One part that has come; its bytes lie in the store."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="part_once")
        ]

    def __str__(self) -> str:
        return f"{self.upload}, part {self.number}"
