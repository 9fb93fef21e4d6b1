"""Draws outcomes: copies against demand, how long waits were, what they cost. They need matplotlib (the extra `plot`)."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stoker.errors import UnavailableError
from stoker.sim.outcome import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HOUR = 3600.0
_SIZE = (9.0, 4.5)


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def draw(outcomes: Sequence[Outcome], folder: Path) -> list[Path]:
    """Draw all pictures into a folder, which is made; gives their paths. Raises `UnavailableError` without matplotlib."""
    if not can_draw():
        raise UnavailableError("Pictures need matplotlib, which is not installed here: pip install 'stoker[plot]'.")
    folder.mkdir(parents=True, exist_ok=True)
    paths = [_copies(outcome, folder / f"copies-{index}.svg") for index, outcome in enumerate(outcomes, start=1)]
    paths.append(_waits(outcomes, folder / "waits.svg"))
    paths.append(pareto({"": outcomes}, folder / "cost-and-wait.svg"))
    return paths


def _figure() -> tuple[Any, "Axes"]:
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, and slow to import

    figure = Figure(figsize=_SIZE, layout="constrained")
    return figure, figure.subplots()


def _saved(figure: Any, path: Path) -> Path:  # noqa: ANN401
    from matplotlib import rc_context  # noqa: PLC0415 - as above

    with rc_context({"svg.hashsalt": path.name}):  # the same figures are the same file
        figure.savefig(path, metadata={"Date": None})
    return path


def _copies(outcome: Outcome, path: Path) -> Path:
    figure, axes = _figure()
    curves = outcome.curves
    needed = [(at_s, demand / outcome.slots) for at_s, demand in curves.demand]
    axes.step(*_hours(needed), where="post", color="0.7", linewidth=0.8, label="copies that demand would fill, at most")
    axes.step(*_hours(curves.copies), where="post", color="tab:orange", linewidth=0.9, label="copies paid for")
    axes.step(*_hours(curves.ready), where="post", color="tab:blue", linewidth=0.9, label="copies ready")
    axes.set_xlabel("hours")
    axes.set_ylim(bottom=0)
    axes.set_title(f"{outcome.policy} on {outcome.trace}", fontsize="medium", parse_math=False)
    axes.legend(fontsize="small")
    return _saved(figure, path)


def _hours(curve: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [at_s / _HOUR for at_s, _ in curve], [value for _, value in curve]


def _waits(outcomes: Sequence[Outcome], path: Path) -> Path:
    figure, axes = _figure()
    for outcome in outcomes:
        axes.plot(
            [max(0.01, wait_s) for _, wait_s in outcome.curves.waits],
            [100 * share for share, _ in outcome.curves.waits],
            label=outcome.policy,
        )
    axes.set_xscale("log")
    axes.set_xlabel("wait, s (0.01 and less at the left edge)")
    axes.set_ylabel("% of invocations that waited no longer")
    axes.legend(fontsize="small")
    return _saved(figure, path)


def pareto(groups: dict[str, Sequence[Outcome]], path: Path, *, title: str = "") -> Path:
    """Draw mean wait against copy-hours: a line for each named group (a knob that was swept), labelled points for the rest."""
    figure, axes = _figure()
    for name, outcomes in groups.items():
        points = sorted((outcome.copy_s / _HOUR, max(0.01, outcome.wait.mean_s), outcome.policy) for outcome in outcomes)
        costs, waits = [cost for cost, _, _ in points], [wait_s for _, wait_s, _ in points]
        if name:
            axes.plot(costs, waits, marker="o", markersize=3, label=name)
        else:
            axes.plot(costs, waits, "o")
            for cost, wait_s, policy in points:
                axes.annotate(policy, (cost, wait_s), fontsize="x-small", xytext=(4, 4), textcoords="offset points")
    bound = next((o.oracle for outcomes in groups.values() for o in outcomes if o.oracle is not None), None)
    if bound is not None:
        axes.axvline(bound.zero_wait_s / _HOUR, color="0.6", linestyle="--", label="least cost without waits")
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        for formatter in (axis.set_major_formatter, axis.set_minor_formatter):
            formatter(lambda value, _: f"{value:g}")
    axes.tick_params(which="minor", labelsize="x-small")
    axes.margins(0.12)
    axes.set_xlabel("copy-hours")
    axes.set_ylabel("mean wait, s")
    axes.set_title(title, fontsize="medium")
    if any(groups) or bound is not None:
        axes.legend(fontsize="small")
    return _saved(figure, path)
