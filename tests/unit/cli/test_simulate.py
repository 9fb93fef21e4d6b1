import json
import os
import signal
from pathlib import Path

import pytest

from stoker.cli.commands import INTERRUPTED, run_command
from tests.unit.control.recorded_life import GOLDEN


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.csv"
    path.write_text("t,model,dur_s\n" + "".join(f"{10 * step},m,2\n" for step in range(100)))
    return path


def test_it_shows_a_row_for_each_policy(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run_command(
        ["simulate", "--trace", str(trace), "--policy", "target-tracking(target=2)", "--policy", "sagemaker(lag=60)"]
    )
    shown = capsys.readouterr().out
    assert status == 0
    assert "100 invocations of 1 model in 0.28 h" in shown
    head, first, second = (line.split() for line in shown.splitlines()[1:4])
    assert head[:3] == ["POLICY", "COPY-H", "xORACLE"]
    assert first[0] == "target-tracking(target=2)"
    assert second[0] == "sagemaker(lag=60)"


def test_json_has_all_figures(trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out.json"
    arguments = ["simulate", "--trace", str(trace), "--policy", "target-tracking", "--cold-start", "20", "--json"]
    assert run_command([*arguments, "-"]) == 0
    printed = capsys.readouterr().out
    assert run_command([*arguments, str(path)]) == 0
    assert path.read_text() == printed
    (outcome,) = json.loads(printed)
    assert (outcome["requests"], outcome["served"], outcome["starts"]) == (100, 100, 1)
    assert outcome["wait"]["most_s"] == 20.0
    assert outcome["copy_s"] == 992.0
    assert outcome["oracle"]["zero_wait_s"] == 20 + 992


def test_models_that_share_a_memory_make_way_for_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("t,model,dur_s\n" + "".join(f"{100 * step},{'ab'[step % 2]},2\n" for step in range(20)))
    arguments = ["simulate", "--trace", str(path), "--policy", "split(first=1h)", "--cold-start", "10", "--json", "-"]
    starts = []
    for options in ([], ["--memory", "1024", "--eviction", "lru"]):
        run_command([*arguments, *options])
        (outcome,) = json.loads(capsys.readouterr().out)
        starts.append((outcome["starts"], outcome["served"]))
    assert starts == [(2, 20), (20, 20)]


def test_pictures_are_drawn(trace: Path, tmp_path: Path) -> None:
    assert run_command(["simulate", "--trace", str(trace), "--policy", "split", "--pictures", str(tmp_path / "p")]) == 0
    pictures = sorted((tmp_path / "p").iterdir())
    assert [each.name for each in pictures] == ["copies-1.svg", "cost-and-wait.svg", "waits.svg"]
    assert all(b"<svg" in each.read_bytes() for each in pictures)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["--policy", "magic"], "no policy 'magic'", id="policy"),
        pytest.param(["--cold-start", "soon"], "--cold-start: 'soon' is no law", id="law"),
        pytest.param(["--model", "x*"], "has no requests", id="no-model"),
        pytest.param(["--price", "nan"], "--price is nan", id="price"),
        pytest.param(["--memory", "500"], "--memory 500 holds no copy", id="memory"),
        pytest.param(["--concurrency", "512"], "--concurrency is 512", id="concurrency"),
        pytest.param(["--at-zero", "retry"], "--at-zero retry is for sagemaker", id="retry"),
        pytest.param(["--starts", str(GOLDEN), "--fetch", "3"], "--starts tells what --fetch is", id="starts-and-fetch"),
        pytest.param(["--starts", __file__], "is no log of an engine", id="starts"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    trace: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["simulate", "--trace", str(trace), *arguments]) == 1
    shown = capsys.readouterr().err
    assert told in shown
    assert len(shown.splitlines()) == 1


def test_starts_are_as_in_a_recorded_log(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["simulate", "--trace", str(trace), "--policy", "keep-alive", "--starts", str(GOLDEN)]
    assert run_command([*arguments, "--json", "-"]) == 0
    (outcome,) = json.loads(capsys.readouterr().out)
    assert outcome["wait"]["most_s"] == 5.0  # an instance took as long there, a copy no time
    assert run_command(arguments) == 0
    assert f"starts as in {GOLDEN.name}" in capsys.readouterr().out


def test_the_table_is_not_lost_when_a_file_cannot_be_written(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["simulate", "--trace", str(trace), "--policy", "split", "--json", "/nowhere/x.json"]) == 1
    shown = capsys.readouterr()
    assert "split" in shown.out
    assert "/nowhere/x.json" in shown.err


def test_a_picture_may_be_of_a_file_of_any_name(tmp_path: Path) -> None:
    path = tmp_path / "a $x_{$ b.csv"
    path.write_text("t,dur_s\n0,1\n5,1\n")
    arguments = ["simulate", "--trace", str(path), "--policy", "split", "--pictures", str(tmp_path / "p")]
    assert run_command(arguments) == 0


def test_ctrl_c_shows_what_was_done(trace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(_bar: object, _task: object, arrived: int) -> None:
        if arrived >= 50:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("stoker.cli.simulate._tell", tell)
    assert run_command(["simulate", "--trace", str(trace), "--policy", "sagemaker", "--policy", "target-tracking"]) == INTERRUPTED
    shown = capsys.readouterr().out
    assert "stopped after 5" in shown
    assert "target-tracking" not in shown
