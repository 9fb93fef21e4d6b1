"""How an expression is refused: in one sentence that repeats it and says what is wrong with it."""

from stoker.errors import InvalidParameterError

SHOWN_CHARACTERS = 256
"""How much of an expression an error repeats."""


class WrongError(Exception):
    """What is wrong with a part of an expression; `refusal` makes the error for the caller of it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def refusal(text: str, why: str) -> InvalidParameterError:
    """Give the error of an expression."""
    return InvalidParameterError(f"Invalid Schedule Expression {text[:SHOWN_CHARACTERS]!r}: {why}.", field="Schedule")
