"""A model server's own metrics, asked for where its image says, are boto3's to read and target tracking's to follow."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.fault_stage import ENDPOINT, platform, until

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = b'# TYPE app:waiting gauge\\napp:waiting{queue="a"} 4\\napp:waiting{queue="b"} 5\\n'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = TEXT if self.path == "/own/metrics" else b""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (body[:40], body[40:]):
            if piece:
                self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(piece), piece))
        self.wfile.write(b"0\\r\\n\\r\\n")

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

METRIC = {
    "Namespace": "/stoker/InferenceComponents",
    "MetricName": "app:waiting",
    "Dimensions": [{"Name": "InferenceComponentName", "Value": "own"}],
}
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/own",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}


@pytest.mark.timeout(90)
def test_a_servers_own_metric_is_read_and_followed(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    settings = (
        f'[[images]]\npattern = "own:*"\nmetrics = "/own/metrics"\ncommand = ["{sys.executable}", "-S", "{script}", "{{port}}"]\n'
    )
    with platform(tmp_path, clock_speed=120, settings=settings) as stage:
        stage.open()
        stage.deploy("own", image="own:1")
        stage.scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)
        tracking = {"TargetValue": 4.5, "CustomizedMetricSpecification": {**METRIC, "Statistic": "Average"}}
        stage.scaling.put_scaling_policy(
            **TARGET, PolicyName="queue", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking
        )
        until(lambda: stage.serving("own", 2))
        now = datetime.fromtimestamp(float(stage.server.status()["now_s"]), UTC)
        query: Any = {"Id": "m", "MetricStat": {"Metric": METRIC, "Period": 60, "Stat": "Maximum"}}
        (found,) = stage.cloudwatch.get_metric_data(
            MetricDataQueries=[query], StartTime=now - timedelta(hours=2), EndTime=now + timedelta(minutes=1)
        )["MetricDataResults"]
        assert set(found["Values"]) == {9.0}, "both queues together"
        (listed,) = stage.cloudwatch.list_metrics(Namespace="/stoker/InferenceComponents")["Metrics"]
        assert listed == METRIC
        assert stage.component("own")["EndpointName"] == ENDPOINT
