"""Tags of SageMaker's resources, with real boto3."""

import pytest

from stoker.domain.ids import ComponentName, EndpointName, component_workload
from stoker.domain.states import AtZero
from tests.conformance.sagemaker_stage import (
    ROLE,
    Loose,
    Stage,
    arn,
    component,
    make_endpoint,
    make_model,
    refused,
)


@pytest.fixture
def sagemaker(served: Stage) -> Loose:
    served.reset()
    return served.client()


def tags(**members: str) -> Loose:
    return [{"Key": key, "Value": value} for key, value in members.items()]


ARNS = {
    "model": arn("model", "m"),
    "config": arn("endpoint-config", "e-config"),
    "endpoint": arn("endpoint", "e"),
    "component": arn("inference-component", "c"),
}


def make_all(client: Loose, *given: Loose) -> None:
    make_model(client, "m")
    make_endpoint(client, "e")
    client.create_inference_component(**component(Tags=list(given)))


@pytest.mark.parametrize("kind", ARNS)
def test_tags_are_added_listed_and_deleted(sagemaker: Loose, kind: str) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html."""
    make_all(sagemaker)
    here = ARNS[kind]
    assert sagemaker.list_tags(ResourceArn=here)["Tags"] == []
    assert sagemaker.add_tags(ResourceArn=here, Tags=tags(a="1", b="2"))["Tags"] == tags(a="1", b="2")
    assert sagemaker.add_tags(ResourceArn=here, Tags=tags(b="3"))["Tags"] == tags(a="1", b="3")
    sagemaker.delete_tags(ResourceArn=here, TagKeys=["a", "never"])
    reply = sagemaker.list_tags(ResourceArn=here, MaxResults=50)
    assert (reply["Tags"], "NextToken" in reply) == (tags(b="3"), False)
    assert list(sagemaker.get_paginator("list_tags").paginate(ResourceArn=here).search("Tags[].Key")) == ["b"]


def test_what_was_made_with_tags_has_them(sagemaker: Loose) -> None:
    make_all(sagemaker, *tags(who="me"))
    sagemaker.create_model(ModelName="t", PrimaryContainer={"Image": "stoker/python"}, ExecutionRoleArn=ROLE, Tags=tags(x="y"))
    assert sagemaker.list_tags(ResourceArn=ARNS["component"])["Tags"] == tags(who="me")
    assert sagemaker.list_tags(ResourceArn=arn("model", "t"))["Tags"] == tags(x="y")


def test_they_outlive_a_restart(served: Stage, sagemaker: Loose) -> None:
    make_all(sagemaker)
    for here in ARNS.values():
        sagemaker.add_tags(ResourceArn=here, Tags=tags(kept="yes"))
    store = served.desk.store
    served.reset(store=store)
    served.run(served.desk.restore())
    for here in ARNS.values():
        assert sagemaker.list_tags(ResourceArn=here)["Tags"] == tags(kept="yes")


def test_tags_that_mean_something_do_so_at_once(served: Stage, sagemaker: Loose) -> None:
    make_all(sagemaker)
    fleet = served.desk.platform.fleet
    sagemaker.add_tags(ResourceArn=ARNS["endpoint"], Tags=[*tags(x="1"), {"Key": "stoker:at-zero", "Value": "refuse"}])
    assert fleet.endpoints[EndpointName("e")].at_zero is AtZero.REFUSE
    sagemaker.add_tags(ResourceArn=ARNS["component"], Tags=[{"Key": "stoker:at-zero", "Value": "hold"}])
    assert fleet.components[ComponentName("c")].at_zero is AtZero.HOLD
    sagemaker.delete_tags(ResourceArn=ARNS["component"], TagKeys=["stoker:at-zero"])
    assert fleet.components[ComponentName("c")].at_zero is None
    message = refused(sagemaker.add_tags, ResourceArn=ARNS["component"], Tags=[{"Key": "stoker:at-zero", "Value": "perhaps"}])
    assert message == "The tag stoker:at-zero must be 'hold' or 'refuse', not 'perhaps'."
    message = refused(sagemaker.add_tags, ResourceArn=ARNS["endpoint"], Tags=[{"Key": "stoker:policy", "Value": "nonsense"}])
    assert "nonsense" in message
    assert sagemaker.list_tags(ResourceArn=ARNS["component"])["Tags"] == []


@pytest.mark.parametrize(
    ("here", "text"),
    [
        (arn("endpoint", "none"), f'Could not find endpoint "{arn("endpoint", "none")}".'),
        (arn("model", "none"), f'Could not find model "{arn("model", "none")}".'),
        (arn("inference-component", "none"), 'Could not find inference component "none".'),
        (arn("notebook-instance", "n"), "There are no tags of a notebook-instance here."),
        (arn("endpoint", "e").replace("us-east-1", "eu-west-1"), "is not one of this account and region."),
        ("arn:aws:sagemaker:us-east-1:123456789012:endpoint/e/variant/v", "is not one of this account and region."),
    ],
)
def test_resources_that_are_not_there(sagemaker: Loose, here: str, text: str) -> None:
    make_endpoint(sagemaker, "e")
    for call, more in (
        (sagemaker.list_tags, {}),
        (sagemaker.add_tags, {"Tags": tags(a="1")}),
        (sagemaker.delete_tags, {"TagKeys": ["a"]}),
    ):
        assert refused(call, ResourceArn=here, **more).endswith(text)


def test_a_policy_may_come_as_a_tag(served: Stage, sagemaker: Loose) -> None:
    make_all(sagemaker)
    platform = served.desk.platform
    workload = component_workload(ComponentName("c"))
    assert not platform.wakeable(workload)
    for here in (ARNS["endpoint"], ARNS["component"]):
        sagemaker.add_tags(ResourceArn=here, Tags=[{"Key": "stoker:policy", "Value": "split"}])
        assert platform.wakeable(workload)
        sagemaker.delete_tags(ResourceArn=here, TagKeys=["stoker:policy"])
        assert not platform.wakeable(workload)


def test_limits(served: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker, "e")
    here = ARNS["endpoint"]
    sagemaker.add_tags(ResourceArn=here, Tags=tags(**{f"k{number}": "" for number in range(50)}))
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded, match="at most 50 tags"):
        sagemaker.add_tags(ResourceArn=here, Tags=tags(more="1"))
    assert len(sagemaker.list_tags(ResourceArn=here)["Tags"]) == 50
    assert "more than once" in refused(sagemaker.add_tags, ResourceArn=here, Tags=tags(a="1") + tags(a="2"))
    assert "NextToken is not valid here" in refused(sagemaker.list_tags, ResourceArn=here, NextToken="t")
    loose = served.client(checks=False)
    assert "at 'tagKeys' failed to satisfy constraint" in refused(loose.delete_tags, ResourceArn=here, TagKeys=[])
    assert "at 'maxResults' failed to satisfy constraint" in refused(loose.list_tags, ResourceArn=here, MaxResults=10)
