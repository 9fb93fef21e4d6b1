"""A simulator so plain that it cannot be wrong: it looks at every copy at every instant. Lanes are held against it."""

from array import array

from stoker.sim.traces.values import FOREVER, Stream


def stream(arrivals: list[int], services: list[int], model: str = "m") -> Stream:
    return Stream(model, array("q", [*arrivals, FOREVER]), array("q", services))


def naive_waits(arrivals: list[int], services: list[int], ready: list[tuple[int, int]], slots: int) -> list[int]:
    """Give each invocation's wait for copies that are ready from `ready[i][0]` on and take no new work from `ready[i][1]` on."""
    busy: list[list[int]] = [[] for _ in ready]
    waits: list[int] = []
    now = 0
    for at, service in zip(arrivals, services, strict=True):
        now = max(now, at)  # first come, first served: nobody begins before who came earlier
        while True:
            free = [
                index
                for index, (begin, end) in enumerate(ready)
                if begin <= now < end and sum(1 for until in busy[index] if until > now) < slots
            ]
            if free:
                busy[free[0]].append(now + service)
                waits.append(now - at)
                break
            later = [until for each in busy for until in each if until > now] + [begin for begin, _ in ready if begin > now]
            now = min(later)
    return waits
