"""SEARCH by boto3: which metrics an expression finds, and what can be made of them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from stoker.units import MINUTE
from tests.conformance.sagemaker_stage import Stage, serving

METRICS = [
    ("Invocations", {"InferenceComponentName": "chat"}, 10.0),
    ("Invocations", {"InferenceComponentName": "embed"}, 20.0),
    ("Invocations", {"EndpointName": "e", "VariantName": "v"}, 30.0),
    ("ModelLatency", {"InferenceComponentName": "chat"}, 400.0),
    ("CPUUtilization", {"InferenceComponentName": "chat"}, 55.0),
]


@pytest.fixture(scope="module")
def served() -> Iterator[Stage]:
    with serving() as stage:
        client = stage.client("cloudwatch")
        data = [
            {"MetricName": name, "Value": value, "Dimensions": [{"Name": key, "Value": each} for key, each in names.items()]}
            for name, names, value in METRICS
        ]
        client.put_metric_data(Namespace="my/models", MetricData=data)
        client.put_metric_data(Namespace="other", MetricData=data)
        yield stage


def asked(stage: Stage, expression: str) -> list[tuple[str, list[float]]]:
    start = stage.desk.now() // MINUTE * 60
    found = stage.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "e", "Expression": expression, "Label": ""}],
        StartTime=datetime.fromtimestamp(start, UTC),
        EndTime=datetime.fromtimestamp(start + 60, UTC),
    )["MetricDataResults"]
    return [(each["Label"], each["Values"]) for each in found]


@pytest.mark.parametrize(
    ("search", "values"),
    [
        pytest.param('{my/models,InferenceComponentName} MetricName="Invocations"', [10, 20], id="schema-and-name"),
        pytest.param("{my/models,VariantName,EndpointName}", [30], id="schema-alone"),
        pytest.param("{my/models,EndpointName}", [], id="other-dimensions"),
        pytest.param('{"my/models",InferenceComponentName} chat NOT Latency NOT CPU', [10], id="not"),
        pytest.param("{my/models,InferenceComponentName} utilization OR embed", [20, 55], id="or-and-parts"),
        pytest.param("{my/models,InferenceComponentName} cpuutilization", [55], id="small-letters"),
        pytest.param(
            "{my/models,InferenceComponentName} InferenceComponentName=(chat OR embed) Invocations", [10, 20], id="one-of"
        ),
        pytest.param('Namespace="my/models" MetricName="ModelLatency"', [400], id="without-schema"),
        pytest.param('{my/models,InferenceComponentName} "chat" AND (Model OR CPU)', [55, 400], id="quoted"),
        pytest.param("{my/models,InferenceComponentName} cha", [], id="part-of-a-part"),
    ],
)
def test_what_is_found(served: Stage, search: str, values: list[float]) -> None:
    found = asked(served, f"SEARCH('{search}', 'Sum', 60)")
    assert sorted(value for _, each in found for value in each) == values


def test_labels_tell_what_differs(served: Stage) -> None:
    assert asked(served, "SEARCH('{my/models,InferenceComponentName} Invocations', 'Sum', 60)") == [
        ("chat", [10.0]),
        ("embed", [20.0]),
    ]
    assert [label for label, _ in asked(served, "SEARCH('{my/models,InferenceComponentName} chat', 'Sum', 60)")] == [
        "CPUUtilization",
        "Invocations",
        "ModelLatency",
    ]


def test_what_is_found_is_calculated_with(served: Stage) -> None:
    search = "SEARCH('{my/models,InferenceComponentName} Invocations', 'SampleCount', 60)"
    assert [values for _, values in asked(served, f"SUM({search})")] == [[2.0]]
    assert [values for _, values in asked(served, f"RUNNING_SUM({search}) * 10")] == [[10.0], [10.0]]
    assert [
        values for _, values in asked(served, "SORT(SEARCH('{my/models,InferenceComponentName} Invocations', 'p50'), MAX, DESC)")
    ] == [
        [20.0],
        [10.0],
    ]


def test_searches_are_bounded(served: Stage) -> None:
    many = " + ".join("SUM(SEARCH('x', 'Sum', 60))" for _ in range(6))
    with pytest.raises(ClientError, match="There may be 5 SEARCH functions, not 6"):
        asked(served, many)
    with pytest.raises(ClientError, match="it has more than 20 terms"):
        asked(served, f"SEARCH('{'x ' * 21}', 'Sum', 60)")
