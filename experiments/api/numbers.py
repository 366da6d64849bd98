"""Numbers on the wire: 64 bits, and what JSON has no word for."""

import math
import time
from typing import Any

from rest_framework import serializers

INT64 = 2**63
NOT_FINITE = {"NaN", "Infinity", "-Infinity"}


def now_ms() -> int:
    """Return the time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


class NumberField(serializers.FloatField):
    """A float that may be NaN or infinite, written as the strings other tools write."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number; "NaN", "Infinity" and "-Infinity" are numbers."""
        if isinstance(data, bool):
            self.fail("invalid")
        if isinstance(data, str) and data in NOT_FINITE:
            return float(data)
        return super().to_internal_value(data)

    def to_representation(self, value: float) -> Any:
        """Return NaN as the string "NaN": JSON has no such number."""
        return "NaN" if math.isnan(value) else value


class Int64Field(serializers.IntegerField):
    """A whole number of 64 bits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=-INT64, max_value=INT64 - 1, **kwargs)
