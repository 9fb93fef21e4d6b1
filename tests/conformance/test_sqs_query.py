"""SQS by clients from before the end of 2023: forms, as the service's reference shows them in its examples, and XML."""

from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request
from urllib.request import urlopen as send
from xml.etree import ElementTree as ET

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conformance.sagemaker_stage import KEY, SECRET, Stage

SPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Sender:
    """Sends signed forms to a URL of the server, and reads what comes back."""

    def __init__(self, stage: Stage) -> None:
        self.address = stage.address

    def __call__(self, action: str, path: str = "/", **fields: str) -> ET.Element:
        form = {"Action": action, "Version": "2012-11-05"} | {name.replace("__", "."): value for name, value in fields.items()}
        body = urlencode(form).encode()
        request = AWSRequest("POST", f"{self.address}{path}", headers=FORM, data=body)
        SigV4Auth(Credentials(KEY, SECRET), "sqs", "us-east-1").add_auth(request)
        try:
            with send(Request(request.url, body, dict(request.headers)), timeout=20) as reply:  # noqa: S310 - our own server
                return ET.fromstring(reply.read())  # noqa: S314 - of our own server
        except HTTPError as error:
            with error:
                return ET.fromstring(error.read())  # noqa: S314 - of our own server


@pytest.fixture
def ask(stage: Stage) -> Sender:
    return Sender(stage)


@pytest.fixture
def path(ask: Sender) -> str:
    made = ask("CreateQueue", QueueName="q", Attribute__1__Name="VisibilityTimeout", Attribute__1__Value="40")
    assert made.tag == f"{SPACE}CreateQueueResponse"
    url = texts(made, "CreateQueueResult/QueueUrl")
    assert url == [f"{ask.address}/123456789012/q"]
    return "/123456789012/q"


def texts(reply: ET.Element, place: str) -> list[str]:
    return [each.text or "" for each in reply.findall("/".join(f"{SPACE}{part}" for part in place.split("/")))]


def test_a_queue_is_told_of_in_elements_without_a_list_around_them(ask: Sender, path: str) -> None:
    ask("CreateQueue", QueueName="other")
    assert texts(ask("ListQueues"), "ListQueuesResult/QueueUrl") == [f"{ask.address}/123456789012/{n}" for n in ("other", "q")]
    got = ask("GetQueueAttributes", path, AttributeName__1="VisibilityTimeout", AttributeName__2="DelaySeconds")
    names, values = (texts(got, f"GetQueueAttributesResult/Attribute/{part}") for part in ("Name", "Value"))
    assert dict(zip(names, values, strict=True)) == {"VisibilityTimeout": "40", "DelaySeconds": "0"}


def test_a_message_goes_through_and_keeps_its_attributes(ask: Sender, path: str) -> None:
    sent = ask(
        "SendMessage",
        path,
        MessageBody="<hällo>",
        MessageAttribute__1__Name="n",
        MessageAttribute__1__Value__DataType="Number",
        MessageAttribute__1__Value__StringValue="7",
    )
    assert len(texts(sent, "SendMessageResult/MD5OfMessageAttributes")) == 1
    got = ask("ReceiveMessage", path, MessageAttributeName__1="All", AttributeName__1="All", MaxNumberOfMessages="10")
    message = "ReceiveMessageResult/Message"
    assert texts(got, f"{message}/Body") == ["<hällo>"]
    assert texts(got, f"{message}/MessageId") == texts(sent, "SendMessageResult/MessageId")
    assert texts(got, f"{message}/MessageAttribute/Name") == ["n"]
    assert texts(got, f"{message}/MessageAttribute/Value/StringValue") == ["7"]
    assert "ApproximateReceiveCount" in texts(got, f"{message}/Attribute/Name")
    (receipt,) = texts(got, f"{message}/ReceiptHandle")
    assert ask("DeleteMessage", path, ReceiptHandle=receipt).tag == f"{SPACE}DeleteMessageResponse"
    depth = ask("GetQueueAttributes", path, AttributeName__1="ApproximateNumberOfMessagesNotVisible")
    assert texts(depth, "GetQueueAttributesResult/Attribute/Value") == ["0"]


def test_a_batch_tells_what_went_and_what_did_not(ask: Sender, path: str) -> None:
    entry = "SendMessageBatchRequestEntry__{}__{}".format
    fields = {entry(1, "Id"): "a", entry(1, "MessageBody"): "one", entry(2, "Id"): "b", entry(2, "MessageBody"): "two"}
    sent = ask("SendMessageBatch", path, **fields, **{entry(2, "DelaySeconds"): "901"})
    assert texts(sent, "SendMessageBatchResult/SendMessageBatchResultEntry/Id") == ["a"]
    assert texts(sent, "SendMessageBatchResult/BatchResultErrorEntry/Id") == ["b"]


def test_tags_and_errors(ask: Sender, path: str) -> None:
    ask("TagQueue", path, Tag__1__Key="team", Tag__1__Value="ml", Tag__2__Key="x", Tag__2__Value="")
    ask("UntagQueue", QueueUrl=f"{ask.address}{path}", TagKey__1="x")
    assert texts(ask("ListQueueTags", path), "ListQueueTagsResult/Tag/Key") == ["team"]
    wrong = ask("SendMessage", "/123456789012/none", MessageBody="b")
    assert texts(wrong, "Error/Code") == ["AWS.SimpleQueueService.NonExistentQueue"]
    assert texts(wrong, "Error/Type") == ["Sender"]
    (said,) = texts(ask("SendMessage", path), "Error/Message")
    assert "messageBody" in said
