"""The requests that are sent, written down beforehand: as plain HTTP clients send them, and as boto3 does."""

import uuid

from _gateway_alone import KEY, RING, SECRET
from _proxies import Target

from stoker.wire.tokens import token_of

BODY_BYTES = 200
VARIATIONS = 1024
"""Different requests that are sent in turn: more than any cache that is meant for one client's repetitions."""
INVOKE = "/endpoints/chat/invocations"
STREAM = "/endpoints/chat/invocations-response-stream"
COMPONENT = "X-Amzn-SageMaker-Inference-Component"
PLAIN = "User-Agent: python-requests/2.32.5\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n"
BOTO3 = (
    "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.18 md/arch#x86_64 lang/python#3.11.7 md/pyimpl#CPython m/E,b,e,Z,N "
    "cfg/retry-mode#standard Botocore/1.44.5"
)


def body(number: int) -> bytes:
    """Give one of the request bodies."""
    text = b'{"inputs": "%05d ' % number
    return text + b"a" * (BODY_BYTES - len(text) - 2) + b'"}'


def requests_for(target: Target, *, component: str = "llama", path: str = INVOKE, count: int = VARIATIONS) -> list[bytes]:
    """Give the requests for a target, whole. What is signed is good for five minutes from now.

    A plain client's heads are all the same, and only the bodies differ. boto3 gives each call an id: all its heads differ.
    """
    match target.speaks:
        case "signed" | "boto3":
            return [_boto3(target, number, component, path) for number in range(count)]
        case "openai" | "bearer":
            return [_chat(target, number) for number in range(count)]
        case "stoker":
            return [_plain(target, number, component, path) for number in range(count)]
        case _:
            return [_plain(target, number, component, "/invocations") for number in range(count)]


def _head(target: Target, path: str, lines: str) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\n{lines}\r\n".encode()


def _plain(target: Target, number: int, component: str, path: str) -> bytes:
    lines = f"{PLAIN}{COMPONENT}: {component}\r\nContent-Type: application/json\r\nContent-Length: {BODY_BYTES}\r\n"
    return _head(target, path, lines) + body(number)


def _chat(target: Target, number: int) -> bytes:
    text = b'{"model": "llama", "messages": [{"role": "user", "content": "%05d ' % number
    content = text + b"a" * (BODY_BYTES - len(text) - 4) + b'"}]}'
    key = token_of(RING.keys[0]) if target.speaks == "bearer" else target.key
    more = f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return _head(target, "/v1/chat/completions", PLAIN + more) + content


def _boto3(target: Target, number: int, component: str, path: str) -> bytes:
    from botocore.auth import SigV4Auth  # noqa: PLC0415 - half a second, and not always wanted
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    content = body(number)
    headers = {COMPONENT: component, "Content-Type": "application/json", "User-Agent": BOTO3}
    call = AWSRequest("POST", f"http://127.0.0.1:{target.port}{path}", headers=headers, data=content)
    if target.speaks == "signed":
        SigV4Auth(Credentials(KEY, SECRET), "sagemaker", "us-east-1").add_auth(call)
    lines = "".join(f"{name}: {value}\r\n" for name, value in call.headers.items())
    more = f"amz-sdk-invocation-id: {uuid.uuid4()}\r\namz-sdk-request: attempt=1; max=3\r\nContent-Length: {len(content)}\r\n"
    return _head(target, path, "Accept-Encoding: identity\r\n" + lines + more) + content
