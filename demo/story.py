"""The steps of the demo, each of which must be seen."""

import io
import json
import tarfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from demo.deployment import COMPONENT, ENDPOINT, MAX_COPIES, Deployment
from demo.ledger import Ledger
from demo.server import Server

CLIENTS = 24
PATIENCE_S = 90.0


class StepNotSeenError(Exception):
    """A step of the story did not happen in time."""


class Story:
    """Tells the main job with an unmodified boto3 and watches each step happen."""

    def __init__(self, server: Server, model: Path, *, clock_speed: float) -> None:
        self.server = server
        self.model = model
        self.speed = clock_speed
        self.magika = Deployment(server, model)
        self.ledger = Ledger(server, ENDPOINT)
        self.begin = time.monotonic()

    def tell(self) -> None:
        """Go through all steps; raises `StepNotSeenError` at the first that does not happen."""
        self.say(f"Stoker is up on {self.server.address}; its clock runs {self.speed:g} times faster than the wall's")
        with self.ledger:
            self.deploy()
            self.cold_start()
            self.load()
            self.stream()
            self.go_idle()
        self.timeline()
        self.savings()

    def say(self, text: str) -> None:
        """Print a line with the real seconds since the start."""
        print(f"[{time.monotonic() - self.begin:6.2f} s] {text}", flush=True)

    def until(self, what: str, happened: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
        """Look until it happened, and give what was seen."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            seen = happened()
            if seen:
                return seen
            time.sleep(0.05)
        raise StepNotSeenError(what)

    def deploy(self) -> None:
        """Deploy the model at zero: no instance, no copy."""
        self.magika.create(self.until)
        self.until("no instances at the start", lambda: self.magika.instances() == 0)
        self.say("deployed with boto3: 0 copies on 0 instances, endpoint InService")

    def cold_start(self) -> None:
        """Send a real file at zero: the request is held, a copy starts, the answer comes."""
        body = (self.model / "code" / "inference.py").read_bytes()
        start = time.monotonic()
        reply = self.magika.invoke(body)
        took = time.monotonic() - start
        answer = json.loads(reply["Body"].read())
        if answer["label"] != "python":
            raise StepNotSeenError(f"a Python file recognised as one (got {answer})")
        timing = reply["ResponseMetadata"]["HTTPHeaders"].get("server-timing", "")
        if "hold" not in timing:
            raise StepNotSeenError(f"a held request that tells its phases (Server-Timing was {timing!r})")
        self.say(f"at zero, a request was held and answered in {took:.2f} s: {answer}")
        self.say(f"  phases: {timing}")
        self.say("  first copy, seconds after it was asked for: " + self.phases())

    def phases(self) -> str:
        """Give the phases of the first copy's start, on the platform's clock, told in real seconds."""
        copies = self.magika.workload()["copies"]
        return ", ".join(f"{name} {at / self.speed:.3f}" for name, at in copies[0]["phases_s"].items() if name != "created")

    def load(self) -> None:
        """Keep many clients busy until there are as many copies as allowed."""
        stop = threading.Event()
        counts: set[int] = set()
        files = [p.read_bytes() for p in sorted(Path(__file__).parent.rglob("*")) if p.is_file()][:16]

        def client(number: int) -> int:
            sent = 0
            while not stop.is_set():
                self.magika.invoke(files[(number + sent) % len(files)])["Body"].read()
                sent += 1
            return sent

        def grown() -> bool:
            counts.add(self.magika.workload()["current"])
            return MAX_COPIES in counts

        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(client, n) for n in range(CLIENTS)]
            start = time.monotonic()
            try:
                self.until(f"{MAX_COPIES} copies under load", grown)
                took = time.monotonic() - start
            finally:
                stop.set()
            total = sum(c.result() for c in clients)
        steps = " -> ".join(str(c) for c in sorted(counts))
        self.say(f"{CLIENTS} clients kept it busy: copies went {steps} in {took:.2f} s; {total} answers, none failed")

    def stream(self) -> None:
        """Stream one answer: a tar archive in, one line for each file out."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for path in sorted(Path(__file__).parent.rglob("*.py")):
                tar.add(path, arcname=path.name)
        reply = self.magika.runtime.invoke_endpoint_with_response_stream(
            EndpointName=ENDPOINT,
            InferenceComponentName=COMPONENT,
            ContentType="application/x-tar",
            Accept="application/jsonlines",
            Body=archive.getvalue(),
        )
        parts = [event["PayloadPart"]["Bytes"] for event in reply["Body"]]
        lines = [json.loads(line) for line in b"".join(parts).splitlines()]
        if len(lines) < 2 or any(line["label"] != "python" for line in lines):
            raise StepNotSeenError(f"a streamed line for each file (got {lines})")
        self.say(f"a streamed answer came in {len(parts)} parts: " + ", ".join(f"{x['file']} is {x['label']}" for x in lines))

    def go_idle(self) -> None:
        """Send nothing more: copies and then instances reach zero."""
        start = time.monotonic()
        self.until(
            "zero copies after idling", lambda: self.magika.workload()["desired"] == 0 == self.magika.workload()["current"]
        )
        copies_s = time.monotonic() - start
        self.say(f"idle: 0 copies after {copies_s * self.speed / 60:.1f} minutes of the platform's clock")
        self.until("zero instances after idling", lambda: self.magika.instances() == 0)
        rest_s = time.monotonic() - start - copies_s
        status = self.magika.endpoint()["EndpointStatus"]
        self.say(f"      0 instances after {rest_s * self.speed / 60:.1f} more; the endpoint is {status}")

    def timeline(self) -> None:
        """Print every scaling activity with its cause."""
        pages = self.magika.scaling.get_paginator("describe_scaling_activities").paginate(ServiceNamespace="sagemaker")
        activities = [a for page in pages for a in page["ScalingActivities"]]
        descriptions = [a["Description"] for a in activities]
        print("\nWhat scaled, when (platform's clock) and why:")
        for activity in reversed(activities):
            print(f"  {activity['StartTime']:%H:%M:%S}  {activity['Description']:<34} {activity['StatusCode']}")
            print(f"            because {activity['Cause']}")
            if activity.get("Details"):
                print(f"            {activity['Details']}")
        for wanted in ("Setting desired copy count to 1.", "Setting desired copy count to 0."):
            if wanted not in descriptions:
                raise StepNotSeenError(f"an activity '{wanted}'")
        if any(not a["Cause"] for a in activities):
            raise StepNotSeenError("a cause for every activity")

    def savings(self) -> None:
        """Print what scaling to zero saved against keeping the peak up all the time."""
        used, always = self.ledger.used_s, self.ledger.always_on_s
        if not 0 < used < always:
            raise StepNotSeenError(f"instance time saved (used {used:.0f} s of {always:.0f} s)")
        print(
            f"\nInstance time: {used:.0f} s used; always on ({self.ledger.most} instances, the most needed) "
            f"would have been {always:.0f} s.\nSaved: {always - used:.0f} instance-seconds, {100 * (1 - used / always):.0f} %."
        )
