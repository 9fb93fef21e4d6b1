"""Serverless scaling: concurrent requests become environments, one for each, and idle environments are given back.

SageMaker's published rules: an environment works on one request, there are none without requests (but the provisioned), no more
than the endpoint's concurrency, and no more in all endpoints together than the account's. How long an idle environment is kept
is not published; here it is a setting. https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from stoker.decisions.scaling.proposals import counted
from stoker.domain.ids import CopyId
from stoker.domain.serverless import ServerlessConfig
from stoker.units import MINUTE, Instant, Span


class ServerlessOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The installation's part: the concurrency of all serverless endpoints together, and how long an environment may idle.

    An invocation waits for an environment for `longest_hold` of real time at most.
    """

    total_concurrency: int = 200
    idle_release: Span = 5 * MINUTE
    longest_hold: Span = 4 * MINUTE


class Idle(NamedTuple):
    """An environment that is ready and free, and since when."""

    copy_id: CopyId
    since: Instant


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint's requests and environments now.

    `requests` are those that are worked on or wait for an environment, `busy` and `starting` count environments, `elsewhere` is
    the concurrency of the other serverless endpoints.
    """

    requests: int
    busy: int = 0
    starting: int = 0
    idle: Sequence[Idle] = ()
    elsewhere: int = 0

    @property
    def environments(self) -> int:
        """How many environments there are or will be."""
        return self.busy + self.starting + len(self.idle)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What to do: how many environments to start, which to stop, when to look again though nothing happens, and why."""

    start: int
    stop: tuple[CopyId, ...]
    look_again: Instant | None
    cause: str


def throttled(config: ServerlessConfig, seen: Seen, options: ServerlessOptions) -> str:
    """Give why one more request is to be refused, `""` when it is not. A request has its place before it has an environment."""
    if seen.requests >= config.max_concurrency:
        return f"{counted(seen.requests, 'request')} at once, and {config.max_concurrency} are allowed"
    if seen.requests < config.provisioned:
        return ""  # what was provisioned is set apart
    total = max(seen.requests, config.provisioned) + seen.elsewhere
    if total >= options.total_concurrency:
        return f"all serverless endpoints together have {total} of {options.total_concurrency}"
    return ""


def wanted(config: ServerlessConfig, requests: int) -> int:
    """Give how many environments so many concurrent requests are to have."""
    return min(max(requests, config.provisioned), config.max_concurrency)


def scale(config: ServerlessConfig, seen: Seen, options: ServerlessOptions, now: Instant) -> Step:
    """Start what requests lack, and stop what has been idle too long, longest idle first; never the provisioned."""
    want = wanted(config, seen.requests)
    start = max(0, want - seen.environments)
    spare = max(0, seen.environments - want)
    order = sorted(seen.idle, key=lambda each: (each.since, each.copy_id))[:spare]
    stop = tuple(each.copy_id for each in order if each.since + options.idle_release <= now)
    later = [each.since + options.idle_release for each in order if each.copy_id not in stop]
    reserve = f", {config.provisioned} provisioned" if config.provisioned else ""
    cause = f"{counted(seen.requests, 'request')} at once{reserve}: {counted(want, 'environment')} of {seen.environments}"
    return Step(start=start, stop=stop, look_again=min(later, default=None), cause=cause)


def utilization(config: ServerlessConfig, requests: int) -> float:
    """Give ServerlessConcurrentExecutionsUtilization: what part of the allowed concurrency is used, 0 to 1."""
    return min(1.0, requests / config.max_concurrency)


def provisioned_utilization(config: ServerlessConfig, requests: int) -> float | None:
    """Give ServerlessProvisionedConcurrencyUtilization; None without provisioned concurrency."""
    return min(requests, config.provisioned) / config.provisioned if config.provisioned else None
