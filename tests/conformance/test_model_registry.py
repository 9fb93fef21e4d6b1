"""The model registry, by boto3: groups, versions, approval, and models that are made of them (mission row S6)."""

import asyncio

import pytest

from stoker.domain.registry import PackageKey
from stoker.service.registry import Packages
from stoker.testing.desk import LocalDesk
from tests.conformance.sagemaker_stage import (
    MODEL_DATA,
    PARTITION,
    ROLE,
    Loose,
    Stage,
    arn,
    make_endpoint,
    plain,
    refused,
)

GROUP = arn("model-package-group", "g")
FIRST = arn("model-package", "g/1")
IMAGE = "stoker/python"


@pytest.fixture
def sagemaker(served: Stage) -> Loose:
    served.reset()
    return served.client()


def specification(**container: Loose) -> Loose:
    given = {"Image": IMAGE, "ModelDataUrl": MODEL_DATA, "Environment": {"A": "package", "B": "package"}, **container}
    return {
        "Containers": [{key: value for key, value in given.items() if value is not None}],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }


def register(client: Loose, group: str = "g", **members: Loose) -> str:
    """Make a version, and its group when it is not there."""
    if group not in [g["ModelPackageGroupName"] for g in client.list_model_package_groups()["ModelPackageGroupSummaryList"]]:
        client.create_model_package_group(ModelPackageGroupName=group, ModelPackageGroupDescription="chat models")
    given = {"ModelPackageGroupName": group, "InferenceSpecification": specification(), **members}
    made: str = client.create_model_package(**given)["ModelPackageArn"]
    return made


def make_of(client: Loose, package: str, name: str = "m", **container: Loose) -> Loose:
    containers = [{"ModelPackageName": package, **container}]
    return client.create_model(ModelName=name, Containers=containers, ExecutionRoleArn=ROLE)


def test_a_version_is_registered_approved_and_hosted(served: Stage, sagemaker: Loose) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html: only what is approved is deployed."""
    version = register(sagemaker)
    assert version == FIRST
    assert sagemaker.describe_model_package(ModelPackageName=version)["ModelApprovalStatus"] == "PendingManualApproval"
    said = f"Cannot create a model from the model package {FIRST}: its ModelApprovalStatus is {{}}, and must be Approved."
    assert refused(make_of, client=sagemaker, package=version) == said.format("PendingManualApproval")
    sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Rejected", ApprovalDescription="too slow")
    assert refused(make_of, client=sagemaker, package=version) == said.format("Rejected")
    sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Approved", ApprovalDescription="fast now")
    shown = sagemaker.describe_model_package(ModelPackageName=version)
    assert (shown["ModelApprovalStatus"], shown["ApprovalDescription"]) == ("Approved", "fast now")
    make_of(sagemaker, version, Environment={"A": "model"})
    assert sagemaker.describe_model(ModelName="m")["Containers"] == [{"ModelPackageName": FIRST, "Environment": {"A": "model"}}]
    make_endpoint(sagemaker, ModelName="m", ManagedInstanceScaling=None)
    (started,) = served.desk.started
    assert (started.image, started.model_data) == (IMAGE, MODEL_DATA)
    assert {k: v for k, v in started.environment.items() if k in "AB"} == {"A": "model", "B": "package"}
    sagemaker.delete_model_package(ModelPackageName=version)
    assert sagemaker.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService"


def test_versions_count_up_and_numbers_are_not_given_twice(sagemaker: Loose) -> None:
    arns = [register(sagemaker) for _ in range(3)]
    assert arns == [arn("model-package", f"g/{number}") for number in (1, 2, 3)]
    sagemaker.delete_model_package(ModelPackageName=arns[2])
    assert register(sagemaker) == arn("model-package", "g/4")


def test_a_call_that_came_twice_makes_one_version(sagemaker: Loose) -> None:
    """ClientToken: "A unique token that guarantees that the call to this API is idempotent." """
    assert [register(sagemaker, ClientToken="t") for _ in range(2)] == [FIRST, FIRST]
    with pytest.raises(sagemaker.exceptions.ConflictException, match="token t was used"):
        register(sagemaker, ClientToken="t", ModelPackageDescription="another")
    assert len(sagemaker.list_model_packages(ModelPackageGroupName="g")["ModelPackageSummaryList"]) == 1


def test_a_package_is_described_as_it_was_made_and_changed(sagemaker: Loose) -> None:
    card = {"ModelCardContent": '{"a": 1}', "ModelCardStatus": "Draft"}
    more = {"Name": "small", "Containers": [{"Image": IMAGE, "ModelDataUrl": "file:///models/small"}]}
    version = register(
        sagemaker,
        ModelPackageDescription="the first",
        CustomerMetadataProperties={"a": "1", "b": "2"},
        Domain="NATURAL_LANGUAGE_PROCESSING",
        Task="TEXT_GENERATION",
        ModelCard=card,
        ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/k"}}},
    )
    sagemaker.update_model_package(
        ModelPackageArn=version,
        CustomerMetadataProperties={"b": "3", "c": "4"},
        CustomerMetadataPropertiesToRemove=["a", "never"],
        AdditionalInferenceSpecificationsToAdd=[more],
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Approved"},
    )
    shown = plain(sagemaker.describe_model_package(ModelPackageName=version, IncludedData="AllData"))
    times = shown.pop("CreationTime"), shown.pop("LastModifiedTime")
    assert times[0] <= times[1]
    assert shown == {
        "ModelPackageName": "g",
        "ModelPackageGroupName": "g",
        "ModelPackageVersion": 1,
        "ModelPackageArn": version,
        "ModelPackageDescription": "the first",
        "InferenceSpecification": specification(),
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "ModelApprovalStatus": "PendingManualApproval",
        "CustomerMetadataProperties": {"b": "3", "c": "4"},
        "Domain": "NATURAL_LANGUAGE_PROCESSING",
        "Task": "TEXT_GENERATION",
        "ModelCard": card,
        "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/k"}}},
        "AdditionalInferenceSpecifications": [more],
        "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"},
    }
    hidden = sagemaker.describe_model_package(ModelPackageName=version, IncludedData="MetadataOnly")["ModelCard"]
    assert hidden == {**card, "ModelCardContent": "{}"}
    told = sagemaker.batch_describe_model_package(ModelPackageArnList=[version, arn("model-package", "g/9")])
    assert list(told["ModelPackageSummaries"]) == [version]
    assert told["ModelPackageSummaries"][version]["InferenceSpecification"] == specification()
    assert list(told["BatchDescribeModelPackageErrorMap"]) == [arn("model-package", "g/9")]


def test_a_model_is_made_of_another_specification(served: Stage, sagemaker: Loose) -> None:
    more = {"Name": "small", "Containers": [{"Image": IMAGE, "ModelDataUrl": "file:///models/small"}]}
    version = register(sagemaker, ModelApprovalStatus="Approved", AdditionalInferenceSpecifications=[more])
    make_of(sagemaker, version, InferenceSpecificationName="small")
    (model,) = served.desk.platform.fleet.models.values()
    assert model.container.model_data == "file:///models/small"
    message = refused(make_of, client=sagemaker, package=version, name="other", InferenceSpecificationName="huge")
    assert message == f"The model package {version} has no inference specification huge."


@pytest.mark.parametrize(
    ("members", "container", "words"),
    [
        ({"InferenceSpecification": specification(Image=None)}, {}, "Containers.1.Image is required"),
        ({"InferenceSpecification": specification(Image="nobody/knows")}, {}, "nobody/knows"),
        ({"InferenceSpecification": specification(ModelDataUrl="s3://b/k")}, {}, "s3"),
        ({"InferenceSpecification": {"Containers": [{"Image": IMAGE}] * 2}}, {}, "does not serve this yet"),
        ({}, {"Image": IMAGE}, "not both"),
    ],
)
def test_what_cannot_run_here_is_told_when_a_model_is_made(
    sagemaker: Loose, members: Loose, container: Loose, words: str
) -> None:
    version = register(sagemaker, ModelApprovalStatus="Approved", **members)
    assert words in refused(make_of, client=sagemaker, package=version, **container)
    assert sagemaker.list_models()["Models"] == []


def test_packages_without_versions_have_names_and_need_no_approval(served: Stage, sagemaker: Loose) -> None:
    given = {"ModelPackageName": "alone", "InferenceSpecification": specification(), "Tags": [{"Key": "a", "Value": "1"}]}
    made = sagemaker.create_model_package(**given)["ModelPackageArn"]
    assert made == arn("model-package", "alone")
    assert refused(sagemaker.create_model_package, **given) == f"Model Package already exists: {made}"
    shown = sagemaker.describe_model_package(ModelPackageName="alone")
    assert (shown["ModelPackageName"], "ModelApprovalStatus" in shown, "ModelPackageVersion" in shown) == ("alone", False, False)
    make_of(sagemaker, "alone")
    assert "m" in served.desk.platform.fleet.models
    words = refused(sagemaker.update_model_package, ModelPackageArn=made, ModelApprovalStatus="Approved")
    assert words == "ModelApprovalStatus does not apply to a model package without versions."
    assert sagemaker.list_tags(ResourceArn=made)["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_source_is_copied(sagemaker: Loose) -> None:
    """SourceUri: "If you want to clone a model package, set it to the model package Amazon Resource Name (ARN)." """
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": IMAGE, "ModelDataUrl": MODEL_DATA}, ExecutionRoleArn=ROLE)
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    for source in (arn("model", "m"), arn("model-package", "g/1")):
        made = sagemaker.create_model_package(ModelPackageGroupName="g", SourceUri=source)["ModelPackageArn"]
        shown = sagemaker.describe_model_package(ModelPackageName=made)
        assert shown["SourceUri"] == source
        assert shown["InferenceSpecification"] == {"Containers": [{"Image": IMAGE, "ModelDataUrl": MODEL_DATA}]}


def test_lists_are_oldest_first_in_pages_and_by_kind(sagemaker: Loose) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListModelPackages.html: the default order is Ascending."""
    for number in range(12):
        register(sagemaker, ModelApprovalStatus="Approved" if number % 2 else "Rejected")
    register(sagemaker, "chat-2")
    sagemaker.create_model_package(ModelPackageName="alone", InferenceSpecification=specification())

    def found(**given: Loose) -> list[str]:
        pages = sagemaker.get_paginator("list_model_packages").paginate(**given)
        return [p["ModelPackageArn"].rpartition("model-package/")[2] for page in pages for p in page["ModelPackageSummaryList"]]

    versions = [f"g/{number}" for number in range(1, 13)]
    assert found(ModelPackageGroupName="g", SortBy="Name", PaginationConfig={"PageSize": 5}) == versions
    assert found(ModelPackageGroupName="g", SortBy="Name", SortOrder="Descending", MaxResults=100) == versions[::-1]
    assert found(ModelPackageGroupName=GROUP, ModelApprovalStatus="Approved", SortBy="Name") == versions[1::2]
    assert found() == ["alone"]
    assert found(ModelPackageType="Both", NameContains="2") == ["chat-2/1"]
    assert len(found(ModelPackageType="Versioned")) == 13
    reply = sagemaker.list_model_packages(ModelPackageGroupName="g")
    assert (len(reply["ModelPackageSummaryList"]), "NextToken" in reply) == (10, True)
    assert "NextToken" in refused(sagemaker.list_model_packages, NextToken=reply["NextToken"])
    groups = sagemaker.list_model_package_groups(NameContains="chat")["ModelPackageGroupSummaryList"]
    assert [g["ModelPackageGroupName"] for g in groups] == ["chat-2"]
    assert sagemaker.list_model_package_groups(CrossAccountFilterOption="CrossAccount")["ModelPackageGroupSummaryList"] == []


def test_groups_are_described_and_deleted_when_empty(sagemaker: Loose) -> None:
    register(sagemaker)
    shown = plain(sagemaker.describe_model_package_group(ModelPackageGroupName=GROUP))
    shown.pop("CreationTime")
    assert shown == {
        "ModelPackageGroupName": "g",
        "ModelPackageGroupArn": GROUP,
        "ModelPackageGroupDescription": "chat models",
        "CreatedBy": {},
        "ModelPackageGroupStatus": "Completed",
    }
    told = refused(sagemaker.create_model_package_group, ModelPackageGroupName="g")
    assert told == f"Model Package Group already exists: {GROUP}"
    with pytest.raises(sagemaker.exceptions.ConflictException, match="model packages are in it"):
        sagemaker.delete_model_package_group(ModelPackageGroupName="g")
    sagemaker.delete_model_package(ModelPackageName=FIRST)
    sagemaker.delete_model_package_group(ModelPackageGroupName="g")
    gone = f"ModelPackageGroup {GROUP} does not exist."
    assert refused(sagemaker.describe_model_package_group, ModelPackageGroupName="g") == gone
    assert refused(sagemaker.list_model_packages, ModelPackageGroupName="g") == gone
    told = refused(sagemaker.create_model_package, ModelPackageGroupName="g", InferenceSpecification=specification())
    assert told == gone
    assert refused(sagemaker.describe_model_package, ModelPackageName=FIRST) == f"ModelPackage {FIRST} does not exist."


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "Specify exactly one of ModelPackageName and ModelPackageGroupName."),
        ({"ModelPackageName": "a", "ModelPackageGroupName": "g"}, "Specify exactly one of"),
        ({"ModelPackageName": "a"}, "InferenceSpecification is required"),
        ({"ModelPackageName": "a", "ModelApprovalStatus": "Approved"}, "ModelApprovalStatus does not apply"),
        ({"ModelPackageGroupName": "g", "Tags": [{"Key": "a", "Value": "1"}]}, "the tags of its model package group"),
        ({"ModelPackageGroupName": "g", "CertifyForMarketplace": True}, "Stoker does not serve this yet: CertifyForMarketplace"),
        ({"ModelPackageGroupName": "g", "ModelPackageDescription": "a\nb"}, "modelPackageDescription"),
        ({"ModelPackageGroupName": "g", "ModelPackageDescription": "x" * 1025}, "less than or equal to 1024"),
    ],
)
def test_what_does_not_go_together_is_refused(sagemaker: Loose, members: Loose, words: str) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    assert words in refused(sagemaker.create_model_package, **members)
    assert sagemaker.list_model_packages(ModelPackageType="Both")["ModelPackageSummaryList"] == []


def test_a_version_has_the_tags_of_its_group(sagemaker: Loose) -> None:
    register(sagemaker)
    tags = [{"Key": "team", "Value": "a"}]
    assert sagemaker.add_tags(ResourceArn=GROUP, Tags=tags)["Tags"] == tags
    assert sagemaker.list_tags(ResourceArn=FIRST)["Tags"] == tags
    assert "change the group's" in refused(sagemaker.add_tags, ResourceArn=FIRST, Tags=[{"Key": "b", "Value": "1"}])
    sagemaker.delete_tags(ResourceArn=GROUP, TagKeys=["team"])
    assert sagemaker.list_tags(ResourceArn=FIRST)["Tags"] == []


def test_the_registry_is_on_disk(served: Stage, sagemaker: Loose) -> None:
    register(sagemaker)
    register(sagemaker)
    sagemaker.delete_model_package(ModelPackageName=arn("model-package", "g/2"))

    async def again() -> Packages:
        desk = LocalDesk(partition=PARTITION, store=served.desk.store)
        await desk.restore()
        return Packages(desk)

    packages = asyncio.run(again())
    assert [p.key for p in packages.versions("g")] == [PackageKey("g/1")]
    assert packages.group("g").newest == 2
