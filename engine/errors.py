"""What the engine raises when its input cannot be used."""


class EngineError(ValueError):
    """Bad input; the message names the place, the value and the remedy."""
