"""From a spec to a running process: its command, its environment, and the spawn itself.

The child is started with posix_spawn (0.25 ms of the loop's time here; a fork with a hook takes 3 to 20) through a few lines
of sh that enter the working directory, join the memory group and then *become* the model server: the pid stays the same, and the
server is inside its limit before its first instruction. A command that does not exist leaves sh's message in the log.
"""

import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import msgspec

from stoker.config.settings import Image
from stoker.ports.runtime import CopySpec
from stoker.runtimes.process.probe import Address
from stoker.runtimes.process.proctable import COPY_MARK, OWNER_MARK
from stoker.runtimes.process.tailoring import own_variables

_SCRIPT = (
    'cd "$1" || exit 125; '
    'if [ -n "$2" ]; then echo $$ > "$2" || exit 125; fi; '
    'if [ "$3" -gt 0 ]; then ulimit -d "$3" || exit 125; fi; '
    'if [ "$4" -gt 0 ]; then ulimit -f "$4" || exit 125; fi; '
    'n=$5; shift 5; if [ "$n" -eq 0 ]; then exec "$@"; fi; '
    '(echo "$n" > /proc/self/autogroup) 2>/dev/null; exec nice -n "$n" "$@"'
)
_BLOCKS_PER_MIB = 2048
"""Of 512 bytes, in which POSIX's ulimit counts a file."""
_KIB_PER_MIB = 1024
_STDERR = 2
# What a copy inherits: where things are and how text looks; never the platform's keys, tokens or proxies' passwords.
INHERITED = frozenset(
    (
        "CUDA_VISIBLE_DEVICES",
        "HF_HOME",
        "HOME",
        "LANG",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "PATH",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
        "USER",
        "VIRTUAL_ENV",
        "XDG_CACHE_HOME",
    )
)
_DEFAULT_SIGNALS = [
    signal.SIGALRM,
    signal.SIGCHLD,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGPIPE,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
]


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """All that a spawn needs. `group` is a cgroup's directory or None, `data_limit_mb` a resource limit or 0.

    `spec` says how nice it is, and how large a file of it may be: its temporary files are in `work` if it says that.
    """

    command: list[str]
    environment: dict[str, str]
    work: Path
    log: Path
    group: Path | None = None
    data_limit_mb: int = 0
    spec: CopySpec | None = None


def fill(text: str, address: Address, model_dir: Path) -> str:
    """Put the port and the model's directory into a command's word or a variable's value."""
    return text.replace("{port}", str(address.port)).replace("{model_dir}", str(model_dir))


def build_environment(
    spec: CopySpec, image: Image, address: Address, model_dir: Path, *, inherited: Mapping[str, str], region: str, owner: str
) -> dict[str, str]:
    """Give a copy's whole environment; later sources win: inherited, the platform's, the image's, the model's, our marks."""
    environment = {name: value for name, value in inherited.items() if name in INHERITED or name.startswith("LC_")}
    environment |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, "PYTHONUNBUFFERED": "1"}
    if spec.cpus > 0:
        # Two threads on two busy cores can be ten times slower than one, so a copy computes on what it booked.
        environment["OMP_NUM_THREADS"] = str(max(1, min(int(spec.cpus), os.cpu_count() or 1)))
    environment |= {name: fill(value, address, model_dir) for name, value in image.env.items()}
    environment |= own_variables(spec.image, spec.environment, str(model_dir))
    environment |= {"SM_MODEL_DIR": str(model_dir), COPY_MARK: spec.copy_id, OWNER_MARK: owner}
    if spec.multi_model:
        environment |= {"SAGEMAKER_MULTI_MODEL": "true", "STOKER_MODELS_DIR": str(model_dir)}
        environment["STOKER_MODELS_KEEP"] = "1" if spec.cache_models else "0"
        if spec.memory_limit_mb:  # models are to go before the limit ends the copy
            environment.setdefault("STOKER_MODELS_MEMORY_MB", str(spec.memory_limit_mb * 4 // 5))
    if address.socket:
        environment["STOKER_SOCKET"] = address.socket
    else:
        environment.pop("STOKER_SOCKET", None)
        environment["SAGEMAKER_BIND_TO_PORT"] = str(address.port)
        environment.setdefault("PORT", str(address.port))
    return environment


def keep_descriptors() -> None:
    """Let no open file of ours pass to children: a copy that holds our listening socket would keep it open after our death.

    What Python opens never passes; what was handed to this process at its start would.
    """
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - names are all that is wanted
        descriptor = int(name)
        if descriptor > _STDERR:
            with contextlib.suppress(OSError):  # the one that read the directory is closed again
                os.set_inheritable(descriptor, False)  # noqa: FBT003 - the name says which


def spawn(launch: Launch) -> int:
    """Start the process as the leader of a session of its own and give its pid; `OSError` when that cannot be."""
    joins = str(launch.group / "cgroup.procs") if launch.group else ""
    limit = str(launch.data_limit_mb * _KIB_PER_MIB)
    nice, scratch_mb = (launch.spec.nice, launch.spec.scratch_mb) if launch.spec is not None else (0, 0)
    bounds = [limit, str(scratch_mb * _BLOCKS_PER_MIB), str(nice)]
    arguments = ["sh", "-c", _SCRIPT, "stoker-copy", str(launch.work), joins, *bounds, *launch.command]
    return os.posix_spawn(
        "/bin/sh",
        arguments,
        launch.environment | ({"TMPDIR": str(launch.work)} if scratch_mb else {}),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(launch.log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=_DEFAULT_SIGNALS,
    )
