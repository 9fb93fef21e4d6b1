"""Take botocore's protocol vectors into `tests/vectors/protocols`, from its source distribution.

    .venv/bin/python tools/take_vectors.py botocore-1.44.5.tar.gz

Kept are the protocols that are served, one suite a line, without the documentation texts.
"""

import json
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

OUTPUT: Final = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "protocols"
SOURCE: Final = "tests/unit/protocols"
PROTOCOLS: Final = (
    "json",
    "json_1_0",
    "json_1_0-query-compatible",
    "query",
    "rest-json",
    "smithy-rpc-v2-cbor",
    "smithy-rpc-v2-cbor-query-compatible",
    "smithy-rpc-v2-cbor-non-query-compatible",
)


def bare(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Give a JSON value without its documentation texts."""
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items() if not (key == "documentation" and isinstance(item, str))}
    return [bare(item) for item in value] if isinstance(value, list) else value


def main(arguments: list[str]) -> int:
    """Write the files; give the exit status."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    with tarfile.open(arguments[0]) as archive:
        names = {name.partition("/")[2]: name for name in archive.getnames()}
        for side in ("input", "output"):
            for protocol in PROTOCOLS:
                file = archive.extractfile(names[f"{SOURCE}/{side}/{protocol}.json"])
                suites = bare(json.load(file)) if file is not None else []
                lines = ",\n".join(json.dumps(suite, separators=(",", ":")) for suite in suites)
                (OUTPUT / f"{side}-{protocol}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
