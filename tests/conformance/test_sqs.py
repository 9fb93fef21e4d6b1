"""Queues by boto3, which holds the digests of what it gets against what it was told; and what schedules put into them."""

import hashlib
import struct
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stoker.testing.desk import LocalDesk
from stoker.units import DAY, MINUTE, SECOND
from tests.conformance.sagemaker_stage import PARTITION, Loose, Stage

ARN = "arn:aws:sqs:us-east-1:123456789012:q"


@pytest.fixture
def sqs(stage: Stage) -> Loose:
    return stage.client("sqs")


@pytest.fixture
def url(sqs: Loose) -> str:
    made: str = sqs.create_queue(QueueName="q")["QueueUrl"]
    return made


def fault(call: Loose, **arguments: Loose) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error: Any = caught.value.response["Error"]
    return error["Code"], error["Message"]


def bodies(sqs: Loose, url: str, **options: Loose) -> list[str]:
    return [each["Body"] for each in sqs.receive_message(QueueUrl=url, **options).get("Messages", [])]


def test_a_queue_is_made_once_and_found(stage: Stage, sqs: Loose, url: str) -> None:
    assert url == f"{stage.address}/123456789012/q"
    assert sqs.get_queue_url(QueueName="q")["QueueUrl"] == url
    assert sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "30"})["QueueUrl"] == url
    sqs.create_queue(QueueName="other")
    assert sqs.list_queues()["QueueUrls"] == [url.replace("/q", "/other"), url]
    assert sqs.list_queues(QueueNamePrefix="q")["QueueUrls"] == [url]
    first = sqs.list_queues(MaxResults=1)
    assert sqs.list_queues(MaxResults=1, NextToken=first["NextToken"])["QueueUrls"] == [url]
    sqs.delete_queue(QueueUrl=url)
    assert sqs.list_queues()["QueueUrls"] == [url.replace("/q", "/other")]


def test_a_message_is_given_again_until_it_is_deleted(stage: Stage, sqs: Loose, url: str) -> None:
    attributes = {"n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary", "BinaryValue": b"\0\1"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="hällo", MessageAttributes=attributes)
    assert sent["MD5OfMessageBody"] == hashlib.md5("hällo".encode(), usedforsecurity=False).hexdigest()
    parts = b"".join(
        struct.pack(">I", len(name)) + name + struct.pack(">I", len(kind)) + kind + sort + struct.pack(">I", len(value)) + value
        for name, kind, sort, value in ((b"b", b"Binary", b"\2", b"\0\1"), (b"n", b"Number", b"\1", b"1"))
    )
    assert sent["MD5OfMessageAttributes"] == hashlib.md5(parts, usedforsecurity=False).hexdigest()
    asked = {"QueueUrl": url, "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]}
    (first,) = sqs.receive_message(**asked)["Messages"]
    assert (first["Body"], first["MessageAttributes"], first["MessageId"]) == ("hällo", attributes, sent["MessageId"])
    assert first["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert first["Attributes"]["ApproximateReceiveCount"] == "1"
    assert bodies(sqs, url) == [], "somebody has it"
    stage.run(stage.desk.advance(31 * SECOND))
    (again,) = sqs.receive_message(**asked)["Messages"]
    assert (again["MessageId"], again["Attributes"]["ApproximateReceiveCount"]) == (first["MessageId"], "2")
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)
    (third,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"])
    stage.run(stage.desk.advance(MINUTE))
    assert bodies(sqs, url) == []


def test_attributes_say_when_messages_come_and_go(stage: Stage, sqs: Loose, url: str) -> None:
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "5", "MessageRetentionPeriod": "60"})
    sqs.send_message(QueueUrl=url, MessageBody="late")
    sqs.send_message(QueueUrl=url, MessageBody="now", DelaySeconds=0)
    assert bodies(sqs, url, MaxNumberOfMessages=10) == ["now"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (told["QueueArn"], told["DelaySeconds"], told["VisibilityTimeout"]) == (ARN, "5", "30")
    counts = [told[f"ApproximateNumberOfMessages{kind}"] for kind in ("", "NotVisible", "Delayed")]
    assert counts == ["0", "1", "1"]
    stage.run(stage.desk.advance(6 * SECOND))
    assert bodies(sqs, url) == ["late"]
    stage.run(stage.desk.advance(2 * MINUTE))
    assert bodies(sqs, url, MaxNumberOfMessages=10) == [], "they are older than the queue keeps them"
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"] == {"DelaySeconds": "5"}


def test_batches_tell_of_each_entry(sqs: Loose, url: str) -> None:
    entries = [{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2", "DelaySeconds": 901}]
    sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [each["Id"] for each in sent["Successful"]] == ["a"]
    assert [(each["Id"], each["Code"], each["SenderFault"]) for each in sent["Failed"]] == [("b", "InvalidParameterValue", True)]
    (got,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    gone = [{"Id": "x", "ReceiptHandle": got["ReceiptHandle"]}, {"Id": "y", "ReceiptHandle": "none"}]
    told = sqs.delete_message_batch(QueueUrl=url, Entries=gone)
    assert [each["Id"] for each in told["Successful"]] == ["x"]
    assert [(each["Id"], each["Code"]) for each in told["Failed"]] == [("y", "ReceiptHandleIsInvalid")]
    assert fault(sqs.send_message_batch, QueueUrl=url, Entries=[entries[0]] * 2)[0].endswith("BatchEntryIdsNotDistinct")
    many = [{"Id": str(number), "MessageBody": "m"} for number in range(11)]
    assert fault(sqs.send_message_batch, QueueUrl=url, Entries=many)[0].endswith("TooManyEntriesInBatchRequest")


def test_who_waits_gets_what_comes(sqs: Loose, url: str) -> None:
    timer = threading.Timer(0.05, sqs.send_message, kwargs={"QueueUrl": url, "MessageBody": "here"})
    timer.start()
    assert bodies(sqs, url, WaitTimeSeconds=10) == ["here"]
    timer.join()


def test_queues_tags_and_purging(sqs: Loose, url: str) -> None:
    sqs.tag_queue(QueueUrl=url, Tags={"a": "1", "b": "2"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2"}
    sqs.send_message(QueueUrl=url, MessageBody="m")
    sqs.purge_queue(QueueUrl=url)
    assert bodies(sqs, url) == []


def test_what_is_wrong_is_said_as_sqs_says_it(sqs: Loose, url: str) -> None:
    gone = url.replace("/q", "/nobody")
    assert fault(sqs.send_message, QueueUrl=gone, MessageBody="m") == (
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
    )
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="nobody")
    assert fault(sqs.create_queue, QueueName="q", Attributes={"DelaySeconds": "1"})[0] == "QueueAlreadyExists"
    assert fault(sqs.create_queue, QueueName="x", Attributes={"DelaySeconds": "901"})[0] == "InvalidAttributeValue"
    assert fault(sqs.create_queue, QueueName="x", Attributes={"QueueArn": "x"})[0] == "InvalidAttributeName"
    assert "does not serve" in fault(sqs.create_queue, QueueName="x.fifo", Attributes={"FifoQueue": "true"})[1]
    assert fault(sqs.delete_message, QueueUrl=url, ReceiptHandle="none")[0] == "ReceiptHandleIsInvalid"
    assert fault(sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)[0] == "InvalidParameterValue"
    assert fault(sqs.send_message, QueueUrl=url, MessageBody="m" * (1 << 20) + "m")[0] == "InvalidParameterValue"


def schedule(stage: Stage, arn: str, *, retries: int = 0) -> None:
    stage.client("scheduler").create_schedule(
        Name="s",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": arn,
            "RoleArn": "arn:aws:iam::123456789012:role/r",
            "Input": '{"EndpointName": "nobody"}',
            "DeadLetterConfig": {"Arn": ARN},
            "RetryPolicy": {"MaximumRetryAttempts": retries},
        },
    )
    stage.run(stage.desk.advance(30 * SECOND))


def test_a_schedule_sends_its_input_to_a_queue(stage: Stage, sqs: Loose, url: str) -> None:
    schedule(stage, ARN)
    assert bodies(sqs, url) == ['{"EndpointName": "nobody"}']
    other = fault(
        stage.client("scheduler").create_schedule,
        Name="t",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": ARN.replace("us-east-1", "eu-west-1"), "RoleArn": "arn:aws:iam::123456789012:role/r"},
    )
    assert "queues of its own region and account" in other[1]


def test_what_a_schedule_cannot_deliver_comes_to_its_dead_letter_queue(stage: Stage, sqs: Loose, url: str) -> None:
    schedule(stage, "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint")
    (letter,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert letter["Body"] == '{"EndpointName": "nobody"}'
    told = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    assert (told["ERROR_CODE"], told["EXHAUSTED_RETRY_CONDITION"], told["RETRY_ATTEMPTS"]) == (
        "ValidationException",
        "MaximumRetryAttempts",
        "0",
    )
    assert told["TARGET_ARN"].endswith("deleteEndpoint")


def test_queues_and_messages_are_on_disk(stage: Stage, sqs: Loose, url: str) -> None:
    for body in ("1", "2", "3"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    (first,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])

    async def again() -> list[str]:
        desk = LocalDesk(partition=PARTITION, store=stage.desk.store)
        await desk.restore()
        queues = desk.platform.calls.queues
        (queue,) = queues.queues.values()
        assert (queue.arn, queue.retention) == (ARN, 4 * DAY)
        return [each.body for each in queues.messages(queue.name).values()]

    assert stage.run(again()) == ["2", "3"]
