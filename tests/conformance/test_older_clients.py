"""Clients of other ages than the newest boto3: one of 2023, which speaks to CloudWatch in forms and XML, and the AWS CLI 1.

`./run test` puts them in `.run/clients`; each runs in a process of its own, against a server in this one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stoker.units import MINUTE, SECOND
from tests.conformance.sagemaker_stage import KEY, SECRET, Loose, Stage, serving

HERE = Path(__file__).resolve().parent
CLIENTS = HERE.parents[1] / ".run" / "clients" / "2023"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with serving() as served:
        yield served


def run(script: str, *arguments: str, given: str = "", **more: str) -> Loose:
    """Run a script of this folder with the older clients on its path; give what it prints."""
    assert (CLIENTS / "made-from").is_file(), "the older clients are not installed; `./run test` does it"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / script), *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env={**environment, "PYTHONPATH": str(CLIENTS), "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nowhere", **more},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_boto3_of_2023_speaks_in_forms_and_reads_xml(stage: Stage) -> None:
    now = stage.reset().now()
    seen = run("client_2023.py", stage.address, KEY, SECRET, str((now - now % MINUTE) // SECOND))
    assert (seen["version"], seen["protocol"]) == ("1.34.11", "query")
    assert seen["metrics"] == {
        "point": [5.5, 3.5, "None", 0.0],
        "series": [[3.0], [0.0], "Complete"],
        "pages": [500, 100],
    }
    alarms = seen["alarms"]
    assert (alarms["same"], alarms["fresh"], alarms["left"]) == (True, True, [])
    constraint = "failed to satisfy constraint: Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]"
    assert alarms["faults"] == [
        ["ValidationError", 400, f"1 validation error detected: Value 'BAD' at 'stateValue' {constraint}"],
        ["ValidationError", 400, "Period must be 10, 20, 30 or a multiple of 60"],
        None,
        ["NotImplementedException", 501, "Stoker does not serve cloudwatch:GetDashboard."],
        ["InvalidParameterValue", 400, "The value AWS/ for parameter Namespace is invalid."],
    ]
    assert (seen["account"], seen["endpoints"], seen["targets"]) == ("123456789012", [], [])
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/nobody"
    assert seen["missing"] == ["ValidationException", 400, f'Could not find endpoint "{arn}".']


def test_the_command_line_of_aws_works(stage: Stage) -> None:
    stage.reset()
    alarm = (
        "cloudwatch put-metric-alarm --alarm-name a --metric-name depth --namespace mine --statistic Average --period 60 "
        "--evaluation-periods 2 --threshold 1.5 --comparison-operator LessThanThreshold"
    )
    commands = [
        "sts get-caller-identity --query Account",
        alarm,
        "cloudwatch describe-alarms --query MetricAlarms[].[AlarmName,Threshold,StateValue]",
        "cloudwatch put-metric-data --namespace mine --metric-name depth --value 2 --dimensions A=1",
        "cloudwatch list-metrics --namespace mine",
        "sagemaker list-endpoints",
        "sagemaker describe-endpoint --endpoint-name nobody",
        "application-autoscaling describe-scalable-targets --service-namespace sagemaker",
        "sagemaker list-training-jobs",
    ]
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_MAX_ATTEMPTS": "1"}
    words = [["--endpoint-url", stage.address, "--region", "us-east-1", "--output", "json", *line.split()] for line in commands]
    ended: list[tuple[int, str, str]] = run("client_cli.py", given=json.dumps(words), **keys)
    out = [json.loads(text) if text.strip() else None for _, text, _ in ended]
    assert [status for status, _, _ in ended] == [0, 0, 0, 0, 0, 0, 255, 0, 255], ended
    assert out[:6] == [
        "123456789012",
        None,
        [["a", 1.5, "INSUFFICIENT_DATA"]],
        None,
        {"Metrics": [{"Namespace": "mine", "MetricName": "depth", "Dimensions": [{"Name": "A", "Value": "1"}]}]},
        {"Endpoints": []},
    ]
    assert "(ValidationException)" in ended[6][2]
    assert "endpoint/nobody" in ended[6][2]
    assert out[7] == {"ScalableTargets": []}
    assert "Stoker does not serve sagemaker:ListTrainingJobs." in ended[8][2]
