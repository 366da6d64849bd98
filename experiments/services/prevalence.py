"""How often the data holds what is looked for, as evidence for the value case."""

from dataquality.services import table_path
from engine.errors import EngineError
from engine.training.target import TargetColumn, target_column
from engine.value.distributions import Beta
from experiments.models import Protocol
from projects.selectors.prevalence import PREVALENCE
from projects.services import Measurement, Subject, record_evidence


def measure_prevalence(protocol: Protocol) -> None:
    """Record the share of rows with the value to look for; nothing where none is.

    Its range is where 9 of 10 such tables would have it, by Jeffreys' posterior.
    """
    rules, version = protocol.rules, protocol.data_set_version
    if rules.task != "binary":
        return
    try:
        column = target_column(table_path(version), rules.target)
    except EngineError:
        return  # the training says so, with the remedy
    hits, known = _hits(column, rules.positive), column.rows - column.missing
    if not hits:
        return
    belief = Beta(hits + 0.5, known - hits + 0.5)
    low, high = (float(each) for each in belief.ppf([0.05, 0.95]))
    share = Measurement(
        PREVALENCE, hits / known, low=low, high=high, n=known, unit="share"
    )
    record_evidence(
        protocol.experiment.project,
        subject=Subject(
            kind="data_set_version",
            id=str(version.pk),
            label=str(version),
            url=version.get_absolute_url(),
            digest=version.digest,
        ),
        measurements=[share],
        inputs={version.data_set.input_name: version.digest},
    )


def _hits(column: TargetColumn, positive: str) -> int:
    return dict(column.values).get(positive, 0)
