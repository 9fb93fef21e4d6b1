"""Writes the figures of docs/explanation/policies.md: tables between its marks, and pictures beside it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from _frontiers import ratio_at_equal_wait
from _results import Result

from stoker.sim.pictures import pareto

if TYPE_CHECKING:
    from stoker.sim.outcome import Outcome

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "policies.md"
PICTURES = PAGE.parent / "pictures"
BEGIN = "<!-- made by ./run bench policies --page: begin -->"
END = "<!-- made by ./run bench policies --page: end -->"
MAIN_START_S = 60
BASELINES = (
    "sagemaker",
    "sagemaker(lag=60)",
    "target-tracking",
    "keep-alive",
    "keep-alive(idle=300s)",
    "knative",
    "ray",
    "keda",
    "keda-http",
    "hf-2023",
    "hf-current",
)


def write_page(results: Sequence[Result]) -> None:
    """Put tables and pictures of the results in place of the old ones."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = [part for workload in _workloads(results) for part in _section(results, workload)]
    PAGE.write_text("\n".join([f"{before}{BEGIN}", "", *_equal_wait(results), *parts, f"{END}{after}"]))
    PICTURES.mkdir(parents=True, exist_ok=True)
    for workload in _workloads(results):
        _picture(results, workload)


def _workloads(results: Iterable[Result]) -> list[str]:
    return list(dict.fromkeys(result.case.workload for result in results))


def _starts(results: Iterable[Result]) -> list[int]:
    return sorted({result.case.start_s for result in results})


def _at(results: Sequence[Result], workload: str, start_s: int) -> list[Result]:
    return [r for r in results if (r.case.workload, r.case.start_s) == (workload, start_s)]


def _equal_wait(results: Sequence[Result]) -> list[str]:
    """Give the table of what `split` costs at each policy's own mean wait."""
    columns = [(workload, start_s) for workload in _workloads(results) for start_s in _starts(results)]
    rows = [
        "### What `split` costs at the mean wait of another policy",
        "",
        "Copy-hours of `split`, its two times swept, relative to the other's. `-`: it never waited as little.",
        "",
        "| at the wait of | " + " | ".join(f"{workload}, {start_s} s" for workload, start_s in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for policy in BASELINES:
        cells: list[str] = []
        for workload, start_s in columns:
            here = _at(results, workload, start_s)
            split = [r.point for r in here if r.case.family == "split"]
            found = next((r for r in here if r.case.policy == policy), None)
            ratio = None if found is None else ratio_at_equal_wait(split, found.point)
            cells.append("-" if ratio is None else f"{ratio:.2f}")
        rows.append(f"| `{policy}` | " + " | ".join(cells) + " |")
    return [*rows, ""]


def _section(results: Sequence[Result], workload: str) -> list[str]:
    """Give one trace's part: the picture, and every run in figures."""
    here = [r for r in results if r.case.workload == workload]
    first = here[0].outcome
    starts = _starts(here)
    facts = f"{first.requests:,} requests of {first.models} models. Start-up times {', '.join(map(str, starts))} s."
    lines = [
        f"### {first.trace}",
        "",
        f"{facts} In each cell: copy-hours (times the least cost without waits), mean wait, cold share.",
        "",
        f"![Mean wait against copy-hours at a start-up time of {MAIN_START_S} s](pictures/{workload}.svg)",
        "",
        "| policy | " + " | ".join(f"{start_s} s" for start_s in starts) + " | p95, p99 at 60 s | starts, flaps at 60 s |",
        "|---|" + "---|" * (len(starts) + 2),
    ]
    for policy in dict.fromkeys(r.case.policy for r in here):
        cells = [_cell(r) for start_s in starts for r in here if (r.case.policy, r.case.start_s) == (policy, start_s)]
        main = next((r.outcome for r in here if (r.case.policy, r.case.start_s) == (policy, MAIN_START_S)), None)
        if main is None:
            cells += ["", ""]
        else:
            cells += [f"{main.wait.p95_s:.1f} s, {main.wait.p99_s:.1f} s", f"{main.starts}, {main.flaps}"]
        lines.append(f"| `{policy}` | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _cell(result: Result) -> str:
    outcome = result.outcome
    ratio = "" if outcome.to_oracle is None else f" ({outcome.to_oracle:.2f})"
    return f"{outcome.copy_s / 3600:.1f}{ratio}, {outcome.wait.mean_s:.2f} s, {100 * outcome.cold_share:.1f} %"


def _picture(results: Sequence[Result], workload: str) -> None:
    here = _at(results, workload, MAIN_START_S)
    groups: dict[str, Sequence[Outcome]] = {
        family: [r.outcome for r in here if r.case.family == family] for family in dict.fromkeys(r.case.family for r in here)
    }
    if groups:
        title = f"{here[0].outcome.trace}, start-up time {MAIN_START_S} s"
        pareto(groups, PICTURES / f"{workload}.svg", title=title)
