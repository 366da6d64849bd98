"""What the annual gain is when one input is low or high and the others are likely."""

from dataclasses import dataclass

from engine.value.case import ValueCase
from engine.value.simulate import expected_gain


@dataclass(frozen=True)
class Swing:
    """One bar of a tornado chart."""

    name: str
    low: float  # the input's P5, within its bounds
    high: float  # its P95
    gain_at_low: float  # in the case's currency per year
    gain_at_high: float

    @property
    def width(self) -> float:
        """How far the gain moves, whichever way."""
        return abs(self.gain_at_high - self.gain_at_low)


def gain_at_likely(case: ValueCase) -> float:
    """Return the annual gain with every input at likely; not its expected value."""
    return expected_gain(case, _likely(case))


def tornado(case: ValueCase) -> tuple[Swing, ...]:
    """Return the swing of each input, the widest first."""
    likely = _likely(case)
    swings = []
    for quantity in case.quantities:
        ends = quantity.clip(quantity.distribution.ppf((0.05, 0.95)))
        low, high = (float(end) for end in ends)
        gains = (
            expected_gain(case, likely | {quantity.name: at}) for at in (low, high)
        )
        swings.append(Swing(quantity.name, low, high, *gains))
    return tuple(sorted(swings, key=lambda swing: (-swing.width, swing.name)))


def _likely(case: ValueCase) -> dict[str, float]:
    return {quantity.name: quantity.likely for quantity in case.quantities}
