"""Serverless scaling by SageMaker's published limits.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoker.decisions.serverless import (
    Idle,
    Seen,
    ServerlessOptions,
    provisioned_utilization,
    scale,
    throttled,
    utilization,
    wanted,
)
from stoker.domain.ids import CopyId
from stoker.domain.serverless import ServerlessConfig
from stoker.errors import InvalidParameterError
from stoker.units import MINUTE

OPTIONS = ServerlessOptions(idle_release=5 * MINUTE)


def config(most: int = 10, provisioned: int = 0) -> ServerlessConfig:
    return ServerlessConfig(memory_mb=2048, max_concurrency=most, provisioned=provisioned)


def idle(*since: int) -> tuple[Idle, ...]:
    return tuple(Idle(CopyId(f"c{n}"), at * MINUTE) for n, at in enumerate(since))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"memory_mb": 512}, "MemorySizeInMB"),
        ({"max_concurrency": 0}, "MaxConcurrency"),
        ({"max_concurrency": 201}, "MaxConcurrency"),
        ({"provisioned": 11}, "ProvisionedConcurrency"),
    ],
)
def test_what_sagemaker_does_not_have_is_refused(changes: dict[str, int], field: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        ServerlessConfig(**{"memory_mb": 1024, "max_concurrency": 10, **changes})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("requests", "provisioned", "environments"), [(0, 0, 0), (1, 0, 1), (7, 0, 7), (12, 0, 10), (0, 3, 3), (2, 3, 3), (5, 3, 5)]
)
def test_each_request_has_an_environment(requests: int, provisioned: int, environments: int) -> None:
    assert wanted(config(provisioned=provisioned), requests) == environments


def test_the_first_request_starts_the_first_environment() -> None:
    step = scale(config(), Seen(requests=1), OPTIONS, 0)
    assert (step.start, step.stop, step.look_again) == (1, (), None)
    assert step.cause == "1 request at once: 1 environment of 0"


def test_what_is_starting_is_not_ordered_twice() -> None:
    assert scale(config(), Seen(requests=5, busy=1, starting=2), OPTIONS, 0).start == 2
    assert scale(config(), Seen(requests=5, busy=1, starting=4), OPTIONS, 0).start == 0


def test_idle_environments_go_when_their_time_is_over() -> None:
    seen = Seen(requests=1, busy=1, idle=idle(4, 1, 9))
    step = scale(config(), seen, OPTIONS, 7 * MINUTE)
    assert (step.start, step.stop, step.look_again) == (0, (CopyId("c1"),), 9 * MINUTE)
    assert scale(config(), seen, OPTIONS, 14 * MINUTE).stop == (CopyId("c1"), CopyId("c0"), CopyId("c2"))


def test_the_provisioned_stay() -> None:
    step = scale(config(provisioned=2), Seen(requests=0, idle=idle(0, 0, 0)), OPTIONS, 60 * MINUTE)
    assert (step.stop, step.cause) == ((CopyId("c0"),), "0 requests at once, 2 provisioned: 2 environments of 3")


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Seen(requests=9), ""),
        (Seen(requests=10), "10 requests at once, and 10 are allowed"),
        (Seen(requests=1, elsewhere=198), ""),
        (Seen(requests=1, elsewhere=199), "all serverless endpoints together have 200 of 200"),
    ],
)
def test_requests_beyond_the_limits_are_throttled(seen: Seen, reason: str) -> None:
    assert throttled(config(), seen, OPTIONS) == reason


def test_provisioned_concurrency_is_set_apart() -> None:
    seen = Seen(requests=1, elsewhere=198)
    assert throttled(config(provisioned=2), seen, OPTIONS) == ""
    crowded = Seen(requests=2, elsewhere=198)
    assert throttled(config(provisioned=2), crowded, OPTIONS) == "all serverless endpoints together have 200 of 200"


def test_utilization() -> None:
    assert [utilization(config(), n) for n in (0, 5, 10, 12)] == [0.0, 0.5, 1.0, 1.0]
    assert [provisioned_utilization(config(provisioned=4), n) for n in (0, 1, 6)] == [0.0, 0.25, 1.0]
    assert provisioned_utilization(config(), 3) is None


seens = st.builds(
    Seen,
    requests=st.integers(0, 300),
    busy=st.integers(0, 50),
    starting=st.integers(0, 50),
    idle=st.lists(st.integers(0, 60), max_size=50).map(lambda since: idle(*since)),
)
configs = st.integers(1, 200).flatmap(lambda most: st.integers(0, most).map(lambda provisioned: config(most, provisioned)))


@given(configs, seens, st.integers(0, 60))
def test_environments_follow_requests_within_bounds(rules: ServerlessConfig, seen: Seen, now: int) -> None:
    step = scale(rules, seen, OPTIONS, now * MINUTE)
    after = seen.environments + step.start - len(step.stop)
    assert step.start == 0 or not step.stop
    assert after >= min(seen.environments, wanted(rules, seen.requests))
    assert after >= wanted(rules, seen.requests)
    assert step.start == 0 or after == wanted(rules, seen.requests) <= rules.max_concurrency
    assert step.look_again is None or step.look_again > now * MINUTE
    more = scale(rules, msgspec.structs.replace(seen, requests=seen.requests + 1), OPTIONS, now * MINUTE)
    assert more.start >= step.start
    assert len(more.stop) <= len(step.stop)
