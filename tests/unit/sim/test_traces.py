import gzip
import random
from itertools import pairwise
from pathlib import Path

import pytest

from stoker.errors import InvalidParameterError
from stoker.sim.traces.expanding import Window, window_arrivals
from stoker.sim.traces.reading import read_trace
from stoker.sim.traces.service import MAX_SERVICE_S, ServiceModel
from stoker.sim.traces.values import FOREVER, MONDAY, Trace
from stoker.units import SECOND

PLAIN = "t,model,dur_s\n0.5,a,2\n0.1,b,3\n0.25,a,1.5\n"


def read(tmp_path: Path, text: str, *, name: str = "trace.csv", service: str = "", only: str = "") -> Trace:
    path = tmp_path / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    chance = random.Random(1)
    return read_trace(path, ServiceModel(service, chance), chance, wanted=lambda model: not only or model == only)


def rows(trace: Trace) -> dict[str, list[tuple[float, float]]]:
    return {
        stream.model: [(at / SECOND, service / SECOND) for at, service in zip(stream.arrivals[:-1], stream.services, strict=True)]
        for stream in trace.streams
    }


@pytest.mark.parametrize("name", ["trace.csv", "trace.csv.gz"])
def test_a_plain_trace_is_read_and_put_in_order(tmp_path: Path, name: str) -> None:
    trace = read(tmp_path, PLAIN, name=name)
    assert rows(trace) == {"a": [(0.25, 1.5), (0.5, 2.0)], "b": [(0.1, 3.0)]}
    assert all(stream.arrivals[-1] == FOREVER for stream in trace.streams)
    assert (trace.begin, trace.span, trace.requests) == (MONDAY, 500_000_000, 3)


def test_tokens_become_service_time(tmp_path: Path) -> None:
    text = "t,model,in_tok,out_tok\n1,a,4000,10\n"
    assert rows(read(tmp_path, text)) == {"a": [(1.0, 1.5)]}
    assert rows(read(tmp_path, text, service="tokens:base=1,in=1000,out=0.1")) == {"a": [(1.0, 6.0)]}
    assert rows(read(tmp_path, text, service="fixed:7")) == {"a": [(1.0, 7.0)]}


def test_azures_layout(tmp_path: Path) -> None:
    text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,4000,0\n2023-11-16 18:15:50,0,5\n"
    trace = read(tmp_path, text)
    assert rows(trace) == {"model": [(0.0, 1.3), (3.31941, 0.4)]}
    assert trace.begin == 1_700_158_546_680_590_000


def test_burstgpts_layout(tmp_path: Path) -> None:
    text = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,4000,0,4000,Conversation log\n"
    assert rows(read(tmp_path, text)) == {"ChatGPT": [(5.0, 1.3)]}


def test_mooncakes_layout(tmp_path: Path) -> None:
    text = (
        '{"timestamp": 1500, "input_length": 4000, "output_length": 0, "hash_ids": [1]}\n\n{"timestamp": 0, "input_length": 0}\n'
    )
    assert rows(read(tmp_path, text, name="toolagent.jsonl")) == {"toolagent": [(0.0, 0.3), (1.5, 1.3)]}


def test_counts_are_spread_over_their_period(tmp_path: Path) -> None:
    trace = read(tmp_path, "series,t,count\nx,0,3\nx,300,0\nx,600,2\n", service="2")
    ((model, each),) = rows(trace).items()
    assert model == "x"
    assert [at // 300 for at, _ in each] == [0, 0, 0, 2, 2]
    assert {service for _, service in each} == {2.0}


def test_windows_are_filled(tmp_path: Path) -> None:
    text = "client,t,rate,cv,dist,p1,p2\nc/1,600,0.1,1,Gamma,0.9,0.1\nc/1,1800,0.05,1,Weibull,0.5,0.1\n"
    ((model, each),) = rows(read(tmp_path, text, service="1")).items()
    assert model == "c/1"
    assert len([at for at, _ in each if 600 <= at < 1200]) == 60
    assert len([at for at, _ in each if 1800 <= at < 2400]) == 30
    assert len(each) == 90


def test_a_windows_gaps_fill_it() -> None:
    arrivals = window_arrivals(Window("c", 100.0, 1.0, "Weibull", 0.4, "w"), random.Random(3))
    assert len(arrivals) == 600
    assert all(earlier <= later for earlier, later in pairwise(arrivals))
    assert arrivals[0] >= 100
    assert arrivals[-1] < 700


def test_moments_since_1970_are_kept(tmp_path: Path) -> None:
    trace = read(tmp_path, "t,dur_s\n1700000000,1\n1700000005.5,1\n")
    assert trace.begin == 1_700_000_000 * SECOND
    assert rows(trace) == {"model": [(0.0, 1.0), (5.5, 1.0)]}


def test_only_some_models(tmp_path: Path) -> None:
    assert set(rows(read(tmp_path, PLAIN, only="b"))) == {"b"}


def test_what_says_nothing_of_service_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("t\n1\n2\n")
    chance = random.Random(1)
    service = ServiceModel("", chance)
    read_trace(path, service, chance)
    assert service.assumed == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "no layout that is known", id="empty"),
        pytest.param("a,b\n1,2\n", "the columns a, b are no layout", id="columns"),
        pytest.param("t,dur_s\n", "has no requests", id="no-rows"),
        pytest.param("t,dur_s\n1,x\n", "line 2: dur_s is 'x'", id="word"),
        pytest.param("t,dur_s\n-1,1\n", "line 2: t is '-1'", id="below-zero"),
        pytest.param("t,dur_s\nnan,1\n", "line 2: t is 'nan'", id="nan"),
        pytest.param("t,dur_s\n1e12,1\n", "line 2: t is '1e12'", id="too-late"),
        pytest.param("TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,1\n", "TIMESTAMP is 'yesterday'", id="moment"),
        pytest.param("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-13-16 18:15:46,1,1\n", "is no moment", id="no-month"),
        pytest.param("t\n1700000000000\n", "not a number from 0 to 4000000000", id="milliseconds"),
        pytest.param('t,model,dur_s\n2,"m,1\n3,m,1\n', "cannot be read", id="open-quote"),
        pytest.param('{"timestamp": "x"}\n', "line 1", id="json"),
        pytest.param('{"timestamp": 1e15}\n', "line 1", id="json-too-late"),
        pytest.param('{"timestamp": 1, "output_length": -500}\n', "line 1", id="json-below-zero"),
        pytest.param('{"timestamp": 1, "input_length": 1e300}\n', "line 1", id="json-too-long"),
        pytest.param("t,count\n0,1000000000\n", "more than", id="too-many"),
        pytest.param("client,t,rate,dist,p1\nc,0,1,Cauchy,1\n", "dist is 'Cauchy'", id="law"),
        pytest.param("client,t,rate,dist,p1\nc,0,1,Gamma,0\n", "p1 is 0", id="shape"),
        pytest.param("client,t,rate,dist,p1\nc,0,1,Weibull,0.001\n", "p1 is 0.001", id="least-shape"),
    ],
)
def test_what_is_no_trace_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidParameterError, match=told):
        read(tmp_path, text)


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv.gz"
    path.write_bytes(gzip.compress(PLAIN.encode())[:-12])
    chance = random.Random(1)
    with pytest.raises(InvalidParameterError, match="cannot be read"):
        read_trace(path, ServiceModel("", chance), chance)


def test_an_archive_that_goes_on_behind_its_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv.gz"
    whole = gzip.compress((PLAIN * 200).encode())
    path.write_bytes(whole[:16] + whole)
    chance = random.Random(1)
    with pytest.raises(InvalidParameterError, match="cannot be read"):
        read_trace(path, ServiceModel("", chance), chance)


def test_counts_may_name_their_models_as_other_traces_do(tmp_path: Path) -> None:
    trace = read(tmp_path, "t,model,count\n0,a,3\n0,b,4\n60,a,0\n60,b,0\n")
    assert {model: len(each) for model, each in rows(trace).items()} == {"a": 3, "b": 4}


def test_no_number_of_tokens_takes_forever(tmp_path: Path) -> None:
    text = "t,in_tok\n0,4000000000\n"
    assert rows(read(tmp_path, text, service="tokens:in=0.000001")) == {"model": [(0.0, MAX_SERVICE_S)]}


@pytest.mark.parametrize("text", ["tokens:x=1", "tokens:base=-1", "tokens:in=0", "tokens:base", "lots"])
def test_what_is_no_service_is_told(text: str) -> None:
    with pytest.raises(InvalidParameterError, match="--service"):
        ServiceModel(text, random.Random(1))
