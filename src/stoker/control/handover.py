"""What the supervisor hands to its children: one file with everything resolved, so that no child reads settings again."""

from pathlib import Path

import msgspec

from stoker.config.settings import Settings
from stoker.control.rundir import StartError, write_file
from stoker.link.messages import ClockRate
from stoker.units import Instant

CANNOT_START = 78
"""Exit code of a child that will never start, however often it is tried (EX_CONFIG of sysexits.h)."""


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a child needs to know. `data_dir` and `sockets` are absolute paths, `url` is where clients reach the server.

    `former` is how far the clock of the server before is known to have come. The access keys are not in it: those who need them
    read the key file.
    """

    settings: Settings
    data_dir: str
    sockets: str
    clock: ClockRate
    url: str
    former: Instant = 0

    @property
    def data(self) -> Path:
        """The data directory."""
        return Path(self.data_dir)

    @property
    def sockets_dir(self) -> Path:
        """The directory of the unix sockets."""
        return Path(self.sockets)

    @property
    def recordings_dir(self) -> Path:
        """Where traffic and the engine are recorded to."""
        return self.data / "recordings"

    @property
    def control_socket(self) -> Path:
        """The unix socket of the control plane's HTTP side."""
        return self.sockets_dir / "control.sock"

    def inner_socket(self, process_id: int) -> Path:
        """The unix socket on which the gateway of that process takes what waited in the queue; the name is short for its sake."""
        return inner_socket(self.sockets_dir, process_id)

    @property
    def link_socket(self) -> Path:
        """The unix socket on which gateways find the control plane."""
        return self.sockets_dir / "link.sock"


def inner_socket(sockets: Path, process_id: int | str) -> Path:
    """Give the path of a gateway's inner door."""
    return sockets / f"g{process_id}.sock"


def write_handover(path: Path, handover: Handover) -> None:
    """Write the file, for the owner only: environments of images may hold secrets."""
    write_file(path, msgspec.json.encode(handover))


def read_handover(path: Path) -> Handover:
    """Read what the supervisor wrote. Raises `StartError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Handover)
    except OSError as error:
        raise StartError(f"The handover file {path} cannot be read: {error.strerror}.") from error
    except msgspec.MsgspecError as error:
        raise StartError(f"The handover file {path} is not of this version: {error}.") from error
