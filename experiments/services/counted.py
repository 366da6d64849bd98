"""What a table says of the numbers of a value case, as evidence for it."""

from collections.abc import Iterator

from dataquality.services import table_path
from engine.errors import EngineError
from engine.training.rate import yearly_rate
from engine.training.target import TargetColumn, target_column
from engine.value.distributions import Beta
from experiments.models import Protocol
from projects.selectors.counted import PREVALENCE, VOLUME
from projects.services import Measurement, Subject, record_evidence


def record_counted(protocol: Protocol) -> None:
    """Record how many rows hold what is looked for, and how many come in a year.

    A column that cannot be counted leaves nothing: the training says so, with the
    remedy.
    """
    version = protocol.data_set_version
    measurements = [*_prevalence(protocol), *_volume(protocol)]
    if not measurements:
        return
    record_evidence(
        protocol.experiment.project,
        subject=Subject(
            kind="data_set_version",
            id=str(version.pk),
            label=str(version),
            url=version.get_absolute_url(),
            digest=version.digest,
        ),
        measurements=measurements,
        inputs={version.data_set.input_name: version.digest},
    )


def _prevalence(protocol: Protocol) -> Iterator[Measurement]:
    """Yield the share of hits, and where 9 of 10 such tables would have it."""
    rules = protocol.rules
    if rules.task != "binary":
        return
    try:
        column = target_column(table_path(protocol.data_set_version), rules.target)
    except EngineError:
        return
    hits, known = _hits(column, rules.positive), column.rows - column.missing
    if not hits:
        return
    belief = Beta(hits + 0.5, known - hits + 0.5)  # Jeffreys' posterior
    low, high = (float(each) for each in belief.ppf([0.05, 0.95]))
    yield Measurement(
        PREVALENCE, hits / known, low=low, high=high, n=known, unit="share"
    )


def _volume(protocol: Protocol) -> Iterator[Measurement]:
    """Yield the rows a year, where the protocol names the time of a row."""
    name = protocol.rules.time_column
    if not name:
        return
    try:
        rate = yearly_rate(table_path(protocol.data_set_version), name)
    except EngineError:
        return
    if rate:
        yield Measurement(VOLUME, rate.value, low=rate.low, high=rate.high, n=rate.rows)


def _hits(column: TargetColumn, positive: str) -> int:
    return dict(column.values).get(positive, 0)
