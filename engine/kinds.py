"""What a column of a canonical table may hold."""

from typing import Literal

Kind = Literal["text", "integer", "number", "boolean", "date", "datetime"]
