"""Expressions read into trees. Bounded in length and depth; every error says what was expected and where."""

import re
from typing import NoReturn, TypeAlias

import msgspec

from stoker.errors import InvalidParameterError

MAX_LENGTH = 2_048
"""Characters of an expression (CloudWatch's bound)."""
MAX_DEPTH = 32
"""How deep parentheses, calls, lists and signs may nest."""


class ExpressionError(InvalidParameterError):
    """An expression makes no sense, for the reason that `message` gives."""


class Number(msgspec.Struct, frozen=True):
    """A number written out."""

    value: float


class Text(msgspec.Struct, frozen=True):
    """A quoted string."""

    value: str


class Name(msgspec.Struct, frozen=True):
    """The id of a query: it begins with a lower-case letter."""

    id: str


class Word(msgspec.Struct, frozen=True):
    """A word in capitals that is no call: REPEAT, DESC."""

    word: str


class Listing(msgspec.Struct, frozen=True):
    """`[a, b]`."""

    items: tuple["Node", ...]


class Call(msgspec.Struct, frozen=True):
    """`FUNCTION(a, b)`."""

    function: str
    arguments: tuple["Node", ...]


class Negative(msgspec.Struct, frozen=True):
    """`-a`."""

    of: "Node"


class Chain(msgspec.Struct, frozen=True):
    """Operators of one rank from left to right: `a - b + c`. Flat, so that a long sum is not a deep tree."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


Node: TypeAlias = Number | Text | Name | Word | Listing | Call | Negative | Chain
"""A part of an expression."""

_RANKS = (("OR",), ("AND",), ("==", "!=", "<=", ">=", "<", ">"), ("+", "-"), ("*", "/"))
"""Operators from the loosest to the tightest; `^` binds tighter still."""

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<mark><=|>=|==|!=|&&|\|\||[-+*/^<>()\[\],])"
    r")"
)
_SPELLINGS = {"&&": "AND", "||": "OR"}


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    at: int


_END = "the end of the expression"


def parse(expression: str) -> Node:
    """Give an expression's tree. Raises `ExpressionError` for what is none."""
    if len(expression) > MAX_LENGTH:
        _refuse(f"An expression may have {MAX_LENGTH} characters, not {len(expression)}.")
    reader = _Reader(expression)
    tree = reader.ranked(0)
    reader.expect("")
    return tree


def _refuse(message: str) -> NoReturn:
    raise ExpressionError(message, field="Expression")


def _tokens(expression: str) -> list[_Token]:
    found: list[_Token] = []
    place, end = 0, len(expression.rstrip())
    while place < end:
        match = _TOKEN.match(expression, place)
        if match is None:
            wrong = expression[place:].lstrip()
            _refuse(f"unexpected '{wrong[:1]}' at character {len(expression) - len(wrong) + 1}.")
        kind = match.lastgroup or ""
        text = match[kind]
        text = _SPELLINGS.get(text, text)
        found.append(_Token("mark" if text in {"AND", "OR"} else kind, text, match.start(kind) + 1))
        place = match.end()
    found.append(_Token("mark", "", len(expression) + 1))
    return found


class _Reader:
    """Reads tokens from left to right, one look ahead."""

    __slots__ = ("_depth", "_next", "_tokens")

    def __init__(self, expression: str) -> None:
        self._tokens = _tokens(expression)
        self._next = 0
        self._depth = 0

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _at(self, *marks: str) -> bool:
        token = self._tokens[self._next]
        return token.kind == "mark" and token.text in marks

    def expect(self, mark: str) -> None:
        """Take a mark that must come now; `""` is the end."""
        if not self._at(mark):
            self._unexpected(f"'{mark}'" if mark else _END)
        self._take()

    def _unexpected(self, wanted: str) -> NoReturn:
        token = self._tokens[self._next]
        found = f"'{token.text}'" if token.text else _END
        _refuse(f"expected {wanted}, not {found}, at character {token.at}.")

    def ranked(self, rank: int) -> Node:
        """Read operators of a rank and tighter ones."""
        if rank == len(_RANKS):
            return self._signed()
        first = self.ranked(rank + 1)
        rest: list[tuple[str, Node]] = []
        while self._at(*_RANKS[rank]):
            operator = self._take().text
            rest.append((operator, self.ranked(rank + 1)))
        return Chain(first, tuple(rest)) if rest else first

    def _signed(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            _refuse(f"it nests deeper than {MAX_DEPTH} levels.")
        if self._at("-"):
            self._take()
            tree: Node = Negative(self._signed())
        else:
            tree = self._single()
            if self._at("^"):
                self._take()
                tree = Chain(tree, (("^", self._signed()),))
        self._depth -= 1
        return tree

    def _single(self) -> Node:
        if self._at("("):
            self._take()
            inner = self.ranked(0)
            self.expect(")")
            return inner
        if self._at("["):
            self._take()
            return Listing(self._items("]"))
        token = self._tokens[self._next]
        if token.kind == "mark":
            self._unexpected("a value")
        self._take()
        if token.kind == "number":
            return Number(float(token.text))
        if token.kind == "text":
            return Text(token.text[1:-1])
        if self._at("("):
            self._take()
            return Call(token.text, self._items(")"))
        return Name(token.text) if token.text[0].islower() else Word(token.text)

    def _items(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._at(closing):
            if items:
                self.expect(",")
            items.append(self.ranked(0))
        self._take()
        return tuple(items)


def children(node: Node) -> tuple[Node, ...]:
    """Give the parts of a node, left to right."""
    match node:
        case Listing(items=items):
            return items
        case Call(arguments=arguments):
            return arguments
        case Negative(of=of):
            return (of,)
        case Chain(first=first, rest=rest):
            return (first, *(part for _, part in rest))
        case Number() | Text() | Name() | Word():
            return ()
