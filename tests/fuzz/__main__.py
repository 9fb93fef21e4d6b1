"""Looks for bytes that the gateway reads wrongly: `./run fuzz [SECONDS]`, until stopped when no time is given.

With atheris installed (`pip install atheris`) coverage guides the search; without it seeds are changed at random. What it finds
is written to `.run/fuzz-found` and ends it.
"""

import random
import sys
import time
import traceback
from pathlib import Path

FOUND = Path(".run/fuzz-found")


def attempt(data: bytes) -> None:
    """Check, and keep what fails."""
    from tests.fuzz.edge import check  # noqa: PLC0415 - atheris must see the import to instrument it

    try:
        check(data)
    except BaseException:
        FOUND.parent.mkdir(exist_ok=True)
        FOUND.write_bytes(data)
        traceback.print_exc()
        print(f"{data!r}\nwritten to {FOUND}")  # noqa: T201 - a script
        raise


def guided(seconds: float) -> None:
    """Search by coverage."""
    import atheris  # noqa: PLC0415 - optional

    with atheris.instrument_imports(include=["stoker.gateway"]):
        from tests.fuzz.edge import SEEDS  # noqa: PLC0415 - as above

    corpus = Path(".run/fuzz-corpus")
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={int(seconds)}"] if seconds else []
    atheris.Setup([sys.argv[0], str(corpus), "-max_len=2000", *limits], attempt)
    atheris.Fuzz()


def at_random(seconds: float) -> None:
    """Search by chance."""
    from tests.fuzz.edge import mutated  # noqa: PLC0415 - as above

    seed = time.time_ns()
    chance = random.Random(seed)
    end = time.monotonic() + seconds if seconds else float("inf")
    tried = 0
    while time.monotonic() < end:
        attempt(mutated(chance))
        tried += 1
    print(f"{tried} tried, seed {seed}: nothing found")  # noqa: T201 - a script


def main() -> None:
    """Search for as long as asked."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
    try:
        import atheris  # noqa: F401, PLC0415 - only whether it is there
    except ImportError:
        at_random(seconds)
    else:
        guided(seconds)


if __name__ == "__main__":
    main()
