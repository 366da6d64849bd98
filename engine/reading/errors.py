"""What a reader says when it refuses a file."""

from engine.errors import EngineError


class ReadError(EngineError):
    """The file was refused; nothing of it was kept.

    Attributes
    ----------
    option : str
        The option that answers the reader's question, or "" if none would help.
    proposal : str
        The value of that option that the reader would try, or "".
    """

    def __init__(self, message: str, *, option: str = "", proposal: str = "") -> None:
        super().__init__(message)
        self.option = option
        self.proposal = proposal

    @property
    def sentence(self) -> str:
        """The message, which may be said in other languages."""
        message: str = self.args[0]
        return message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.sentence, self.option, self.proposal)


def _rebuild(message: str, option: str, proposal: str) -> ReadError:
    """Return the error again after it crossed to another process."""
    return ReadError(message, option=option, proposal=proposal)
