"""Names of the query protocol that a service's newest model has no more, though the service speaks it still.

SQS's model has told of JSON alone since the end of 2023; clients from before then send forms, with the names that the service's
reference shows in its examples (`Attribute.1.Name`, `MessageAttribute.1.Value.DataType`).
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/.
"""

from typing import Any, Final

Model = dict[str, Any]

SQS_ITEMS: Final = {
    "AttributeNameList": "AttributeName",
    "BatchResultErrorEntryList": "BatchResultErrorEntry",
    "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
    "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
    "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
    "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
    "MessageAttributeNameList": "MessageAttributeName",
    "MessageList": "Message",
    "MessageSystemAttributeList": "MessageSystemAttributeName",
    "QueueUrlList": "QueueUrl",
    "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
    "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry",
    "TagKeyList": "TagKey",
}
"""How each item of a list is named, in the list's place."""
SQS_ENTRIES: Final = {
    "MessageBodyAttributeMap": ("MessageAttribute", "Name", "Value"),
    "MessageBodySystemAttributeMap": ("MessageSystemAttribute", "Name", "Value"),
    "MessageSystemAttributeMap": ("Attribute", "Name", "Value"),
    "QueueAttributeMap": ("Attribute", "Name", "Value"),
    "TagMap": ("Tag", "Key", "Value"),
}
"""How each entry of a map is named, in the map's place, and its two parts."""


def with_query(service: str, model: Model) -> Model:
    """Give a service's model with what it lacks of the query protocol."""
    if service != "sqs":
        return model
    shapes = dict(model["shapes"])
    for name, item in SQS_ITEMS.items():
        shapes[name] = {**shapes[name], "flattened": True, "member": {**shapes[name]["member"], "locationName": item}}
    for name, (entry, key, value) in SQS_ENTRIES.items():
        shape = shapes[name]
        parts = {"key": {**shape["key"], "locationName": key}, "value": {**shape["value"], "locationName": value}}
        shapes[name] = {**shape, **parts, "flattened": True, "entry": entry}
    operations = {
        name: {**operation, "urlMember": "QueueUrl"} if "QueueUrl" in _members(shapes, operation) else operation
        for name, operation in model["operations"].items()
    }
    metadata = {
        **model["metadata"],
        "protocols": [*model["metadata"]["protocols"], "query"],
        "xmlNamespace": "http://queue.amazonaws.com/doc/2012-11-05/",
    }
    return {**model, "metadata": metadata, "shapes": shapes, "operations": operations}


def _members(shapes: Model, operation: Model) -> Model:
    members: Model = shapes[operation["input"]["shape"]]["members"]
    return members
