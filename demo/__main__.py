"""`./run demo`: deploy at zero, be held and answered, scale out, stream, go idle to zero; exit 0 only if all was seen."""

import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from demo.server import running
from demo.story import StepNotSeenError, Story

CLOCK_SPEED = 60.0
INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


def main() -> int:
    """Tell the story on a data directory of its own, which goes away again."""
    signal.signal(signal.SIGTERM, _stop)  # without it, the server would outlive the demo
    data = Path(tempfile.mkdtemp(prefix="stoker-demo-"))
    try:
        with running(data, clock_speed=CLOCK_SPEED) as server:
            Story(server, Path(__file__).parent / "model", clock_speed=CLOCK_SPEED).tell()
    except KeyboardInterrupt:
        print("\nThe demo was stopped, and its server with it.", file=sys.stderr)
        return INTERRUPTED
    except StepNotSeenError as missing:
        print(f"\nNot seen: {missing}\n\nThe server's last lines:\n{_last_lines(data)}", file=sys.stderr)
        return 1
    except (OSError, RuntimeError, BotoCoreError, ClientError) as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        print(f"\nThe server's last lines:\n{_last_lines(data)}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(data, ignore_errors=True)
    print("\nEvery step was seen.")
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _last_lines(data: Path) -> str:
    log = data / "server.log"
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
