"""The management API: what it answers, and what becomes of the platform."""

import io
import re
from datetime import datetime

import pytest
from prometheus_client.openmetrics.parser import text_fd_to_metric_families

from stoker.domain.hub import VARIANT_NAME
from stoker.domain.ids import ComponentName, ConfigName, EndpointName, Partition
from stoker.domain.keys import AccessKey, Keyring, KeyRole
from stoker.engine.events import DemandSeen, TrafficSeen
from stoker.engine.traffic import LatencySum, WorkloadCounts
from stoker.service.components import Components
from stoker.service.endpoints import Endpoints
from stoker.testing.desk import KnownImages, Outcome
from stoker.units import MINUTE, SECOND
from stoker.wire.aws.access import Access
from stoker.wire.tokens import token_of
from tests.unit.wire.huggingface.hub_stage import URL, WORKLOAD, Loose, Stage, wanted

REQUIRED = ("name", "type", "healthRoute")
REQUIRED_OF_MODEL = ("repository", "framework", "revision", "task")
REQUIRED_OF_STATUS = ("state", "createdAt", "updatedAt")


async def made(**changes: Loose) -> Stage:
    stage = Stage()
    answer = await stage.call("POST", URL, wanted(**changes))
    assert answer.status == 200, answer.body
    return stage


async def test_an_endpoint_is_made_of_parts_that_others_see() -> None:
    stage = await made(compute__scaling={"minReplica": 0, "maxReplica": 3, "scaleToZeroTimeout": 30})
    fleet = stage.desk.platform.fleet
    component = fleet.components[ComponentName("e1")]
    endpoint = fleet.endpoints[EndpointName("e1")]
    assert component.desired_copies == 1  # one shows that it can come up before it may go to zero
    assert component.container.image == "hf/huggingface"
    assert component.container.model_data == "hf://gpt2"
    assert component.tags == {"stoker:policy": "hf-current(idle=1800s)", "stoker:min-copies": "0", "stoker:max-copies": "3"}
    assert endpoint.variants[0].spec.instance_type == "intel-spr-x1"
    assert endpoint.config in fleet.configs


async def test_every_key_is_there_that_clients_take_for_granted() -> None:
    stage = await made()
    for answer in (await stage.call("GET", f"{URL}/e1"), await stage.call("GET", URL)):
        document = answer.document["items"][0] if "items" in answer.document else answer.document
        assert all(key in document for key in REQUIRED)
        assert all(key in document["model"] for key in REQUIRED_OF_MODEL)
        assert all(document["status"][key] for key in REQUIRED_OF_STATUS)
        assert isinstance(document["healthRoute"], str)
        assert document["status"]["url"] == "http://me:80/ep/stoker/e1"
        assert document["compute"]["scaling"]["scaleToZeroTimeout"] == 15
        for moment in ("createdAt", "updatedAt"):
            read = datetime.strptime(document["status"][moment], "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 - as clients read it
            assert read.year == 2023


async def test_states_from_the_first_replica_to_the_end() -> None:
    stage = Stage()
    stage.desk.play(WORKLOAD, Outcome(stuck=True))
    stage.desk.launches = False
    answer = await stage.call("POST", URL, wanted(compute__scaling={"minReplica": 0, "maxReplica": 1}))
    assert (answer.document["status"]["state"], answer.document["status"]["url"]) == ("pending", None)
    stage = Stage()
    stage.desk.play(WORKLOAD, Outcome(stuck=True))
    answer = await stage.call("POST", URL, wanted(compute__scaling={"minReplica": 0, "maxReplica": 1}))
    assert (answer.document["status"]["state"], answer.document["status"]["url"]) == ("initializing", None)
    stage.desk.play(WORKLOAD, Outcome())
    stage = await made(compute__scaling={"minReplica": 0, "maxReplica": 1})
    assert await stage.state() == "running"
    slept = await stage.call("POST", f"{URL}/e1/scale-to-zero")
    assert (slept.document["status"]["state"], slept.document["status"]["targetReplica"]) == ("scaledToZero", 0)
    assert slept.document["status"]["url"] is not None
    await stage.desk.submit(DemandSeen(workload=WORKLOAD, waiting=1, at=stage.desk.now(), gateway="g"))
    assert await stage.state() == "running"
    paused = await stage.call("POST", f"{URL}/e1/pause")
    assert (paused.document["status"]["state"], paused.document["status"]["targetReplica"]) == ("paused", 0)
    await stage.desk.submit(DemandSeen(workload=WORKLOAD, waiting=1, at=stage.desk.now(), gateway="g"))
    assert await stage.state() == "paused"
    assert (await stage.call("POST", f"{URL}/e1/pause")).status == 200
    assert (await stage.call("POST", f"{URL}/e1/scale-to-zero")).status == 400
    resumed = await stage.call("POST", f"{URL}/e1/resume")
    assert resumed.document["status"]["state"] == "running"
    again = await stage.call("POST", f"{URL}/e1/resume")
    assert again.status == 400
    assert "already running" in again.error
    assert (await stage.call("DELETE", f"{URL}/e1")).status == 200
    assert (await stage.call("GET", f"{URL}/e1")).status == 404
    fleet = stage.desk.platform.fleet
    assert (fleet.hubs, fleet.components, fleet.configs) == ({}, {}, {})


async def test_what_may_not_go_to_zero_by_itself_still_sleeps_when_told_to() -> None:
    stage = await made(compute__scaling={"minReplica": 2, "maxReplica": 3})
    assert len(stage.desk.started) == 2
    await stage.call("POST", f"{URL}/e1/scale-to-zero")
    await stage.desk.advance(10 * MINUTE)
    assert await stage.state() == "scaledToZero"
    await stage.desk.submit(DemandSeen(workload=WORKLOAD, waiting=1, at=stage.desk.now(), gateway="g"))
    await stage.desk.advance(5 * MINUTE)
    assert stage.desk.platform.fleet.components[ComponentName("e1")].desired_copies == 2


async def test_it_goes_to_zero_after_its_time_without_requests() -> None:
    stage = await made(compute__scaling={"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeoutSeconds": 90})
    await stage.desk.advance(89 * SECOND)
    assert await stage.state() == "running"
    await stage.desk.advance(2 * SECOND)
    assert await stage.state() == "scaledToZero"


async def test_it_follows_another_rule_where_it_asks_for_one() -> None:
    scaling = {"minReplica": 0, "maxReplica": 1, "stokerPolicy": "hf-2023"}
    stage = await made(compute__scaling=scaling)
    assert stage.desk.platform.fleet.components[ComponentName("e1")].tags["stoker:policy"] == "hf-2023"
    for none in ("nonsense", "none", "split(first=x)"):
        wrong = await stage.call("PUT", f"{URL}/e1", {"compute": {"scaling": {"stokerPolicy": none}}})
        assert (wrong.status, "compute.scaling.stokerPolicy" in wrong.error) == (400, True)
    answer = await stage.call("PUT", f"{URL}/e1", {"compute": {"scaling": {"stokerPolicy": None, "scaleToZeroTimeout": 2}}})
    assert "stokerPolicy" not in answer.document["compute"]["scaling"]
    assert stage.desk.platform.fleet.components[ComponentName("e1")].tags["stoker:policy"] == "hf-current(idle=120s)"
    strict = await Stage(strict=True).call("POST", URL, wanted(compute__scaling=scaling))
    assert (strict.status, "hub.strict" in strict.error) == (400, True)


async def test_a_failed_endpoint_says_why_and_can_be_tried_again() -> None:
    stage = Stage()
    stage.desk.play(WORKLOAD, Outcome(failure="exited with status 1", log_tail="No module named torch"))
    await stage.call("POST", URL, wanted())
    await stage.desk.advance(10 * MINUTE)
    status = (await stage.call("GET", f"{URL}/e1")).document["status"]
    assert (status["state"], status["message"], status["url"]) == ("failed", "Endpoint failed to deploy", None)
    assert "No module named torch" in status["errorMessage"]
    stage.desk.play(WORKLOAD, Outcome())
    assert (await stage.call("POST", f"{URL}/e1/resume")).document["status"]["state"] == "running"


async def test_a_change_is_merged_and_what_runs_is_replaced_by_and_by() -> None:
    stage = await made(model__env={"A": "1"}, tags=["x"], model__task="text-classification")
    first = [spec.copy_id for spec in stage.desk.started]
    answer = await stage.call("PUT", f"{URL}/e1", {"compute": {"scaling": {"minReplica": 0, "maxReplica": 2}}, "tags": ["y"]})
    assert answer.document["compute"]["scaling"] == {"minReplica": 0, "maxReplica": 2, "scaleToZeroTimeout": 15}
    assert (answer.document["tags"], answer.document["model"]["env"]) == (["y"], {"A": "1"})
    assert [spec.copy_id for spec in stage.desk.started] == first
    answer = await stage.call("PUT", f"{URL}/e1", {"model": {"env": {"B": "2"}, "revision": "v2"}})
    assert answer.document["model"]["env"] == {"B": "2"}
    component = stage.desk.platform.fleet.components[ComponentName("e1")]
    assert component.container.environment == {"B": "2", "HF_TASK": "text-classification", "HF_REVISION": "v2"}
    await stage.desk.advance(MINUTE)
    assert await stage.state() == "running"
    assert first[0] in stage.desk.stopped


async def test_another_instance_type_is_taken_before_the_old_one_goes() -> None:
    stage = await made()
    config = stage.desk.platform.fleet.endpoints[EndpointName("e1")].config
    answer = await stage.call("PUT", f"{URL}/e1", {"compute": {"instanceSize": "x2"}})
    assert answer.document["compute"]["id"] == "aws-us-east-1-intel-spr-x2"
    await stage.desk.advance(30 * MINUTE)
    fleet = stage.desk.platform.fleet
    assert [i.instance_type for i in fleet.instances.values()] == ["intel-spr-x2"]
    assert ConfigName(config) not in fleet.configs
    assert await stage.state() == "running"


async def test_an_update_that_does_not_come_up_leaves_what_ran() -> None:
    stage = await made()
    stage.desk.play(WORKLOAD, Outcome(failure="exited with status 1"))
    await stage.call("PUT", f"{URL}/e1", {"model": {"env": {"BAD": "1"}}})
    await stage.desk.advance(20 * MINUTE)
    status = (await stage.call("GET", f"{URL}/e1")).document["status"]
    assert (status["state"], status["readyReplica"]) == ("updateFailed", 1)
    assert status["errorMessage"]
    stage.desk.play(WORKLOAD, Outcome())
    await stage.call("PUT", f"{URL}/e1", {"model": {"env": {"GOOD": "1"}}})
    await stage.desk.advance(MINUTE)
    assert await stage.state() == "running"


async def test_a_paused_endpoint_is_changed_and_resumes_so() -> None:
    stage = await made()
    await stage.call("POST", f"{URL}/e1/pause")
    answer = await stage.call("PUT", f"{URL}/e1", {"model": {"env": {"N": "1"}}, "compute": {"scaling": {"minReplica": 1}}})
    assert answer.document["status"]["state"] == "paused"
    assert (await stage.call("POST", f"{URL}/e1/resume")).document["status"]["state"] == "running"
    assert stage.desk.platform.fleet.components[ComponentName("e1")].container.environment == {"N": "1"}


async def test_secrets_go_to_the_copies_and_to_nobody_else() -> None:
    image = {"custom": {"url": "my-server:1", "credentials": {"username": "u", "password": "hush"}}}
    stage = await made(model__secrets={"KEY": "s3cr3t"}, model__image=image)
    answer = await stage.call("GET", f"{URL}/e1")
    assert b"s3cr3t" not in answer.body
    assert b"hush" not in answer.body
    assert answer.document["model"]["secrets"] == {"KEY": "********"}
    component = stage.desk.platform.fleet.components[ComponentName("e1")]
    assert component.container.environment["KEY"] == "s3cr3t"
    assert component.container.hidden == ("KEY",)
    assert not any("hush" in value for value in component.container.environment.values())
    # What was shown can be sent back as it is.
    model = answer.document["model"]
    answer = await stage.call("PUT", f"{URL}/e1", {"model": {"image": model["image"], "secrets": model["secrets"]}})
    assert answer.status == 200
    assert stage.desk.platform.fleet.components[ComponentName("e1")].container == component.container
    assert b'"hush"' in stage.desk.platform.fleet.hubs[EndpointName("e1")].spec.model.image


@pytest.mark.parametrize(
    ("image", "name", "path"),
    [
        ({"huggingface": {}}, "hf/huggingface", "/ping"),
        ({"custom": {"url": "my-server:2", "health_route": "ready", "port": 8000}}, "my-server:2", "/ready"),
        ({"custom": {"url": "unknown.example/image", "healthRoute": "/h"}}, "hf/custom", "/h"),
    ],
)
async def test_what_an_image_becomes(image: Loose, name: str, path: str) -> None:
    stage = await made(model__image=image)
    assert stage.desk.platform.fleet.components[ComponentName("e1")].container.image == name
    assert (await stage.call("GET", f"{URL}/e1")).document["healthRoute"] == path


async def test_older_spellings_are_understood() -> None:
    stage = Stage()
    body = wanted(type="protected", accountId=None, model__image={"custom": {"url": "my-server:1", "env": {"E": "1"}}})
    answer = await stage.call("POST", URL, body)
    assert (answer.document["type"], answer.document["model"]["env"]) == ("authenticated", {"E": "1"})


async def test_a_name_is_taken_once_in_each_namespace() -> None:
    stage = await made()
    again = await stage.call("POST", URL, wanted())
    assert (again.status, "e1" in again.error) == (409, True)
    assert (await stage.call("POST", "/v2/endpoint/ann", wanted())).status == 200
    assert [e["name"] for e in (await stage.call("GET", "/v2/endpoint/ann")).document["items"]] == ["e1"]
    assert set(stage.desk.platform.fleet.endpoints) == {"e1", "ann--e1"}
    clash = await stage.call("POST", URL, wanted(name="ann--e1"))
    assert clash.status == 409
    assert (await stage.call("GET", f"{URL}/ann--e1")).status == 404


async def test_a_list_has_all_unless_fewer_are_asked_for() -> None:
    stage = Stage()
    for name in "abc":
        await stage.call("POST", URL, wanted(name=name))
    pages = []
    cursor: Loose = ""
    while cursor is not None:
        page = (await stage.call("GET", f"{URL}?limit=2&cursor={cursor}")).document
        pages.append([item["name"] for item in page["items"]])
        cursor = page["nextCursor"]
    assert pages == [["a", "b"], ["c"]]
    everything = (await stage.call("GET", URL)).document
    assert (len(everything["items"]), everything["totalItems"], everything["nextCursor"]) == (3, 3, None)


async def test_nothing_of_a_refused_endpoint_is_left() -> None:
    stage = Stage()
    answer = await stage.call("POST", URL, wanted(model__image={"tgi": {"url": "nobody/knows"}}))
    assert (answer.status, "model.image.tgi" in answer.error) == (400, True)
    fleet = stage.desk.platform.fleet
    assert (fleet.hubs, fleet.endpoints, fleet.components, fleet.configs) == ({}, {}, {}, {})


async def test_what_others_delete_is_gone_here_as_well() -> None:
    stage = await made()
    await Components(stage.desk, KnownImages("*")).delete("e1")
    status = (await stage.call("GET", f"{URL}/e1")).document["status"]
    assert (status["state"], "deleted" in status["errorMessage"]) == ("failed", True)
    for way in ("pause", "resume", "scale-to-zero"):
        assert (await stage.call("POST", f"{URL}/e1/{way}")).status == 400
    await Endpoints(stage.desk).delete("e1")
    assert (await stage.call("GET", f"{URL}/e1")).status == 404
    assert stage.desk.platform.fleet.hubs == {}


async def test_hardware_has_this_machine_first_and_all_that_clients_need() -> None:
    stage = await made()
    for path in ("/v2/provider/stoker", "/v2/provider"):
        [vendor] = (await stage.call("GET", path)).document["vendors"]
        [region] = vendor["regions"]
        assert (vendor["name"], region["name"]) == ("local", "here-1")
        assert region["computes"][0]["instanceType"] == "local"
        ids = [compute["id"] for compute in region["computes"]]
        assert len(set(ids)) == len(ids)
        spr = next(c for c in region["computes"] if c["id"] == "local-here-1-intel-spr-x1")
        assert spr["quota"]["usedAccelerators"] == 1
        assert spr["pricePerHour"] == pytest.approx(1 * 0.045 + 2 * 0.0035)


async def test_replicas_and_what_they_print() -> None:
    stage = await made(compute__scaling={"minReplica": 2, "maxReplica": 2})
    items = (await stage.call("GET", f"{URL}/e1/replica")).document["items"]
    assert [item["status"]["stage"] for item in items] == ["running", "running"]
    one = items[0]["id"]
    logs = await stage.call("GET", f"{URL}/e1/logs?tail=2&line_max_length=5&replica={one}")
    assert (logs.headers["content-type"], logs.body) == ("text/plain; charset=utf-8", b"ic/e1\nic/e1\n")
    assert (await stage.call("GET", f"{URL}/e1/logs")).body.count(b"\n") == 400
    assert (await stage.call("GET", f"{URL}/e1/logs?replica=x")).status == 404
    assert (await stage.call("GET", f"{URL}/e1/logs?tail=no")).status == 400


async def test_figures_in_the_families_that_are_documented() -> None:
    stage = await made()
    latency = LatencySum(count=4, total_us=1_000_000, least_us=250_000, most_us=250_000, values=((250_000.0, 4.0),))
    counts = WorkloadCounts(
        workload=WORKLOAD,
        endpoint=EndpointName("e1"),
        variant=VARIANT_NAME,
        invocations=4,
        errors_4xx=1,
        in_flight=1,
        model_latency=latency,
    )
    await stage.desk.submit(TrafficSeen(gateway="g", at=stage.desk.now(), counts=(counts,)))
    answer = await stage.call("GET", f"{URL}/e1/open-metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    lines = answer.body.decode().splitlines()
    assert lines[-1] == "# EOF"
    samples = [line for line in lines if not line.startswith("#")]
    assert samples == [
        *(f'latency_distribution{{quantile="{q}"}} 0.250000' for q in ("0.5", "0.9", "0.95", "0.99")),
        "latency_distribution_count 4",
        "latency_distribution_sum 1.000000",
        'http_requests_total{replica_id="all",status_code="2xx"} 3',
        'http_requests_total{replica_id="all",status_code="4xx"} 1',
        'http_requests_total{replica_id="all",status_code="5xx"} 0',
        "pending_requests 1",
        'replicas{state="ready"} 1',
        'replicas{state="target"} 1',
    ]
    read: Loose = text_fd_to_metric_families
    assert list(read(io.StringIO(answer.body.decode())))  # as a scraper does


async def test_who_asks_and_what_is_not_here() -> None:
    stage = Stage(home="ann", organizations=("team-a",))
    document = (await stage.call("GET", "/api/whoami-v2")).document
    assert (document["type"], document["name"], [org["name"] for org in document["orgs"]]) == ("user", "ann", ["team-a"])
    assert (await stage.call("GET", "/api/agent-harnesses")).status == 404
    wrong = await stage.call("PATCH", URL)
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, POST")
    assert (await stage.call("GET", "/v2/nowhere")).error == "There is nothing at /v2/nowhere here."
    assert (await stage.call("GET", "/v2", authorization="AWS4-HMAC-SHA256 Credential=x")).body == b"elsewhere"
    assert (await stage.call("GET", "/v2/endpoint/x", authorization="AWS4-HMAC-SHA256 Credential=x")).body == b"elsewhere"
    assert (await stage.call("POST", URL, b"x" * (1 << 20) + b"y")).status == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{URL}?" + "&".join(f"a{n}=1" for n in range(200)), 400),
        ("GET", f"{URL}?x=%ff%00&&&=", 200),
        ("GET", f"{URL}?limit=0", 400),
        ("GET", f"{URL}?cursor=nobody", 400),
        ("GET", "/v2/endpoint/" + "n" * 5000, 200),
        ("POST", "/v2/endpoint/" + "n" * 30, 400),
        ("POST", "/v2/endpoint/a--b", 400),
        ("POST", "/v2/endpoint/ä", 400),
        ("GET", f"{URL}/" + "x" * 5000, 404),
        ("GET", f"{URL}/../../x", 404),
        ("DELETE", f"{URL}/\x00", 404),
        ("POST", f"{URL}/none/pause", 404),
        ("PUT", f"{URL}/none", 404),
        ("GET", f"{URL}/none/open-metrics", 404),
        ("OPTIONS", f"{URL}/none", 405),
        ("GET", "/v2/", 404),
        ("GET", "/api/models/org/m", 404),
    ],
)
async def test_paths_and_queries_of_all_kinds(method: str, path: str, status: int) -> None:
    answer = await Stage().call(method, path, wanted() if method in {"POST", "PUT"} else None)
    assert answer.status == status
    assert status == 200 or len(answer.error) < 1000


async def test_the_url_is_the_one_that_the_client_came_by() -> None:
    stage = await made()
    answer = await stage.call("GET", f"{URL}/e1", host="models.example", **{"x-forwarded-proto": "https"})
    assert answer.document["status"]["url"] == "https://models.example/ep/stoker/e1"
    answer = await stage.call("GET", f"{URL}/e1", host="")
    assert answer.document["status"]["url"] == "http://local:1/ep/stoker/e1"


async def test_tokens_of_keys_open_it_and_no_others() -> None:
    admin = AccessKey(access_key_id="AKADMIN", secret="s")
    bound = AccessKey(access_key_id="AKBOUND", secret="t", role=KeyRole.INVOKE, endpoints=("e1",))
    stage = Stage(access=Access(Keyring(keys=(admin, bound), seal=b"seal"), Partition()))
    assert (await stage.call("GET", URL, authorization=f"Bearer {token_of(admin)}")).status == 200
    refused = await stage.call("GET", URL, authorization=f"Bearer {token_of(bound)}")
    assert (refused.status, "only invoke" in refused.error) == (403, True)
    assert (await stage.call("GET", "/api/whoami-v2", authorization=f"Bearer {token_of(bound)}")).status == 200
    assert (await stage.call("GET", "/v2/provider")).status == 200  # as on the real service
    for headers in ({}, {"authorization": "Bearer hf_wrong"}, {"authorization": "Basic eDp5"}):
        for path in (URL, "/api/whoami-v2", "/v2/provider/stoker"):
            answer = await stage.call("GET", path, **headers)
            assert (answer.status, re.match("Unauthorized", answer.error) is not None) == (401, True)
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_replica_that_breaks_is_not_the_end() -> None:
    stage = await made()
    stage.desk.play(WORKLOAD, Outcome(stuck=True))
    await stage.desk.crash(stage.desk.started[0].copy_id)
    await stage.desk.advance(MINUTE)
    assert await stage.state() == "initializing"
    await stage.desk.serve(stage.desk.started[-1].copy_id)
    assert await stage.state() == "running"
