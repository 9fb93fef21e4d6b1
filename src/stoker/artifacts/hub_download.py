"""The process that downloads one repository from a hub: `python -m stoker.artifacts.hub_download`.

It is one of its own so that it can be ended at any moment, and so that the control plane does not carry the client. It reads an
`Order` as JSON from its standard input, and its last line of output is a `Result`. The files go to `part-DIGEST` below the
order's root; files that an earlier attempt left there whole are not fetched again.
"""

import hashlib
import shutil
import sys
from pathlib import Path

import msgspec

MOST_FILES = 100_000
ASK_S = 30.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be fetched from which hub, below which directory, and how many bytes it may have."""

    name: str
    revision: str
    endpoint: str
    root: str
    most_bytes: int
    token: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the digest that names the content and its bytes, or an error (`kind` `missing`, `limit` or `failed`)."""

    digest: str = ""
    bytes: int = 0
    error: str = ""
    kind: str = ""


def digest_of(endpoint: str, name: str, commit: str) -> str:
    """Give the name of a commit's files in the cache."""
    return hashlib.sha256(f"{endpoint} {name} {commit}".encode()).hexdigest()


def download(order: Order) -> Result:
    """Fetch. What the hub refuses is a result; that it cannot be reached is whatever the client raises for that."""
    from huggingface_hub import HfApi  # noqa: PLC0415 - half a second, and nobody else in this package needs it
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError  # noqa: PLC0415

    api = HfApi(endpoint=order.endpoint, token=order.token or False)
    try:
        info = api.model_info(order.name, revision=order.revision or None, files_metadata=True, timeout=ASK_S)
        commit, files = info.sha or order.revision, info.siblings or []
        size = sum(each.size or 0 for each in files)
        if size > order.most_bytes or len(files) > MOST_FILES:
            text = f"it has {len(files)} files and {size} bytes; there is room for {order.most_bytes} bytes in {MOST_FILES} files"
            return Result(error=text, kind="limit")
        digest = digest_of(order.endpoint, order.name, commit)
        if not (Path(order.root) / digest).is_dir():
            part = Path(order.root) / f"part-{digest}"
            for torn in part.rglob("*.incomplete"):  # of a process that was ended; the client begins such a file anew
                torn.unlink(missing_ok=True)
            api.snapshot_download(order.name, revision=commit, local_dir=part, max_workers=4)
            shutil.rmtree(part / ".cache", ignore_errors=True)
        return Result(digest=digest, bytes=size)
    except GatedRepoError as error:
        return Result(error=f"its owner lets in only some, and the token is none of theirs: {_short(error)}", kind="missing")
    except RevisionNotFoundError:
        return Result(error=f"it has no revision {order.revision}", kind="missing")
    except RepositoryNotFoundError:
        return Result(error="there is no such repository, or it is private and the token does not show it", kind="missing")
    except (HfHubHTTPError, OSError, ValueError) as error:
        return Result(error=_short(error), kind="failed")


def _short(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__)[:1000]


def main() -> int:
    """Run one order."""
    result = download(msgspec.json.decode(sys.stdin.buffer.read(), type=Order))
    sys.stdout.flush()
    sys.stdout.buffer.write(b"\n" + msgspec.json.encode(result) + b"\n")
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
