"""Tells what the gateway's benchmark found: beside the goals on the screen, as a page, as JSON."""

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from _loads import Figures
from _memory import MemoryFigures
from _streams import StreamFigures

QUIET = 0.85
"""Share of a core below which neither the proxy nor the load set the pace: others did."""
DIRECT = "direct"
"""The name of the way without a proxy."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One round of one gateway, and of two that share its port; the second one has the other core."""

    one: Figures
    two: Figures


class Findings(msgspec.Struct, kw_only=True):
    """Everything that was measured; each list has an item a round."""

    machine: str = ""
    taken: str = ""
    versions: dict[str, str] = {}
    full: dict[str, list[Figures]] = {}
    light: dict[str, list[Figures]] = {}
    streams: dict[str, list[StreamFigures]] = {}
    memory: dict[str, MemoryFigures] = {}
    pairs: list[Pair] = []
    end_to_end: dict[str, list[Figures]] = {}
    notes: dict[str, str] = {}


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What was wanted of a figure, and what it is; None when it was not measured."""

    what: str
    wanted: str
    found: float | None
    met: bool | None
    unit: str = ""


def machine() -> str:
    """Give a line about this machine."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = f", {names[0]}" if names else ""
    return f"{os.cpu_count()} cores{model}, {platform.system()} {platform.release()}"


def middle(values: Sequence[float]) -> float:
    """Give the median."""
    return statistics.median(values)


def ratio(of: Mapping[str, Sequence[Figures]], name: str, to: str, value: Callable[[Figures], float]) -> float | None:
    """Give the median over the rounds of one proxy's figure divided by another's of the same round; None when one has none."""
    if not of.get(name) or not of.get(to):
        return None
    return middle([value(a) / value(b) for a, b in zip(of[name], of[to], strict=False) if value(b)])


def _rate(figures: Figures) -> float:
    return figures.rate


def per_core(figures: Figures) -> float:
    """Give the requests a second that the CPU time of one core is good for."""
    return 1e6 / figures.cpu_us


def added(of: Mapping[str, Sequence[Figures]], name: str, value: Callable[[Figures], float]) -> float | None:
    """Give the median over the rounds of what a proxy adds to the direct way; None when one was not measured."""
    if not of.get(name) or not of.get(DIRECT):
        return None
    return middle([value(a) - value(b) for a, b in zip(of[name], of[DIRECT], strict=False)])


def _gap_added(found: Findings, name: str) -> float | None:
    if not found.streams.get(name) or not found.streams.get(DIRECT):
        return None
    pairs = zip(found.streams[name], found.streams[DIRECT], strict=False)
    return middle([mine.gap_p99_ms - direct.gap_p99_ms for mine, direct in pairs])


def _goal(what: str, found: float | None, *, least: float | None = None, most: float | None = None, unit: str = "") -> Goal:
    wanted, met = f">= {least:g}{unit}" if most is None else f"<= {most:g}{unit}", None
    if found is not None:
        met = found >= least if least is not None else most is not None and found <= most
    return Goal(what=what, wanted=wanted, found=found, met=met, unit=unit)


def goals(found: Findings) -> list[Goal]:
    """Hold the figures against what is wanted of them."""
    mine, nginx = added(found.light, "stoker", lambda f: f.p50_us), added(found.light, "nginx", lambda f: f.p50_us)
    held = [one.held_bytes for one in found.memory.values() if one.held_bytes is not None]
    lost = sum(round_.lost for round_ in found.streams["stoker"]) if found.streams.get("stoker") else None
    pair = middle([one.two.rate / one.one.rate for one in found.pairs]) if found.pairs else None
    pair_cpu = middle([2 * one.one.cpu_us / one.two.cpu_us for one in found.pairs]) if found.pairs else None
    rows = [
        _goal("requests/s, of nginx's", ratio(found.full, "stoker", "nginx", _rate), least=0.7),
        _goal("  by CPU time a request", ratio(found.full, "stoker", "nginx", per_core), least=0.7),
        _goal("requests/s for boto3 unsigned, of nginx's", ratio(found.full, "stoker-boto3", "nginx", _rate), least=0.7),
        _goal("  by CPU time a request", ratio(found.full, "stoker-boto3", "nginx", per_core), least=0.7),
        _goal("requests/s with bearer tokens, of nginx's", ratio(found.full, "stoker-bearer", "nginx", _rate), least=0.7),
        _goal("  by CPU time a request", ratio(found.full, "stoker-bearer", "nginx", per_core), least=0.7),
        _goal("requests/s with SigV4, of nginx's", ratio(found.full, "stoker-signed", "nginx", _rate), least=0.45),
        _goal("  by CPU time a request", ratio(found.full, "stoker-signed", "nginx", per_core), least=0.45),
        _goal("requests/s, times Envoy's", ratio(found.full, "stoker", "envoy", _rate), least=2),
        _goal("  by CPU time a request", ratio(found.full, "stoker", "envoy", per_core), least=2),
        _goal("added p50, times nginx's", mine / nginx if mine is not None and nginx else None, most=1.5),
        _goal("p99 gap between tokens, added", _gap_added(found, "stoker"), most=10, unit=" ms"),
        _goal("lost tokens", lost, most=0),
        _goal("a held request beside its body and its connection", max(held, default=None), most=3072, unit=" B"),
        _goal("two gateways on two cores, times one", pair, least=1.7),
        _goal("  by CPU time a request", pair_cpu, least=1.7),
        _goal("end to end, times Ray Serve", ratio(found.end_to_end, "stoker", "ray serve", _rate), least=20),
    ]
    return [row for row in rows if row.found is not None]


def _full_rows(figures: Mapping[str, Sequence[Figures]], to: str) -> list[list[str]]:
    rows = [
        [
            "",
            "requests/s",
            f"of {to}",
            "CPU µs a request",
            "requests/s a core's CPU",
            f"of {to}",
            "p50 µs",
            "p99 µs",
            "core used",
            "load's core used",
        ]
    ]
    for name, rounds in figures.items():
        if not rounds:
            continue
        share, cpu_share = ratio(figures, name, to, _rate), ratio(figures, name, to, per_core)
        rows.append(
            [
                name,
                f"{middle([r.rate for r in rounds]):,.0f}",
                _two(share) if name != DIRECT else "-",
                f"{middle([r.cpu_us for r in rounds]):.1f}",
                f"{middle([per_core(r) for r in rounds]):,.0f}",
                _two(cpu_share) if name != DIRECT else "-",
                *(f"{middle([value(r) for r in rounds]):,.0f}" for value in (_p50, _p99)),
                f"{middle([r.core_share for r in rounds]):.0%}",
                f"{middle([r.load_share for r in rounds]):.0%}",
            ]
        )
    return rows


def _light_rows(found: Findings) -> list[list[str]]:
    rows = [["", "p50 µs", "p99 µs", "added p50 µs", "added p99 µs", "CPU µs a request"]]
    for name, rounds in found.light.items():
        if rounds:
            cells = [added(found.light, name, value) for value in (_p50, _p99)]
            shown = ["-" if cell is None or name == DIRECT else f"{cell:,.0f}" for cell in cells]
            plain = [f"{middle([value(r) for r in rounds]):,.0f}" for value in (_p50, _p99)]
            rows.append([name, *plain, *shown, f"{middle([r.cpu_us for r in rounds]):.1f}"])
    return rows


def _p50(figures: Figures) -> float:
    return figures.p50_us


def _p99(figures: Figures) -> float:
    return figures.p99_us


def _stream_rows(found: Findings) -> list[list[str]]:
    rows = [
        [
            "",
            "tokens/s",
            "lost",
            "gap p50 ms",
            "gap p99 ms",
            "added to gap p99 ms",
            "delay p50 ms",
            "delay p99 ms",
            "CPU µs a token",
        ]
    ]
    for name, rounds in found.streams.items():
        extra = _gap_added(found, name)
        rows.append(
            [
                name,
                f"{middle([r.rate for r in rounds]):,.0f}",
                f"{sum(r.lost for r in rounds)}",
                f"{middle([r.gap_p50_ms for r in rounds]):.1f}",
                f"{middle([r.gap_p99_ms for r in rounds]):.1f}",
                "-" if extra is None or name == DIRECT else f"{extra:.1f}",
                f"{middle([r.delay_p50_ms for r in rounds]):.2f}",
                f"{middle([r.delay_p99_ms for r in rounds]):.2f}",
                f"{middle([r.cpu_us for r in rounds]):.1f}",
            ]
        )
    return rows


def _memory_rows(found: Findings) -> list[list[str]]:
    rows = [["", "at rest MB", "bytes an idle connection", "bytes a held request", "with its connection"]]
    for name, one in found.memory.items():
        held = [f"{value:,.0f}" if value is not None else "-" for value in (one.held_bytes, one.held_whole_bytes)]
        rows.append([name, f"{one.rest_bytes / 1e6:.1f}", f"{one.idle_bytes:,.0f}", *held])
    return rows


def _pair_rows(found: Findings) -> list[list[str]]:
    rows = [["", "requests/s", "CPU µs a request", "load's core used"]]
    for name, rounds in (("one gateway", [p.one for p in found.pairs]), ("two gateways", [p.two for p in found.pairs])):
        numbers = (middle([r.rate for r in rounds]), middle([r.cpu_us for r in rounds]), middle([r.load_share for r in rounds]))
        rows.append([name, f"{numbers[0]:,.0f}", f"{numbers[1]:.1f}", f"{numbers[2]:.0%}"])
    return rows


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _goal_rows(found: Findings) -> list[list[str]]:
    rows = [["goal", "wanted", "found", ""]]
    for goal in goals(found):
        number = f"{goal.found:,.2f}" if goal.found is not None and abs(goal.found) < 100 else f"{goal.found:,.0f}"
        rows.append([goal.what, goal.wanted, number + goal.unit, "met" if goal.met else "MISSED"])
    return rows


def tables(found: Findings) -> list[tuple[str, list[list[str]]]]:
    """Give the titles and tables of what was measured."""
    every = [
        ("Full load, whole replies", _full_rows(found.full, "nginx") if found.full else []),
        ("Latency, at a light load", _light_rows(found) if found.light else []),
        ("Streams", _stream_rows(found) if found.streams else []),
        ("Memory", _memory_rows(found) if found.memory else []),
        ("Two gateways on two cores", _pair_rows(found) if found.pairs else []),
        ("End to end, with a model", _full_rows(found.end_to_end, "ray serve") if found.end_to_end else []),
        ("Goals", _goal_rows(found)),
    ]
    return [(title, rows) for title, rows in every if len(rows) > 1]


def remarks(found: Findings) -> list[str]:
    """Give what a reader must know to read the figures rightly."""
    told = list(found.notes.values())
    mine = found.full.get("stoker", [])
    if mine and middle([max(one.core_share, one.load_share) for one in mine]) < QUIET:
        share = middle([one.core_share for one in mine])
        told.append(
            f"The machine was not quiet: under full load the gateway got {share:.0%} of its core, and the load left the other "
            "one idle in part. Go by CPU time a request; requests/s and latencies are those of a busy machine."
        )
    for name, rounds in found.end_to_end.items():
        share = middle([one.core_share for one in rounds])
        if share < QUIET:
            told.append(
                f"End to end, {name} got {share:.0%} of its core: others used this machine. Between systems so far apart, "
                "take the ratio for its order of magnitude."
            )
    return told


def tell(found: Findings) -> None:
    """Print everything."""
    for title, rows in tables(found):
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        print(f"\n{title}")
        for row in rows:
            first, *rest = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
            print("  " + row[0].ljust(len(first)) + "  " + "  ".join(rest))
    for note in remarks(found):
        print(f"\n{note}")
