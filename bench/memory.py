"""Four models in the memory of two, a skewed random stream of requests: who makes way, what is loaded again, who waits how long.

Usage: `./run bench memory [--requests 36] [--rate 0.7] [--seed 1] [--no-live]`.

A server with real processes, an endpoint and a model server a model, gets the stream twice: with what makes way chosen by cost,
and by LRU. Every request has to be answered. Beside that stands what the simulator makes of the same stream with the starts that
were measured, and of four streams of 400 requests; there also LRU without turns and residence, where what is wanted takes a place
as soon as it can. Takes two minutes and a half; `--no-live` runs the simulator alone.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stoker.decisions.eviction import EvictionOptions, Valuation
from stoker.sim.laws import Fixed, Start
from stoker.sim.policies import parse_policy
from stoker.sim.traces.values import FOREVER, Stream, Trace
from stoker.sim.world import World, WorldOptions
from stoker.units import DAY, MILLISECOND, SECOND, to_seconds

if TYPE_CHECKING:
    from demo.server import Server

MODELS = {"a": (0.50, 1.5), "b": (0.25, 1.5), "c": (0.15, 0.3), "d": (0.10, 0.3)}
"""Each model's share of the requests, and the seconds that its server takes to load it."""
SERVICE_S = 0.05
SPAWN_S = 0.35
"""What a process takes to begin, until it has been measured."""
MODEL_MB, BUDGET_MB = 4096, 8192
INSTANCE_TYPE = "ml.t2.medium"
ROLE = "arn:aws:iam::123456789012:role/anything"
OTHER_STREAMS, OTHER_REQUESTS = 4, 400
LIMIT_S = 60.0
CASES = {
    "cost": EvictionOptions(),
    "LRU": EvictionOptions(valuation=Valuation.LRU),
    "LRU alone": EvictionOptions(valuation=Valuation.LRU, residence=0.0, pause=0.0, turn=0.0),
}
LIVE = ("cost", "LRU")
HANDLER = """
import pathlib
import time


def model_fn(model_dir):
    time.sleep({load})
    with (pathlib.Path(model_dir) / "loads.txt").open("a") as loads:
        loads.write("loaded\\n")
    return {name!r}


def predict_fn(data, model):
    time.sleep({service})
    return {{"model": model, "number": data["number"]}}
"""

Requests = list[tuple[float, str]]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one run: evictions, loads, and what each request waited."""

    evictions: float
    loads: float
    waits_s: list[float]

    def row(self) -> str:
        """Give its line of the table."""
        waits = sorted(self.waits_s)
        mean = sum(waits) / len(waits)
        p50, p95 = waits[len(waits) // 2], waits[min(len(waits) - 1, int(0.95 * len(waits)))]
        return f"{self.evictions:9.1f} | {self.loads:5.1f} | {mean:6.2f} | {p50:6.2f} | {p95:6.2f} | {waits[-1]:6.2f}"


def stream(seed: int, count: int, rate: float) -> Requests:
    """Draw requests: when, and for which model."""
    chance = random.Random(seed)
    at, out = 0.0, []
    for _ in range(count):
        at += chance.expovariate(rate)
        out.append((at, chance.choices(list(MODELS), [share for share, _ in MODELS.values()])[0]))
    return out


def simulated(requests: Requests, eviction: EvictionOptions, starts_s: dict[str, float]) -> Figures:
    """Give what the simulator makes of a stream."""
    streams = []
    for name in MODELS:
        arrivals = array("q", [*(round(at * 1000) * MILLISECOND for at, model in requests if model == name), FOREVER])
        streams.append(Stream(name, arrivals, array("q", [round(SERVICE_S * SECOND)] * (len(arrivals) - 1))))
    trace = Trace("stream", tuple(streams))
    starts = {name: Start(load=Fixed(value_s=taken)) for name, taken in starts_s.items()}
    options = WorldOptions(
        most_copies=1, memory_mb=BUDGET_MB, sizes_mb=dict.fromkeys(MODELS, MODEL_MB), starts=starts, eviction=eviction
    )
    world = World(trace, parse_policy("split"), options)
    world.run(trace.span)
    world.serve_rest(DAY)
    world.close()
    waits = [to_seconds(span) for lane in world.lanes for span in lane.waits.spans]
    served = sum(lane.handed for lane in world.lanes)
    if served != len(requests):
        raise SystemExit(f"The simulator answered {served} of {len(requests)} requests.")
    waits.extend([0.0] * (served - len(waits)))
    return Figures(evictions=world.platform.pressure.evicted, loads=len(world.accounts.copies), waits_s=waits)


def live(requests: Requests, eviction: EvictionOptions) -> tuple[Figures, dict[str, float]]:
    """Have a live server answer a stream; gives what came of it, and what starts took."""
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from demo.server import running  # noqa: PLC0415 - found by the path above

    settings = {
        "BUDGET_MB": BUDGET_MB,
        "EVICTION": eviction.valuation.value,
        "RESIDENCE": eviction.residence,
        "PAUSE": eviction.pause,
        "TURN": eviction.turn,
    }
    os.environ.update({f"STOKER__MEMORY__{key}": str(value) for key, value in settings.items()})
    with tempfile.TemporaryDirectory(prefix="stoker-bench-") as root:
        data = Path(root) / "data"
        data.mkdir()
        with running(data, clock_speed=1) as server:
            for name, (_, load_s) in MODELS.items():
                deploy(server, Path(root), name, load_s)
            before, loads = server.status()["evicted"], loads_in(Path(root))
            waits = play(server, requests)
            status = server.status()
            starts = {w["name"]: float(w["start_time_s"]) for e in status["endpoints"] for w in e["workloads"]}
            figures = Figures(evictions=status["evicted"] - before, loads=loads_in(Path(root)) - loads, waits_s=waits)
    return figures, starts


def loads_in(root: Path) -> int:
    """Count how often a model has been loaded so far."""
    return sum(len(path.read_text().splitlines()) for path in root.glob("*/loads.txt"))


def deploy(server: "Server", root: Path, name: str, load_s: float) -> None:
    """Make an endpoint with one model, as a Hugging Face endpoint is made; wait until it serves."""
    sagemaker, model = server.client("sagemaker"), root / name
    model.mkdir()
    (model / "inference.py").write_text(HANDLER.format(load=load_s, service=SERVICE_S, name=name))
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "stoker/python", "ModelDataUrl": model.as_uri()}
    )
    variant = {
        "VariantName": "all",
        "InstanceType": INSTANCE_TYPE,
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 1},
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ExecutionRoleArn=ROLE, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    until(lambda: sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
    sagemaker.create_inference_component(
        InferenceComponentName=name,
        EndpointName=name,
        VariantName="all",
        Specification={"ModelName": name, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": MODEL_MB}},
        RuntimeConfig={"CopyCount": 1},
    )
    until(lambda: sagemaker.describe_inference_component(InferenceComponentName=name)["InferenceComponentStatus"] == "InService")


def until(happened: Callable[[], bool]) -> None:
    """Look until it happened."""
    end = time.monotonic() + LIMIT_S
    while not happened():
        if time.monotonic() > end:
            raise SystemExit("It did not happen in time.")
        time.sleep(0.05)


def play(server: "Server", requests: Requests) -> list[float]:
    """Send each request at its time, whatever became of those before; gives what each waited besides its service."""
    runtime = server.client("sagemaker-runtime", read_timeout=300)
    begin = time.monotonic() + 0.2

    def send(number: int, at: float, name: str) -> float:
        time.sleep(max(0.0, begin + at - time.monotonic()))
        reply = runtime.invoke_endpoint(
            EndpointName=name, InferenceComponentName=name, ContentType="application/json", Body=json.dumps({"number": number})
        )
        if json.loads(reply["Body"].read()) != {"model": name, "number": number}:
            raise SystemExit(f"Request {number} got another's answer.")
        return max(0.0, time.monotonic() - begin - at - SERVICE_S)

    with ThreadPoolExecutor(len(requests)) as pool:
        return [sent.result() for sent in [pool.submit(send, n, *request) for n, request in enumerate(requests)]]


def main() -> int:
    """Run all cases and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=36)
    parser.add_argument("--rate", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--live", action=argparse.BooleanOptionalAction, default=True)
    told = parser.parse_args()
    requests = stream(told.seed, told.requests, told.rate)
    starts_s = {name: load_s + SPAWN_S for name, (_, load_s) in MODELS.items()}
    print(f"{len(MODELS)} models of {MODEL_MB} MB in {BUDGET_MB} MB; {told.requests} requests, {told.rate:g} a second.")
    print(f"{'':22} | evictions | loads | mean s |  p50 s |  p95 s |  max s")
    for name, eviction in CASES.items():
        if told.live and name in LIVE:
            figures, starts_s = live(requests, eviction)
            print(f"{name:10} {'live':11} | {figures.row()}", flush=True)
        print(f"{name:10} {'simulated':11} | {simulated(requests, eviction, starts_s).row()}")
        others = [simulated(stream(1000 + seed, OTHER_REQUESTS, told.rate), eviction, starts_s) for seed in range(OTHER_STREAMS)]
        mean = Figures(
            evictions=sum(f.evictions for f in others) / len(others),
            loads=sum(f.loads for f in others) / len(others),
            waits_s=[wait for f in others for wait in f.waits_s],
        )
        print(f"{name:10} {'4 x 400':11} | {mean.row()}", flush=True)
    print("Every request was answered.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
