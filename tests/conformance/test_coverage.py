"""What is said of the members that are refused is what is refused: each is tried, and each choice of those that are a choice."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from stoker.artifacts.buckets import Buckets
from stoker.wire.aws import constraints, forms
from stoker.wire.aws.apis import BY_GATEWAY, SERVICES
from stoker.wire.aws.coverage import IN_PART, REFUSED
from stoker.wire.aws.s3.calls import SERVED, Calls
from tests.conformance.api_ground import SERVICE_BY_NAME, Ground, Loose
from tests.conformance.api_members import Member, fitting, members_of, put

MANY_CHOICES = 60
"""Choices beyond which (instance types) they are not tried one by one."""

LISTED_CHOICES = 4


def tried(member: Member, good: Loose) -> Iterator[tuple[str, Loose]]:
    """Give the values to try a member with, each with what it would be listed as."""
    name, check = str(member), member.check
    if isinstance(check, constraints.Text) and check.choices and len(check.choices) < MANY_CHOICES:
        for choice in check.choices:
            yield f"{name}={choice}", choice
        return
    node = good
    for part in member.path:
        there = isinstance(node, list) if isinstance(part, int) else isinstance(node, dict) and part in node
        node = node[part] if there else None
    if node is not None or (isinstance(member.form, type) and isinstance(check, constraints.Shape) and check.union):
        return  # its own members are tried
    if not (isinstance(member.form, forms.Scalar) and member.path[-1] == 0):
        value = fitting(member.form, check, member.annotation)
        if value is not None:
            yield name, value


async def refused_by(ground: Ground, service: str, operation: str) -> list[str]:
    """Give what an operation refuses by name."""
    model = SERVICE_BY_NAME[service].operations[operation]
    found: list[str] = []
    for member in members_of(model):
        if any(str(member).startswith((f"{outer}.", f"{outer}[")) for outer in found):
            continue
        for name, value in tried(member, ground.good(service, operation)):
            given = ground.good(service, operation)
            if put(given, member, value, model):
                status, told = await ground.call(service, operation, given)
                if status >= 400 and (others := alternatives(str(told), member)):
                    for other in others:
                        drop(given, other)
                    status, told = await ground.call(service, operation, given)
                if status >= 400 and "Stoker does not serve" in str(told):
                    found.append(name)
    return found


def alternatives(told: str, member: Member) -> list[str]:
    """Give what stands in the way of a member, as a message names it: `Specify exactly one of A.1.B, A.1.C and A.1.D.`"""
    named = re.search(r"Specify (?:exactly|at most) one of ([\w., ]+)", told)
    path = ".".join("1" if part == 0 else str(part) for part in member.path)
    names = re.findall(r"[A-Z]\w*(?:\.\w+)*", named[1]) if named else []
    return [name for name in names if not f"{path}.".startswith(f"{name}.")]


def drop(given: Loose, name: str) -> None:
    """Take a member out of a request, if it is there."""
    *outer, last = name.split(".")
    for part in outer:
        given = given[int(part) - 1] if part.isdecimal() else given.get(part, {})
    given.pop(last, None)


def gathered(found: list[str]) -> tuple[str, ...]:
    """Give what is found, many choices of one member as one."""
    choices = Counter(name.partition("=")[0] for name in found if "=" in name)
    many = {name: count for name, count in choices.items() if count > LISTED_CHOICES}
    plain = [name for name in found if name.partition("=")[0] not in many]
    return (*plain, *(f"{name}={count} of its choices" for name, count in many.items()))


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_what_is_said_to_be_refused_is_refused(service: str) -> None:
    async def look() -> dict[str, tuple[str, ...]]:
        ground = Ground()
        await ground.renew()
        found = {}
        for name, operation in sorted(ground.handlers):
            if name == service:
                found[f"{name}:{operation}"] = gathered(await refused_by(ground, name, operation))
        return {name: members for name, members in found.items() if members}

    said = {name: members for name, members in REFUSED.items() if name.startswith(f"{service}:")}
    found = asyncio.run(look())
    assert {name: sorted(members) for name, members in said.items()} == {
        name: sorted(members) for name, members in found.items()
    }, "src/stoker/wire/aws/coverage.py must tell what is found"


def test_what_is_said_is_said_of_operations_that_there_are() -> None:
    ground = Ground()
    asyncio.run(ground.renew())
    served = {f"{service}:{operation}" for service, operation in ground.handlers.keys() | BY_GATEWAY}
    served |= {f"s3:{operation}" for operation in SERVED}
    assert (set(REFUSED) | set(IN_PART)) - served == set()


def test_what_is_served_of_s3_is_listed(tmp_path: Path) -> None:
    table = Calls(Buckets(tmp_path), "us-east-1").table
    assert SERVED - set(table) == {"CopyObject"}, "a copy is a PutObject with a source"
    assert set(table) < SERVED
