"""Writes docs/explanation/policies.md: how its figures were made, what they are, and pictures beside it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from _frontiers import ratio_together
from _load_step import Seen, step_section
from _results import Result, pairs_of

from stoker.sim.pictures import pareto

if TYPE_CHECKING:
    from stoker.sim.outcome import Outcome

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "policies.md"
PICTURES = PAGE.parent / "pictures"
INTRODUCTION = """# What policies cost, and how long they let people wait

<!-- Made by `./run bench policies --page`. -->

Each policy that can be named in `stoker:policy`, and AWS's, ran over the same traces in the simulator: the engine is
the one of the running server, time is virtual. `./run bench policies` does it again.

## How it was made

- **Cost** is copy-time: from a copy's start command to its removal, starting and draining included. **Wait** is from an
  invocation's arrival to the beginning of its service. **Cold** is one that was served by a copy that was not ready
  when it came.
- All policies have the same gateway: copies of so many slots (8 for language models, 1 for the counts), the oldest copy
  with a free slot goes first, whoever finds none is held in order. Nobody is refused. For `sagemaker`, where AWS
  answers with an error at zero, clients ask again until they are served; the error is what its alarm sees.
- Everybody begins with nothing running and nothing learned.
- Start-up times are fixed, in one piece, and instances come and go at once.
- An LLM request takes 0.3 s, a second for each 4,000 tokens read, and 20 ms for each token written, whatever else the
  copy does.
- The **least cost without waits** is what a clairvoyant pays who starts copies ahead of demand; a policy may cost less
  if it lets people wait.
- ServeGen: 20 clients drawn by seed from those with 300 to 20,000 requests; arrivals drawn from the published law of
  each 10-minute window, token lengths from each client's quantiles. Azure and Mooncake: every request of the hour.
  Counts: at even chance within their five minutes, 2 s each; of the twelve series the three least for four days, and by
  themselves all but the taxis (156 million) for two, at 60 s, for it takes long.
- `split` at equal wait: its two times are swept, and its cost is interpolated between logarithms along those that no
  other beats in both.

Limits: one run for each cell, no error bars. Service times do not depend on load, models share no machine. Azure and
Mooncake are an hour long: they show how policies follow load, and little of nights. The ten minutes that AWS charges for
an instance after its last copy are not in it. How Hugging Face scales down is not published; it is guessed as in the
policy's description.

In the three least series of counts a model has one invocation every few minutes and seldom needs a second copy: nothing but
the time for which the first one stays makes a difference there. Gaps by chance cannot be foreseen. Counted on the gaps alone
(one copy for each model, none further), at 60 s and equal mean wait, relative to `sagemaker` and to `keep-alive(idle=300s)`:
one time for all models comes to 0.90 and 0.79; staying as long as the rate of the last half hour says, 0.87 and 0.67; by the
rate of the hour around, half of which nobody knows, 0.73 and 0.60.
"""
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


def write_page(results: Sequence[Result], stepped: dict[str, list[Seen]]) -> None:
    """Write the page and its pictures anew."""
    parts = [part for workload in _workloads(results) for part in _section(results, workload)]
    PICTURES.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join([INTRODUCTION, "## The figures", "", *_equal_wait(results), *step_section(stepped), *parts]))
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
    columns: list[tuple[str | None, int]] = [
        (workload, start_s) for workload in _workloads(results) for start_s in _starts(results) if _at(results, workload, start_s)
    ]
    columns += [(None, start_s) for start_s in _starts(results)]
    rows = [
        "### What `split` costs at the mean wait of another policy",
        "",
        "Copy-hours of `split`, its two times swept, relative to the other's. `-`: it never waited as little. Together: the",
        "sum of its copy-hours on all traces to the sum of the other's.",
        "",
        "| at the wait of | " + " | ".join(f"{workload or 'together'}, {start_s} s" for workload, start_s in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for policy in BASELINES:
        cells: list[str] = []
        for workload, start_s in columns:
            ratio = ratio_together(pairs_of(results, policy, workload=workload, start_s=start_s))
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
