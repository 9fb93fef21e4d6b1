"""Keeps account of what runs, part by part and day by day, beside the engine that runs it.

It follows what the engine writes: with the record of a copy or an instance that came or went, the account of its part is written
in the same transaction, up to that instant. Whatever dies in between, the account is made up from there by the records of what
runs, so no time is lost. Invocations are counted in memory and written every few seconds; those that came since are lost with
the process.

When the whole server was away, the time counts up to where its clock was noted last; an endpoint that has copies that lived on
runs through, for they show that the machine did.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from stoker.decisions.billing import added, advance, began
from stoker.domain.ids import ComponentName, CopyId, EndpointName, InstanceId
from stoker.domain.scaling import ScalableTarget, TargetKey
from stoker.domain.usage import DayUse, Kind, Times, memory_size
from stoker.engine.appraisal import Appraisal, Part, Running
from stoker.engine.commands import Append, Command, Put, Remove, Write
from stoker.engine.events import Event, RuntimeRestored, TrafficSeen
from stoker.engine.fleet import Fleet
from stoker.units import DAY, SECOND, Instant, Span, next_after

MICROSECOND: Span = SECOND // 1_000_000

USAGE_KIND = "usage"
"""What days that are not over are kept as (records), and those that are (a history, by endpoint)."""

MAX_PARTS = 50_000
"""Parts with an account; beyond, those where nothing runs any more are closed before the day is over."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DayUse).decode


class Account:
    """What a part has used today and what runs of it now; `past` is what it used on the days before, since the start."""

    __slots__ = ("levels", "past", "row")

    def __init__(self, row: DayUse) -> None:
        self.row = row
        self.levels: dict[tuple[Kind, str], int] = {}
        self.past: Times = {}

    def run(self, to: Instant) -> list[DayUse]:
        """Let what runs run until then; gives the days that are over."""
        over, self.row = advance(self.row, self.levels, to)
        for each in over:
            _add_times(self.past, each.times)
        return [each for each in over if not each.empty]

    def change(self, kind: Kind, size: str, step: int) -> None:
        """Have more or fewer of something run from now on."""
        count = self.levels.get((kind, size), 0) + step
        if count:
            self.levels[kind, size] = count
        else:
            self.levels.pop((kind, size), None)

    def times(self, now: Instant) -> Times:
        """Give the times since the control plane's start, those of the first day whole."""
        over, row = advance(self.row, self.levels, now)
        total: Times = {}
        for times in (self.past, *(each.times for each in over), row.times):
            _add_times(total, times)
        return total


class Accounting:
    """The accounts of all parts. `follow` is called after each step of the engine, with what it commanded.

    `started` is when this server's clock began, `former` how far that of the one before is known to have come. Gateways tell
    latencies in real time; here they are on the platform's clock, which is `speed` times as fast.
    """

    __slots__ = (
        "_appraisal",
        "_counted",
        "_dirty",
        "_fleet",
        "_former",
        "_midnight",
        "_most",
        "_over",
        "_room",
        "_running",
        "_speed",
        "_started",
        "_write_at",
        "_write_every",
        "accounts",
    )

    def __init__(
        self,
        fleet: Fleet,
        targets: Mapping[TargetKey, ScalableTarget],
        *,
        write_every: Span = 10 * SECOND,
        started: Instant = 0,
        former: Instant = 0,
        speed: float = 1.0,
    ) -> None:
        self._speed = speed
        self.accounts: dict[Part, Account] = {}
        self._appraisal = Appraisal(fleet, targets)
        self._fleet = fleet
        self._write_every = write_every
        self._started = started
        self._former = former
        self._running: dict[str, Running] = {}
        self._most: dict[str, dict[Running, int]] = {}
        self._dirty: dict[Part, None] = {}
        self._counted: dict[Part, None] = {}
        self._over: list[DayUse] = []
        self._write_at: Instant | None = None
        self._midnight: Instant = 0
        self._room = MAX_PARTS

    def restore(self, records: Iterable[tuple[str, bytes]], now: Instant) -> None:
        """Take up what was kept, (kind, document) of every record; the fleet has been restored already."""
        for kind, document in records:
            if kind == USAGE_KIND:
                row = _decode(document)
                self.accounts[Part(row.endpoint, row.part)] = Account(row)
        for copy_id in self._fleet.copies:
            self._start(copy_id, self._appraisal.copy(copy_id), now, run=False)
        for instance_id in self._fleet.instances:
            self._start(instance_id, self._appraisal.instance(instance_id), now, run=False)
        for name in self._fleet.endpoints:
            self._set_most(f"endpoint/{name}", self._appraisal.most_of_endpoint(name), now, run=False)
        for component in self._fleet.components:
            self._set_most(f"ic/{component}", self._appraisal.most_of_component(component), now, run=False)
        self._midnight = next_after(now, DAY)

    def follow(self, event: Event | None, commands: Iterable[Command], now: Instant) -> list[Write]:
        """Take in a step of the engine; gives what is to be written with it."""
        if isinstance(event, TrafficSeen):
            self._count(event, now)
        elif isinstance(event, RuntimeRestored):
            self._lived(frozenset(event.held), now)
        for command in commands:
            if isinstance(command, Put | Remove):
                self._changed(command.kind, command.key, now)
        if self._write_at is not None and now >= self._write_at:
            self._write_counts()
        if now >= self._midnight:
            self._midnight = next_after(now, DAY)
            self._dirty.update(dict.fromkeys(self.accounts))
        return self._writes(now)

    def flush(self, now: Instant) -> list[Write]:
        """Give what is not on disk yet."""
        self._write_counts()
        return self._writes(now)

    def next_deadline(self) -> Instant | None:
        """Give when `follow` must next run: when counts are to be written, and at midnight."""
        midnight = self._midnight if self.accounts else None
        return min((at for at in (self._write_at, midnight) if at is not None), default=None)

    def rows(self, now: Instant) -> Iterator[DayUse]:
        """Give what was used on days that are not on disk as over, as of now."""
        for account in self.accounts.values():
            over, row = advance(account.row, account.levels, now)
            yield from (each for each in (*over, row) if not each.empty)

    # What happens.

    def _count(self, report: TrafficSeen, now: Instant) -> None:
        for counts in report.counts:
            if not counts.invocations and not counts.model_latency.count:
                continue
            part = Part(counts.endpoint, counts.workload)
            account = self._account(part, now)
            self._over += account.run(now)
            times = account.row.times
            memory_mb = self._appraisal.environment_mb(counts)
            if memory_mb:
                took = round(counts.model_latency.total_us * MICROSECOND * self._speed)
                times = added(times, Kind.BILLED, memory_size(memory_mb), took)
            invocations = account.row.invocations + counts.invocations
            account.row = msgspec.structs.replace(account.row, invocations=invocations, times=times)
            self._counted[part] = None
        if self._counted and self._write_at is None:
            self._write_at = now + self._write_every

    def _changed(self, kind: str, key: str, now: Instant) -> None:
        match kind:
            case "copy":
                self._start_or_stop(key, self._appraisal.copy(CopyId(key)), now)
            case "instance":
                self._start_or_stop(key, self._appraisal.instance(InstanceId(key)), now)
            case "endpoint":
                self._set_most(f"endpoint/{key}", self._appraisal.most_of_endpoint(EndpointName(key)), now)
            case "component":
                self._set_most(f"ic/{key}", self._appraisal.most_of_component(ComponentName(key)), now)
            case "target":
                resource, _, rest = key.partition("|")[0].partition("/")
                if resource == "inference-component":
                    self._set_most(f"ic/{rest}", self._appraisal.most_of_component(ComponentName(rest)), now)
                elif resource == "endpoint":
                    name = EndpointName(rest.partition("/")[0])
                    self._set_most(f"endpoint/{name}", self._appraisal.most_of_endpoint(name), now)
            case _:
                pass  # nothing that runs, or bounds it

    def _start_or_stop(self, key: str, running: Running | None, now: Instant) -> None:
        if running is not None:
            self._start(key, running, now)
        elif (before := self._running.pop(key, None)) is not None:
            self._step(before, -1, now)

    def _start(self, key: str, running: Running | None, now: Instant, *, run: bool = True) -> None:
        if running is not None and key not in self._running:
            self._running[key] = running
            self._step(running, 1, now, run=run)

    def _step(self, running: Running, step: int, now: Instant, *, run: bool = True) -> None:
        """Have more or fewer of something run, from `now` on or, without `run`, from where its account has come to."""
        account = self._account(running.part, now)
        if run:
            self._over += account.run(now)
        account.change(running.kind, running.size, step)
        self._dirty[running.part] = None

    def _set_most(self, key: str, most: dict[Running, int], now: Instant, *, run: bool = True) -> None:
        before = self._most.pop(key, {})
        if most:
            self._most[key] = most
        for each in {**before, **most}:
            step = most.get(each, 0) - before.get(each, 0)
            if step:
                self._step(each, step, now, run=run)

    def _lived(self, held: frozenset[str], now: Instant) -> None:
        """Count what ran while nobody looked: all of it, or less where the whole server was away."""
        away = {part for part, account in self.accounts.items() if account.row.until < self._started}
        lived_on = {running.part.endpoint for key, running in self._running.items() if key in held}
        for part in away:
            self._over += self.accounts[part].run(max(self.accounts[part].row.until, self._former))
        for key, running in list(self._running.items()):
            if running.part in away and running.kind is Kind.COPY and key not in held:
                self._start_or_stop(key, None, self.accounts[running.part].row.until)
        for part in away:
            account = self.accounts[part]
            levels = account.levels
            if part.endpoint not in lived_on:
                account.levels = {}
            self._over += account.run(now)
            account.levels = levels
            self._dirty[part] = None

    # What is written.

    def _account(self, part: Part, now: Instant) -> Account:
        account = self.accounts.get(part)
        if account is None:
            if len(self.accounts) >= self._room:
                self._make_room(now)
            empty = DayUse(endpoint=part.endpoint, part=part.part, day=now, until=now)
            account = self.accounts[part] = Account(began(empty, now))
        return account

    def _make_room(self, now: Instant) -> None:
        """Close the accounts of parts where nothing runs."""
        for part, account in self.accounts.items():
            if not account.levels:
                self._over += [*account.run(now), account.row]
                account.row = began(account.row, now)
                self._dirty[part] = None
        quiet = sum(1 for account in self.accounts.values() if not account.levels)
        self._room = max(MAX_PARTS, 2 * (len(self.accounts) - quiet))

    def _write_counts(self) -> None:
        self._dirty.update(self._counted)
        self._counted.clear()
        self._write_at = None

    def _writes(self, now: Instant) -> list[Write]:
        if not self._dirty and not self._over:
            return []
        rows: list[Write] = []
        for part in self._dirty:
            account = self.accounts[part]
            self._over += account.run(now)
            self._counted.pop(part, None)
            key = f"{part.endpoint}|{part.part}"
            if account.levels or not account.row.empty:
                rows.append(Put(kind=USAGE_KIND, key=key, document=_encode(account.row)))
            else:
                del self.accounts[part]
                rows.append(Remove(kind=USAGE_KIND, key=key))
        over: list[Write] = [_closed(row) for row in self._over if not row.empty]
        self._dirty.clear()
        self._over.clear()
        return [*over, *rows]


def _closed(row: DayUse) -> Append:
    entry = f"{row.part}@{row.until}"
    return Append(kind=USAGE_KIND, key=row.endpoint, entry=entry, at=row.day, document=_encode(row))


def _add_times(into: Times, times: Times) -> None:
    for kind, sizes in times.items():
        total = into.setdefault(kind, {})
        for size, span in sizes.items():
            total[size] = total.get(size, 0) + span
