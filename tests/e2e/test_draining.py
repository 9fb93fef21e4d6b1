"""Which copy goes, what it still does, and that health checks neither count nor kill."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.fault_stage import Load, Stage, platform, until

SERIAL = """
import http.server
import json
import os
import socketserver
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["content-length"])))
        time.sleep(data["seconds"])
        self.answer(json.dumps({"pid": os.getpid()}).encode())

    def answer(self, body):
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Server(socketserver.TCPServer):
    request_queue_size = 64


Server(("127.0.0.1", PORT), Handler).serve_forever()
"""
"""A server with one thread for everything: while it works, it answers no ping."""


def workload(stage: Stage, name: str) -> dict[str, Any]:
    workloads = [each for endpoint in stage.server.status()["endpoints"] for each in endpoint["workloads"]]
    found: dict[str, Any] = next(each for each in workloads if each["name"] == name)
    return found


def test_the_copy_that_works_stays_and_the_idle_one_goes(tmp_path: Path) -> None:
    with platform(tmp_path, settings="[gateway]\nreport_s = 0.1\n") as stage:
        stage.open()
        stage.deploy("idle", copies=3)
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(lambda: b"".join(stage.stream("idle", parts=40, every=0.1)))
            until(lambda: workload(stage, "idle")["in_flight"] == 1)
            stage.set_copies("idle", 1)
            until(lambda: len(stage.pids("idle")) == 1)
            assert not working.done(), "two idle copies went while one worked on"
            # It is the one that stayed: it is in service, so it takes more besides.
            assert stage.invoke("idle")["pid"] in stage.pids("idle").values()
            assert working.result().count(b"part") == 40
        assert stage.serving("idle", 1)


def test_health_checks_are_no_traffic(tmp_path: Path) -> None:
    with platform(tmp_path, settings="[process]\nping_interval_s = 0.1\n", clock_speed=60) as stage:
        stage.open()
        stage.deploy("quiet")
        begin = datetime.fromtimestamp(stage.server.status()["now_s"], UTC)
        until(lambda: stage.server.status()["now_s"] > begin.timestamp() + 150)  # some 25 pings
        seen = workload(stage, "quiet")
        assert (seen["in_flight"], seen["held"], stage.gateway()["in_flight"]) == (0, 0, 0)
        statistics = stage.cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            Dimensions=[{"Name": "InferenceComponentName", "Value": "quiet"}],
            StartTime=begin - timedelta(minutes=1),
            EndTime=begin + timedelta(minutes=10),
            Period=60,
            Statistics=["Sum"],
        )
        assert [point["Sum"] for point in statistics["Datapoints"] if point["Sum"]] == []


def test_a_copy_that_works_is_not_replaced_for_being_slow_to_its_pings(tmp_path: Path) -> None:
    script = tmp_path / "serial.py"
    script.write_text(SERIAL.replace("PORT", "int(__import__('sys').argv[1])"))
    settings = (
        "[process]\nping_interval_s = 0.1\nping_timeout_s = 0.2\nstop_grace_s = 1\n"
        f"[[images]]\npattern = 'serial'\ncommand = ['{sys.executable}', '{script}', '{{port}}']\n"
    )
    with platform(tmp_path, settings=settings) as stage:
        stage.open()
        stage.deploy("slow", image="serial")
        before = stage.pids("slow")
        with Load(4, lambda _: stage.invoke("slow", seconds=0.5)) as load:
            until(lambda: "late" in (stage.server.data / "server.log").read_text(), limit_s=30)
            load.more(12)
            assert stage.in_service("slow") == set(before)
        assert load.failures == []
        assert stage.pids("slow") == before
