"""How much room a copy's own files take: no user of a system can be given a quota by another, so it is looked at now and then."""

import os
from pathlib import Path

from stoker.units import MIB

_BLOCK = 512


def used_mb(folder: Path) -> int:
    """Give the MB that files below the folder take on disk; one that goes while it is looked at counts for nothing. Blocks."""
    total = 0
    left = [folder]
    while left:
        try:
            with os.scandir(left.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        left.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
        except OSError:
            continue
    return total // MIB
