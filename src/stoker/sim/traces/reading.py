"""Reads traces in the layouts that public ones come in; which one a file has is told by its head.

| layout | told by | columns |
|---|---|---|
| plain | CSV with `t` | `t` (s), and any of `model`, `dur_s`, `in_tok`, `out_tok` |
| Azure LLM | `TIMESTAMP` | `TIMESTAMP`, `ContextTokens`, `GeneratedTokens` |
| BurstGPT | `Request tokens` | `Timestamp` (s), `Model`, `Request tokens`, `Response tokens` |
| Mooncake | JSON lines | `timestamp` (ms), `input_length`, `output_length` |
| counts | `count` | `t` (s), `count`, and `series` |
| windows | `dist` | ServeGen's `client`, `t` (s), `rate` (1/s), `dist`, `p1` |
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec

from stoker.errors import InvalidParameterError
from stoker.sim.traces.expanding import Counts, Window, expand_counts, expand_windows
from stoker.sim.traces.service import ServiceModel
from stoker.sim.traces.values import Collector, Trace
from stoker.units import MILLISECOND, SECOND, Instant, Rng, seconds

MAX_LINE: Final = 1_000_000
MAX_T_S: Final = 4e9
_EPOCHAL_S: Final = 1e9
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d*(?:Z|\+00:00)?$")

Row = dict[str, str]


_Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=MAX_T_S * 1000)]
_Tokens = Annotated[float, msgspec.Meta(ge=0, le=MAX_T_S)]


class _Mooncake(msgspec.Struct):
    timestamp: _Milliseconds
    input_length: _Tokens = 0.0
    output_length: _Tokens = 0.0


class Line:
    """One line of a table, whose fields are read by name; errors name the file, the line and the column."""

    __slots__ = ("_row", "where")

    def __init__(self, row: Row, where: str) -> None:
        self._row = row
        self.where = where

    def has(self, column: str) -> bool:
        """Whether the line has a value there."""
        return bool(self._row.get(column))

    def text(self, column: str, default: str = "") -> str:
        """Give the text of a column."""
        return self._row.get(column) or default

    def number(self, column: str) -> float:
        """Give the number of a column, finite and not below zero."""
        text = self._row.get(column) or ""
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= MAX_T_S:
            wanted = f"a number from 0 to {MAX_T_S:.0f}"
            raise InvalidParameterError(f"{self.where}: {column} is {text!r}, not {wanted}.", field="--trace")
        return value


def read_trace(path: Path, service: ServiceModel, rng: Rng, *, wanted: Callable[[str], bool] = lambda _: True) -> Trace:
    """Read a trace, gzipped or not, of the models that are `wanted`; raises `InvalidParameterError` for what is none."""
    try:
        with _opened(path) as lines:
            return _read(path, lines, service, rng, wanted)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise InvalidParameterError(f"The trace {path} cannot be read: {error}.", field="--trace") from error


def _opened(path: Path) -> io.TextIOBase:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig", newline="")


def _read(path: Path, file: io.TextIOBase, service: ServiceModel, rng: Rng, wanted: Callable[[str], bool]) -> Trace:
    lines = _bounded(file, path)
    first = next(lines, "")
    if first.lstrip().startswith("{"):
        return _mooncake(path, first, lines, service, wanted)
    columns = [column.strip() for column in next(csv.reader([first]), [])]
    table = _table(path, columns, lines)
    known = set(columns)
    if {"t", "count"} <= known:
        return expand_counts(path.name, _counts(table, wanted), service, rng)
    if {"client", "t", "rate", "dist", "p1"} <= known:
        return expand_windows(path.name, _windows(table, wanted), service, rng)
    if "TIMESTAMP" in known:
        return _azure(path, table, service, wanted)
    if {"Timestamp", "Request tokens"} <= known:
        return _rows(path, table, service, wanted, ("Timestamp", "Model", "", "Request tokens", "Response tokens"))
    if "t" in known:
        return _rows(path, table, service, wanted, ("t", "model", "dur_s", "in_tok", "out_tok"))
    raise InvalidParameterError(
        f"{path}: the columns {', '.join(columns) or '(none)'} are no layout that is known here; a plain trace has t, model, and "
        "dur_s or in_tok and out_tok.",
        field="--trace",
    )


def _bounded(file: io.TextIOBase, path: Path) -> Iterator[str]:
    while line := file.readline(MAX_LINE):
        if len(line) >= MAX_LINE:
            raise InvalidParameterError(f"{path} has a line of more than {MAX_LINE} characters.", field="--trace")
        yield line


def _table(path: Path, columns: list[str], lines: Iterator[str]) -> Iterator[Line]:
    reader = csv.reader(lines, strict=True)
    for row in reader:
        if row and row != columns:  # files put one after the other repeat the head
            yield Line(dict(zip(columns, row, strict=False)), f"{path}, line {reader.line_num + 1}")


def _rows(
    path: Path,
    table: Iterator[Line],
    service: ServiceModel,
    wanted: Callable[[str], bool],
    columns: tuple[str, str, str, str, str],
) -> Trace:
    moment, model, duration, tokens_in, tokens_out = columns
    collected = Collector()
    epochal = False
    for line in table:
        name = line.text(model, "model")
        if not wanted(name):
            continue
        at_s = line.number(moment)
        epochal = epochal or at_s >= _EPOCHAL_S
        if line.has(duration):
            span = service.of_duration(line.number(duration))
        elif line.has(tokens_in) or line.has(tokens_out):
            read = line.number(tokens_in) if line.has(tokens_in) else 0.0
            span = service.of_tokens(read, line.number(tokens_out) if line.has(tokens_out) else 0.0)
        else:
            span = service.unknown()
        collected.add(name, seconds(at_s), span)
    return collected.trace(path.name, absolute=epochal)


def _azure(path: Path, table: Iterator[Line], service: ServiceModel, wanted: Callable[[str], bool]) -> Trace:
    collected = Collector()
    for line in table:
        name = line.text("model", "model")
        if wanted(name):
            span = service.of_tokens(line.number("ContextTokens"), line.number("GeneratedTokens"))
            collected.add(name, _moment(line), span)
    return collected.trace(path.name, absolute=True)


def _moment(line: Line) -> Instant:
    text = line.text("TIMESTAMP")
    found = _MOMENT.match(text)
    if found is None:
        raise InvalidParameterError(f"{line.where}: TIMESTAMP is {text!r}, not as in 2023-11-16 18:15:46.68.", field="--trace")
    day, clock, fraction = found.groups()
    try:
        whole = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidParameterError(f"{line.where}: TIMESTAMP {text!r} is no moment: {error}.", field="--trace") from error
    return int(whole.timestamp()) * SECOND + int((fraction or "0").ljust(9, "0"))


def _mooncake(path: Path, first: str, lines: Iterator[str], service: ServiceModel, wanted: Callable[[str], bool]) -> Trace:
    collected = Collector()
    decoder = msgspec.json.Decoder(_Mooncake)
    model = path.name.partition(".")[0]
    for number, line in enumerate(_chained(first, lines), start=1):
        if not line.strip():
            continue
        try:
            row = decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise InvalidParameterError(f"{path}, line {number}: {error}", field="--trace") from error
        if wanted(model):
            collected.add(model, round(row.timestamp * MILLISECOND), service.of_tokens(row.input_length, row.output_length))
    return collected.trace(path.name)


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _counts(table: Iterator[Line], wanted: Callable[[str], bool]) -> Iterator[Counts]:
    for line in table:
        name = line.text("series") or line.text("model", "model")
        if wanted(name):
            yield Counts(name, line.number("t"), round(line.number("count")))


def _windows(table: Iterator[Line], wanted: Callable[[str], bool]) -> Iterator[Window]:
    for line in table:
        name = line.text("client")
        if wanted(name):
            yield Window(name, line.number("t"), line.number("rate"), line.text("dist"), line.number("p1"), line.where)
