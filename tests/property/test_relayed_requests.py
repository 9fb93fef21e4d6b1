"""Whatever comes on the paths that are relayed has an answer, and no model gets what is not for it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from stoker.domain.ids import ComponentName, EndpointName, Partition, VariantName, WorkloadId
from stoker.gateway.face import Invocation, Reply, Subject
from stoker.gateway.head import Head
from stoker.gateway.names import Names
from stoker.gateway.reasons import Refusal
from stoker.gateway.routes import Routes
from stoker.link.messages import ComponentRoute, EndpointRoute, HubRoute, RoutingTable, VariantRoute, WorkloadRoute
from stoker.wire.aws.invocations import AwsRuntimeFace
from stoker.wire.faces import relaying_faces

MAIN = VariantName("main")
AWS = AwsRuntimeFace(Partition())
FACES = [AWS, *relaying_faces(AWS, home="home")]


def _table() -> RoutingTable:
    endpoints, workloads = [], []
    for name, hub in (
        ("chat", None),
        ("own", HubRoute()),
        ("ann--x", HubRoute(open=True, preset="hf-2023")),
        ("off", HubRoute(paused=True)),
    ):
        workload = WorkloadId(f"ic/{name}")
        component = ComponentRoute(
            name=ComponentName(name), variant=MAIN, workload=workload, aliases=(f"a/{name}", "all"), served="s"
        )
        endpoints.append(
            EndpointRoute(name=EndpointName(name), variants=(VariantRoute(name=MAIN),), components=(component,), hub=hub)
        )
        workloads.append(WorkloadRoute(workload=workload, wakeable=True))
    return RoutingTable(version=1, endpoints=tuple(endpoints), workloads=tuple(workloads))


ROUTES = Routes(lambda _: None)
ROUTES.replace(_table())
for face in FACES:
    face.know(Names(ROUTES))

words = st.sampled_from(
    [
        "ep",
        "v1",
        "v2",
        "home",
        "ann",
        "x",
        "own",
        "chat",
        "off",
        "models",
        "chat%2Fcompletions",
        "completions",
        "endpoints",
        "openai",
        "inference-components",
        "health",
        "metrics",
        "..",
        "%00",
        "%ff",
        "a%2Fown",
        "all",
        "invocations",
        "tgi",
    ]
)
beginnings = st.sampled_from(
    (
        "",
        "/v1",
        "/v1/",
        "/v1/models",
        "/ep/home/own",
        "/ep/home/chat",
        "/ep/home/off",
        "/ep/home/gone",
        "/ep/ann/x/v1",
        "/ep//own",
        "/endpoints/chat/openai/v1",
        "/endpoints/own/inference-components/own/openai/v1",
    )
)
paths = st.tuples(beginnings, st.lists(words, max_size=4)).map(lambda parts: "/".join((parts[0], *parts[1])) or "/")
bodies = st.one_of(
    st.binary(max_size=60),
    st.fixed_dictionaries(
        {"model": st.sampled_from(["chat", "own", "a/own", "all", "gone", "tgi", "", None, 1])},
        optional={"stream": st.sampled_from([True, False, None, "x"]), "x": st.integers()},
    ).map(lambda value: json.dumps(value).encode()),
)
values = {
    "authorization": st.just("Bearer token"),
    "content-type": st.sampled_from(["application/json", "image/png", "multipart/form-data; boundary=b"]),
    "x-scale-up-timeout": st.sampled_from(["0", "5", "x", "-1"]),
    "x-stainless-read-timeout": st.sampled_from(["600", "0.1", "NaN"]),
    "x-stoker-at-zero": st.sampled_from(["hold", "refuse", "?"]),
    "x-stoker-adapter": st.just("file:///etc"),
    "upgrade": st.just("websocket"),
    "connection": st.sampled_from(["upgrade", "x-mine"]),
    "x-mine": st.just("1"),
    "idempotency-key": st.text(alphabet="k", max_size=300),
}
heads = st.fixed_dictionaries({}, optional=values)
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])


@given(methods, paths, st.sampled_from(["", "?a=1&b=%20"]), heads, bodies)
def test_every_request_is_understood_refused_or_answered(
    method: str, path: str, query: str, told: dict[str, str], body: bytes
) -> None:
    lines = [(name.encode(), value.encode()) for name, value in told.items()]
    head = Head(method=method, target=(path + query).encode(), version="1.1", headers=lines, keep_alive=True)
    claiming = [face for face in FACES if face.claims(head)]
    assert len(claiming) <= 1, "a request is one face's"
    for face in claiming:
        read = face.invocation(head, body)
        if isinstance(read, Refusal):
            reply = face.refusal(read, Subject(request_id="r"))
            assert 400 <= reply.status < 600
            json.loads(reply.body)
        elif not isinstance(read, Invocation):
            answer = read(lambda _: True)
            assert isinstance(answer, Reply)
            json.loads(answer.body)
        elif face is not AWS:
            assert read.path.startswith("/") or (not read.path and method == "POST")
            assert not any(name in read.headers for name in (b"authorization", b"x-stoker", b"upgrade:", b"connection:"))
            assert (b"x-mine" in read.headers) is ("x-mine" in told and told.get("connection") != "x-mine")
            assert read.method == method
            if read.body is not None:
                assert json.loads(read.body)["model"] == "s"
