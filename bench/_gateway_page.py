"""Writes docs/explanation/gateway.md: how the gateway's figures were made, and what they are."""

from collections.abc import Sequence
from pathlib import Path

from _gateway_report import Findings, remarks, tables

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "gateway.md"
INTRODUCTION = """# What the gateway costs, beside other proxies

<!-- Made by `./run bench gateway --page`. -->

Every invocation passes Stoker's gateway, which is Python. This page holds it against proxies that are written in C
and C++, and against what a relay costs that does nothing else. `./run bench gateway` does it again.

## How it was made

- **One core each.** What is measured has one core to itself, the load generator and the server behind have another.
  Rounds are interleaved, ratios are taken within a round, and what is shown is the median over the rounds.
- **The same server behind all**: nginx, which answers from its configuration. It costs a fraction of any proxy.
- **The same load**: wrk, 32 kept connections, POSTs of 200 bytes, 1024 different ones in turn. All get what a plain
  HTTP client sends, the same head each time. `stoker-boto3` gets what boto3 sends without signing: its heads are all
  different, as each call has an id. `stoker-signed` gets what boto3 sends and verifies each signature (SigV4); the
  requests are signed anew for each round. `stoker-bearer` gets chats on OpenAI's path, all with one token: it checks
  that and finds the model by the body. wrk writes each request at once, where boto3 writes its head and body one
  after the other: for the gateway that is one read more, seldom at full load.
- **The same task**: one thread, connections kept on both sides, no access log. Stoker's gateway also counts, routes,
  limits and holds, as it always does; the others only pass on. `bare-relay` is the floor for Python: uvloop and
  httptools, bytes passed on as they came.
- **CPU a request** is user and system time of the proxy's processes divided by the requests. It is what a core's
  worth of requests follows from, and it depends less on what else the machine does than requests/s do. *Load's core
  used* near 100 % means that the load set the pace.
- **Light load**: 16 connections that rest 4 to 12 ms between requests, about 2,000 requests/s. *Added* is beyond the
  way without a proxy.
- **Streams**: 256 at once, 50 tokens/s each, each token numbered and dated by the server. *Gap* is between two tokens
  of a stream as the client reads them, *delay* from the server's write to the client's read.
- **Memory** is what only the proxy's process uses (USS). Each idle connection has carried one request. A held request
  waits for a copy that does not come; its body is taken off.
- **End to end**: a model that gives its input back, under `stoker up` (one gateway, one copy, signatures off) and
  under Ray Serve with one replica (its access log off), all processes of the system on one core.
"""


def write_page(found: Findings) -> None:
    """Write the page anew."""
    parts = [INTRODUCTION, f"## The figures\n\nTaken {found.taken} on {found.machine}.\n"]
    parts.append("\n".join(f"- `{name}`: {version}" for name, version in found.versions.items()) + "\n")
    for title, rows in tables(found):
        parts.append(f"### {title}\n\n{_table(rows)}\n")
    parts.extend(f"{note}\n" for note in remarks(found))
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(parts))


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *rest = rows
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rest]
    return "\n".join("| " + " | ".join(cell.strip().replace("<", "&lt;") for cell in line) + " |" for line in lines)
