"""The four List calls: pages, orders and filters, by boto3."""

from datetime import UTC, datetime

import pytest

from stoker.domain.ids import ComponentName, component_workload
from stoker.testing.desk import Outcome
from stoker.units import SECOND
from tests.conformance.sagemaker_stage import (
    Loose,
    Stage,
    arn,
    component,
    make_endpoint,
    make_model,
    plain,
    refused,
    variant,
)

MANY = 25
BEGIN = 1_700_000_000


@pytest.fixture
def sagemaker(stage: Stage) -> Loose:
    return stage.client()


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(BEGIN + seconds, UTC)


def names(reply: Loose, key: str) -> list[str]:
    (items,) = (value for value in reply.values() if isinstance(value, list))
    return [item[key] for item in items]


def make_models(stage: Stage, count: int = MANY) -> None:
    """Make models `m00`, `m01`… a second apart."""
    for number in range(count):
        make_model(stage.client(), f"m{number:02}")
        stage.desk.clock.advance(SECOND)


def test_ten_come_a_page_newest_first(stage: Stage, sagemaker: Loose) -> None:
    make_models(stage)
    first = sagemaker.list_models()
    assert names(first, "ModelName") == [f"m{n:02}" for n in range(24, 14, -1)]
    assert first["Models"][0] == {"ModelName": "m24", "ModelArn": arn("model", "m24"), "CreationTime": at(24)}
    second = sagemaker.list_models(NextToken=first["NextToken"], MaxResults=14)
    assert names(second, "ModelName") == [f"m{n:02}" for n in range(14, 0, -1)]
    last = sagemaker.list_models(NextToken=second["NextToken"])
    assert names(last, "ModelName") == ["m00"]
    assert "NextToken" not in last


@pytest.mark.parametrize("sort_by", ["Name", "CreationTime"])
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_boto3_pages_through_all_in_order(stage: Stage, sagemaker: Loose, sort_by: str, order: str) -> None:
    make_models(stage)
    pages = sagemaker.get_paginator("list_models").paginate(SortBy=sort_by, SortOrder=order, PaginationConfig={"PageSize": 7})
    found = [names(page, "ModelName") for page in pages]
    assert [len(page) for page in found] == [7, 7, 7, 4]
    expected = [f"m{n:02}" for n in range(MANY)]
    assert [name for page in found for name in page] == (expected if order == "Ascending" else expected[::-1])


def test_a_full_last_page_has_no_token(stage: Stage, sagemaker: Loose) -> None:
    make_models(stage, 10)
    assert "NextToken" not in sagemaker.list_models()


def test_pages_stand_still_while_things_come_and_go(stage: Stage, sagemaker: Loose) -> None:
    make_models(stage, 6)
    first = sagemaker.list_models(MaxResults=2)
    make_model(sagemaker, "new")
    sagemaker.delete_model(ModelName="m04")  # the one the token names
    sagemaker.delete_model(ModelName="m02")
    assert names(sagemaker.list_models(NextToken=first["NextToken"]), "ModelName") == ["m03", "m01", "m00"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"NameContains": "m"}, id="filter"),
        pytest.param({"SortOrder": "Ascending"}, id="order"),
        pytest.param({"SortBy": "Name"}, id="sort"),
        pytest.param({"CreationTimeAfter": at(0)}, id="time"),
        pytest.param({"NextToken": "bm90IG1pbmU="}, id="made-up"),
        pytest.param({"NextToken": "?"}, id="no-base64"),
    ],
)
def test_a_token_is_for_the_same_question_only(stage: Stage, sagemaker: Loose, changes: Loose) -> None:
    make_models(stage, 3)
    token = sagemaker.list_models(MaxResults=1)["NextToken"]
    message = refused(sagemaker.list_models, **{"NextToken": token, **changes})
    assert message.startswith("NextToken is not valid here: it must come from the last reply to the same call")
    assert refused(sagemaker.list_endpoint_configs, NextToken=token) == message


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({"NameContains": "m1"}, ["m12", "m11", "m10"], id="name"),
        pytest.param({"NameContains": "x"}, [], id="none"),
        pytest.param({"CreationTimeBefore": at(2)}, ["m01", "m00"], id="before"),
        pytest.param({"CreationTimeAfter": at(10)}, ["m12", "m11"], id="after"),
        pytest.param({"CreationTimeAfter": at(3), "CreationTimeBefore": at(5)}, ["m04"], id="between"),
    ],
)
def test_filters(stage: Stage, sagemaker: Loose, asked: Loose, expected: list[str]) -> None:
    make_models(stage, 13)
    assert names(sagemaker.list_models(**asked), "ModelName") == expected


def test_endpoints_and_their_configurations(stage: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker, "a")
    stage.desk.clock.advance(SECOND)
    stage.desk.launches = False
    make_endpoint(sagemaker, "b")
    assert plain(sagemaker.list_endpoint_configs(NameContains="a-")) == {
        "EndpointConfigs": [
            {
                "EndpointConfigName": "a-config",
                "EndpointConfigArn": arn("endpoint-config", "a-config"),
                "CreationTime": at(0),
            }
        ]
    }
    b = {"EndpointName": "b", "EndpointArn": arn("endpoint", "b"), "EndpointStatus": "Creating"}
    times = {"CreationTime": at(1), "LastModifiedTime": at(1)}
    assert plain(sagemaker.list_endpoints(StatusEquals="Creating")) == {"Endpoints": [b | times]}
    by_status = sagemaker.list_endpoints(SortBy="Status", SortOrder="Descending")
    assert names(by_status, "EndpointName") == ["a", "b"]
    stage.desk.clock.advance(SECOND)
    desired = [{"VariantName": "AllTraffic", "DesiredWeight": 2.0}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="a", DesiredWeightsAndCapacities=desired)
    assert names(sagemaker.list_endpoints(LastModifiedTimeAfter=at(1)), "EndpointName") == ["a"]
    assert names(sagemaker.list_endpoints(LastModifiedTimeBefore=at(2)), "EndpointName") == ["b"]


def test_components(stage: Stage, sagemaker: Loose) -> None:
    make_model(sagemaker)
    variants = [variant(VariantName="one"), variant(VariantName="two")]
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    make_endpoint(sagemaker, "f")
    stage.desk.play(component_workload(ComponentName("c2")), Outcome(stuck=True))
    for name, endpoint, variant_name in (("c1", "e", "one"), ("c2", "e", "two"), ("c3", "f", "AllTraffic")):
        sagemaker.create_inference_component(
            **component(InferenceComponentName=name, EndpointName=endpoint, VariantName=variant_name)
        )
        stage.desk.clock.advance(SECOND)
    assert names(sagemaker.list_inference_components(EndpointNameEquals="e"), "InferenceComponentName") == ["c2", "c1"]
    assert names(sagemaker.list_inference_components(VariantNameEquals="one"), "InferenceComponentName") == ["c1"]
    assert plain(sagemaker.list_inference_components(StatusEquals="Creating")) == {
        "InferenceComponents": [
            {
                "InferenceComponentName": "c2",
                "InferenceComponentArn": arn("inference-component", "c2"),
                "EndpointName": "e",
                "EndpointArn": arn("endpoint", "e"),
                "VariantName": "two",
                "InferenceComponentStatus": "Creating",
                "CreationTime": at(1),
                "LastModifiedTime": at(1),
            }
        ]
    }


def test_what_a_list_cannot_be_asked(stage: Stage) -> None:
    message = refused(
        stage.client(checks=False).list_endpoints, MaxResults=101, SortBy="Size", SortOrder="Up", StatusEquals="Asleep"
    )
    assert message.startswith("4 validation errors detected: ")
    for where in ("maxResults", "sortBy", "sortOrder", "statusEquals"):
        assert f"at '{where}'" in message
