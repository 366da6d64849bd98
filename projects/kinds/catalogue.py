"""The five kinds of requirement: what each asks, and the tests its answers are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engine.training.metrics import METRICS
from projects.kinds import compliance
from projects.kinds.asking import (
    Ask,
    Bound,
    DetailProblems,
    Type,
    When,
    Words,
    checked,
)

Details = Mapping[str, Any]
_l = gettext_lazy

DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 31.0}
DATA_AGE = "data_age_days"
# The dimensions of quality that data are scored in, each as the metric `<name>_score`.
SCORES = ("accuracy", "completeness", "consistency", "timeliness")
ANSWERS = "answers_met"
INTERPRETABILITY = "interpretability"
# Ends the key of a metric that says how far apart groups are: `recall_gap`.
GAP = "_gap"

# How far a person can follow a model of a family: 2 read it, 1 have it explained.
INTERPRETABLE, EXPLAINED, ANY = 2.0, 1.0, 0.0
LEVELS = {"any": ANY, "explained": EXPLAINED, "interpretable": INTERPRETABLE}
LEVEL_TITLES = {
    "any": _l("any model"),
    "explained": _l("explained"),
    "interpretable": _l("inherently interpretable"),
}
# As short as a column of a table.
LEVEL_WORDS = {
    ANY: _l("any"),
    EXPLAINED: _l("explained"),
    INTERPRETABLE: _l("readable"),
}
LEVEL_OF_FAMILY = {
    "baseline": INTERPRETABLE,
    "linear": INTERPRETABLE,
    "tree": INTERPRETABLE,
    "forest": EXPLAINED,
    "boosting": EXPLAINED,
    "neural": EXPLAINED,
}


@dataclass(frozen=True)
class Platform:
    """Where a model can run, and how large one usually may be there."""

    key: str
    title: Words
    usual_mb: float | None = None


# Orders of magnitude, to notice a requirement that cannot be meant.
PLATFORMS = {
    each.key: each
    for each in (
        Platform("server", _l("our own server")),
        Platform("container", _l("container in a cluster")),
        Platform("gpu", _l("server with an accelerator")),
        Platform("serverless", _l("serverless function"), 250),
        Platform("database", _l("inside the database"), 100),
        Platform("browser", _l("web browser"), 50),
        Platform("phone", _l("phone or tablet"), 200),
        Platform("controller", _l("microcontroller"), 1),
    )
}


@dataclass(frozen=True)
class Kind:
    """What a kind asks, the bounds its answers set, and what a person must attest."""

    key: str
    asks: tuple[Ask, ...]
    bounds: Callable[[Details], tuple[Bound, ...]]
    attested: Callable[[Details], tuple[str, ...]]


def _nothing(_details: Details) -> tuple[Any, ...]:
    return ()


# -- prediction frequency

BATCH = When("mode", ("batch",))
REAL_TIME = When("mode", ("real_time",))
FREQUENCY = (
    Ask(
        "mode",
        _l("When are predictions made?"),
        Type.CHOICE,
        choices=(
            ("real_time", _l("one by one, when asked (real time)")),
            ("batch", _l("many at once, by a plan (batch)")),
        ),
        is_required=True,
    ),
    Ask(
        "every",
        _l("Every"),
        Type.WHOLE,
        least=1,
        most=1000,
        is_required=True,
        when=BATCH,
    ),
    Ask(
        "period",
        _l("Period"),
        Type.CHOICE,
        choices=(
            ("minute", _l("minutes")),
            ("hour", _l("hours")),
            ("day", _l("days")),
            ("week", _l("weeks")),
            ("month", _l("months")),
        ),
        is_required=True,
        when=BATCH,
    ),
    Ask(
        "rows",
        _l("Cases in a batch"),
        Type.WHOLE,
        least=1,
        when=BATCH,
    ),
    Ask(
        "window_minutes",
        _l("Done within"),
        Type.NUMBER,
        help=_l("From the start of a batch to its last prediction."),
        unit=_l("minutes"),
        least=0.01,
        most=1e6,
        when=BATCH,
    ),
    Ask(
        "latency_ms",
        _l("Answered within"),
        Type.NUMBER,
        help=_l("In 99 of 100 requests; runs are tested against it."),
        unit="ms",
        least=0.001,
        most=3.6e6,
        is_required=True,
        when=REAL_TIME,
    ),
    Ask(
        "per_second",
        _l("Requests at the peak"),
        Type.NUMBER,
        unit=_l("a second"),
        least=0.001,
        most=1e9,
        when=REAL_TIME,
    ),
    Ask(
        "freshness_days",
        _l("Data no older than"),
        Type.NUMBER,
        help=_l(
            "What the timeliness of the data is held against. Left empty, batches ask "
            "for data of their own period."
        ),
        unit=_l("days"),
        least=0.001,
        most=36500,
    ),
)


def freshness_days(details: Details) -> float | None:
    """Return how old data may be; a batch's own period unless stated."""
    stated = details.get("freshness_days")
    if isinstance(stated, int | float):
        return float(stated)
    if details.get("mode") == "batch" and details.get("every"):
        return float(details["every"]) * DAYS.get(details.get("period", ""), 1.0)
    return None


def _of_frequency(details: Details) -> tuple[Bound, ...]:
    found = []
    if details.get("mode") == "real_time" and details.get("latency_ms"):
        limit = float(details["latency_ms"])
        found.append(Bound("latency_p99", "le", limit, "ms", about="run"))
    if (days := freshness_days(details)) is not None:
        found.append(Bound(DATA_AGE, "le", days, "days", about="data_set_version"))
    return tuple(found)


# -- transparency

TRANSPARENCY = (
    Ask(
        "level",
        _l("How far must a person be able to follow it?"),
        Type.CHOICE,
        help=_l("It decides which families of models are allowed."),
        choices=(
            ("any", _l("any model will do")),
            ("explained", _l("its predictions are explained")),
            (
                "interpretable",
                _l("the model itself can be read: inherently interpretable"),
            ),
        ),
        is_required=True,
    ),
    Ask(
        "explanations",
        _l("Which explanations are needed?"),
        Type.CHOICES,
        choices=(
            ("importance", _l("which features matter overall")),
            ("reasons", _l("the reasons of each prediction")),
            ("counterfactual", _l("what would have to change for another answer")),
            ("model_card", _l("a model card with purpose and limits")),
        ),
        is_required=True,
        when=When("level", ("explained", "interpretable")),
    ),
    Ask(
        "audience",
        _l("Who reads them?"),
        Type.CHOICE,
        choices=(
            ("people", _l("the people decided about")),
            ("staff", _l("those who act on it")),
            ("auditors", _l("auditors and supervisors")),
            ("scientists", _l("data scientists")),
        ),
        when=When("level", ("explained", "interpretable")),
    ),
)


def allowed_families(level: float) -> tuple[str, ...]:
    """Return the families of models that a level allows."""
    return tuple(key for key, reached in LEVEL_OF_FAMILY.items() if reached >= level)


def _of_transparency(details: Details) -> tuple[Bound, ...]:
    level = LEVELS.get(details.get("level", ""))
    if level is None:
        return ()
    return (Bound(INTERPRETABILITY, "ge", level, "level", about="run"),)


def _attested_transparency(details: Details) -> tuple[str, ...]:
    # The portal computes which features matter for each run it trains.
    needed = [each for each in details.get("explanations", []) if each != "importance"]
    titles = dict(TRANSPARENCY[1].choices)
    return tuple(str(titles.get(each, each)) for each in needed)


# -- compliance

# Shares, so that one field of points fits them all.
COMPARED = {each.key: each.title for each in METRICS if each.unit == "share"}
COMPLIANCE = (
    Ask(
        "template",
        _l("Law or guidance"),
        Type.CHOICE,
        help=_l("Its questions are answered on the requirement’s own page."),
        choices=tuple((t.key, t.title) for t in compliance.TEMPLATES.values()),
    ),
    Ask(
        "pii_columns",
        _l("Columns with personal data"),
        Type.NAMES,
        help=_l("Names with commas between."),
    ),
    Ask(
        "slices",
        _l("Fairness slices"),
        Type.NAMES,
        help=_l(
            "Groups whose errors must be compared: columns such as region, or one "
            "group such as age < 30; every run measures them."
        ),
    ),
    Ask(
        "gap_metric",
        _l("Groups are held to the same"),
        Type.CHOICE,
        help=_l("Left empty, a person compares them."),
        choices=tuple(COMPARED.items()),
    ),
    Ask(
        "gap_most",
        _l("Groups differ by at most"),
        Type.NUMBER,
        unit=_l("points of 100"),
        most=100,
        is_required=True,
        when=When("gap_metric", tuple(COMPARED)),
    ),
    Ask(
        "retention_days",
        _l("Kept at most"),
        Type.WHOLE,
        unit=_l("days"),
        least=1,
        most=36500,
    ),
)


def _of_compliance(details: Details) -> tuple[Bound, ...]:
    if details.get("template") not in compliance.TEMPLATES:
        return _gaps(details)
    answered = Bound(ANSWERS, "ge", 1.0, "share", about="answers")
    return (answered, *_gaps(details))


def _gaps(details: Details) -> tuple[Bound, ...]:
    metric, most = details.get("gap_metric"), details.get("gap_most")
    if not metric or most is None:
        return ()
    return tuple(
        Bound(metric + GAP, "le", most / 100, "share", slice=each, about="run")
        for each in details.get("slices") or ()
    )


def _attested_compliance(details: Details) -> tuple[str, ...]:
    # With a template, these are questions of it.
    if details.get("template"):
        return ()
    found = []
    slices = details.get("slices")
    if slices and not _gaps(details):
        found.append(_("errors compared over %(names)s") % {"names": ", ".join(slices)})
    if days := details.get("retention_days"):
        found.append(_("nothing kept beyond %(days)s days") % {"days": days})
    return tuple(found)


# -- deployment

DEPLOYMENT = (
    Ask(
        "platform",
        _l("Where does it run?"),
        Type.CHOICE,
        choices=tuple((each.key, each.title) for each in PLATFORMS.values()),
    ),
    Ask(
        "offline",
        _l("Must it work without a network?"),
        Type.CHOICE,
        choices=(("yes", _l("yes")), ("no", _l("no"))),
        when=When("platform", ("phone", "browser", "controller")),
    ),
    Ask(
        "latency_p50_ms",
        _l("Typical answer within"),
        Type.NUMBER,
        help=_l("Half of all requests; measured with each run."),
        unit="ms",
        least=0.001,
        most=3.6e6,
    ),
    Ask(
        "latency_p99_ms",
        _l("Slow answer within"),
        Type.NUMBER,
        help=_l("In 99 of 100 requests; measured with each run."),
        unit="ms",
        least=0.001,
        most=3.6e6,
    ),
    Ask(
        "model_mb",
        _l("Model no larger than"),
        Type.NUMBER,
        help=_l("The stored file; measured with each run."),
        unit="MB",
        least=0.001,
        most=1e6,
    ),
    Ask(
        "memory_mb",
        _l("Memory no more than"),
        Type.NUMBER,
        help=_l("While it serves; a person attests it."),
        unit="MB",
        least=0.001,
        most=1e7,
    ),
    Ask(
        "cost_per_1000",
        _l("Cost of 1,000 predictions no more than"),
        Type.NUMBER,
        help=_l("In the project’s currency; a person attests it."),
        least=0.0,
        most=1e9,
    ),
)
MEASURED_IN_DEPLOYMENT = (
    ("latency_p99_ms", "latency_p99", "ms"),
    ("latency_p50_ms", "latency_p50", "ms"),
    ("model_mb", "model_bytes", "MB"),
)


def _of_deployment(details: Details) -> tuple[Bound, ...]:
    return tuple(
        Bound(metric, "le", float(details[key]), unit, about="run")
        for key, metric, unit in MEASURED_IN_DEPLOYMENT
        if details.get(key)
    )


def _attested_deployment(details: Details) -> tuple[str, ...]:
    found = []
    if memory := details.get("memory_mb"):
        found.append(_("memory at most %(mb)s MB") % {"mb": f"{memory:g}"})
    if (cost := details.get("cost_per_1000")) is not None:
        found.append(_("1,000 predictions cost at most %(x)s") % {"x": f"{cost:g}"})
    if not found and not _of_deployment(details) and details.get("platform"):
        title = PLATFORMS[details["platform"]].title
        found.append(_("runs on: %(platform)s") % {"platform": title})
    return tuple(found)


KINDS: Mapping[str, Kind] = {
    each.key: each
    for each in (
        Kind("frequency", FREQUENCY, _of_frequency, _nothing),
        Kind("accuracy", (), _nothing, _nothing),
        Kind("transparency", TRANSPARENCY, _of_transparency, _attested_transparency),
        Kind("compliance", COMPLIANCE, _of_compliance, _attested_compliance),
        Kind("deployment", DEPLOYMENT, _of_deployment, _attested_deployment),
    )
}
# Metrics that structured fields bound: their value is not typed a second time.
OWN_METRICS: Mapping[str, frozenset[str]] = {
    "frequency": frozenset({"latency_p99", DATA_AGE}),
    "accuracy": frozenset(),
    "transparency": frozenset({INTERPRETABILITY}),
    "compliance": frozenset({ANSWERS, *(key + GAP for key in COMPARED)}),
    "deployment": frozenset(metric for _k, metric, _u in MEASURED_IN_DEPLOYMENT),
}


def checked_details(kind: str, details: Any) -> dict[str, Any]:
    """Return a requirement's structured fields in their own types.

    No fields at all are fine: then it is tested as its other columns say.

    Raises
    ------
    DetailProblems
        If a field is unknown, missing or cannot be used.
    """
    if not isinstance(details, Mapping):
        raise DetailProblems({"details": _("Give an object of fields.")})
    if not details:
        return {}
    plain = {key: value for key, value in details.items() if key != "answers"}
    answers = details.get("answers") if kind == "compliance" else None
    if kind != "compliance" and "answers" in details:
        plain["answers"] = details["answers"]
    found = checked(KINDS[kind].asks, plain)
    if found.get("gap_metric") and not found.get("slices"):
        raise DetailProblems({"slices": _("Name the groups that are to be compared.")})
    if answers:
        found["answers"] = compliance.checked_answers(
            found.get("template", ""), answers
        )
    return found


def bounds_of(kind: str, details: Details) -> tuple[Bound, ...]:
    """Return the bounds that a requirement's structured fields set."""
    return KINDS[kind].bounds(details) if kind in KINDS else ()


def attested_of(kind: str, details: Details) -> tuple[str, ...]:
    """Return what of the structured fields no measurement shows, in words."""
    return KINDS[kind].attested(details) if kind in KINDS else ()


# Fields that a page shows as tests, with what was measured.
AS_TESTS = frozenset(
    {
        "latency_ms",
        "freshness_days",
        "level",
        "latency_p50_ms",
        "latency_p99_ms",
        "model_mb",
        "memory_mb",
        "cost_per_1000",
        "gap_metric",
        "gap_most",
    }
)


def lines_of(
    kind: str, details: Details, *, with_tests: bool = True
) -> list[tuple[str, str]]:
    """Return the structured fields that are filled in, as label and answer."""
    asks = KINDS[kind].asks if kind in KINDS else ()
    return [
        (str(each.label), each.said(details[each.key]))
        for each in asks
        if each.key in details
        and each.applies(details)
        and (with_tests or each.key not in AS_TESTS)
    ]
