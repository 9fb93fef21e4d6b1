"""Environment variables, checked, and the modules the server may not load."""

import subprocess
import sys

import pytest

from stoker.modelserver.settings import Settings, SettingsError


def test_defaults() -> None:
    settings = Settings({})
    found = (settings.model_dir, settings.host, settings.port, settings.workers, settings.wait_s, settings.queue)
    assert found == ("/opt/ml/model", "127.0.0.1", 8080, 1, 60, 1024)
    assert (settings.max_body, settings.default_accept, settings.socket) == (26214400, "application/json", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAGEMAKER_BIND_TO_PORT", "65536"),
        ("SAGEMAKER_MODEL_SERVER_WORKERS", "0"),
        ("SAGEMAKER_MODEL_SERVER_WORKERS", "two"),
        ("SAGEMAKER_MODEL_SERVER_TIMEOUT", "-1"),
        ("SAGEMAKER_MODEL_SERVER_TIMEOUT", "²"),
        ("STOKER_SERVER_QUEUE", "1.5"),
        ("STOKER_MAX_BODY", "9" * 5000),
        ("STOKER_SOCKET", "/" + "x" * 107),
    ],
)
def test_a_value_out_of_bounds_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings({name: value})


def test_starting_loads_nothing_heavy() -> None:
    # Each of these costs milliseconds at every cold start; `-S` keeps site-packages from loading them first.
    heavy = {"enum", "re", "json", "socket", "threading", "logging", "typing", "collections", "inspect", "pathlib", "asyncio"}
    code = "import sys; sys.path.insert(0, 'src'); import stoker.modelserver.__main__; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert heavy.isdisjoint(loaded)
    assert [name for name in loaded if name.startswith("stoker.") and not name.startswith("stoker.modelserver")] == []
