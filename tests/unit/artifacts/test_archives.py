import zipfile
from pathlib import Path

import pytest

from stoker.artifacts.archives import unpack
from stoker.errors import InvalidParameterError

FLAGS, METHOD = {b"PK\x03\x04": 6, b"PK\x01\x02": 8}, {b"PK\x03\x04": 8, b"PK\x01\x02": 10}
"""Where a member's flags and its compression stand, behind each of the two signatures that begin a header of it."""


@pytest.mark.parametrize(
    ("places", "value", "said"),
    [
        pytest.param(FLAGS, 1, "encrypted", id="encrypted"),
        pytest.param(METHOD, 98, "compression", id="unknown compression"),
    ],
)
def test_a_zip_that_cannot_be_read_is_refused_by_name(tmp_path: Path, places: dict[bytes, int], value: int, said: str) -> None:
    path, target = tmp_path / "model.zip", tmp_path / "target"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inference.py", "x = 1")
    data = bytearray(path.read_bytes())
    for signature, offset in places.items():
        data[data.index(signature) + offset] = value
    path.write_bytes(data)
    target.mkdir()
    with pytest.raises(InvalidParameterError, match=f"model.zip, which cannot be unpacked: .*{said}"):
        unpack(path, target, 1000)
