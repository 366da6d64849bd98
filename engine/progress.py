"""How a long computation tells what it is doing."""

from dataclasses import dataclass
from typing import Protocol


class Reporter(Protocol):
    """The channel from a computation up to the job that runs it."""

    def progress(self, share: float, note: str = "") -> None:
        """Say that `share` (0 to 1) of the work is done."""

    def log(self, line: str) -> None:
        """Keep one line in the job's log."""

    def metric(self, key: str, value: float, step: int = 0) -> None:
        """Pass up one measurement while the work goes on."""


class Silent:
    """A reporter for callers that do not listen."""

    def progress(self, share: float, note: str = "") -> None:
        """Drop the progress."""

    def log(self, line: str) -> None:
        """Drop the line."""

    def metric(self, key: str, value: float, step: int = 0) -> None:
        """Drop the measurement."""


@dataclass(frozen=True)
class Part:
    """A reporter that tells the progress of one part of the whole."""

    whole: Reporter
    start: float
    end: float

    def progress(self, share: float, note: str = "") -> None:
        """Pass the progress up, scaled to this part."""
        self.whole.progress(self.start + share * (self.end - self.start), note)

    def log(self, line: str) -> None:
        """Pass one line up."""
        self.whole.log(line)

    def metric(self, key: str, value: float, step: int = 0) -> None:
        """Pass one measurement up."""
        self.whole.metric(key, value, step)
