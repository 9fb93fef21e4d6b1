"""Asks model servers for their own metrics, every ten seconds of the platform's clock, and publishes them as a user would.

Only those are asked whose image says where (`[[images]] metrics`). How much is published is bounded: names by copy, and series
in all.
"""

import asyncio
from collections.abc import Iterator, Mapping

import structlog

from stoker.control.sampling import EVERY, LEAST_S, Watched
from stoker.domain.alarms import MetricKey
from stoker.domain.ids import CopyId
from stoker.engine.events import MetricsPut, SampleSet
from stoker.engine.platform import Platform
from stoker.ports.clock import Clock
from stoker.ports.runtime import Runtime
from stoker.telemetry.scraped import Growth, Told, read
from stoker.units import MINUTE, SECOND, Instant, next_after

log = structlog.get_logger(__name__)

COMPONENTS = "/stoker/InferenceComponents"
VARIANTS = "/stoker/Endpoints"
"""The namespaces, beside those in which AWS publishes utilisation: by component, and by endpoint and variant."""

SHORT = 16_384
"""Bytes of texts that are read at once; what is longer is read beside other work."""

MAX_SERIES = 5_000
"""Series in all; what would come beyond is left out until some are gone."""


async def scrape(runtime: Runtime, driver: Watched, clock: Clock) -> None:
    """Ask and publish until cancelled."""
    growth, series = Growth(), Series()
    while True:
        now = clock.now()
        await asyncio.sleep(max(LEAST_S, clock.wall_s(next_after(now, EVERY) - now)))
        texts = await runtime.exposed()
        if not texts and not series.known:
            continue
        short = sum(map(len, texts.values())) <= SHORT
        values = growth.of((_read_all(texts) if short else await asyncio.to_thread(_read_all, texts)).items())
        at = clock.now()
        samples = tuple(series.samples(driver.platform, values, at - at % SECOND - 1))
        if samples:
            driver.post(MetricsPut(samples=samples))


def _read_all(texts: Mapping[CopyId, bytes]) -> dict[CopyId, dict[str, Told]]:
    return {copy_id: read(text) for copy_id, text in texts.items()}


class Series:
    """The series that are published now, `MAX_SERIES` of them at most."""

    __slots__ = ("_full", "known")

    def __init__(self) -> None:
        self.known: dict[MetricKey, None] = {}
        self._full = False

    def samples(self, platform: Platform, values: Mapping[CopyId, Mapping[str, float]], at: Instant) -> Iterator[SampleSet]:
        """Give a sample for each value of each copy that there is; copies of one workload have one series together."""
        before, self.known = self.known, {}
        wanted = [
            (MetricKey(namespace=place[0], name=name, dimensions=place[1]), value)
            for copy_id, names in values.items()
            if (place := _place(platform, copy_id)) is not None
            for name, value in names.items()
        ]
        self.known.update((key, None) for key, _ in wanted if key in before)  # those that are there go first
        for key, value in wanted:
            if key in self.known or len(self.known) < MAX_SERIES:
                self.known[key] = None
                yield SampleSet(key=key, at=at, count=1.0, total=value, least=value, most=value, resolution=MINUTE)
        full = len(self.known) >= MAX_SERIES
        if full and not self._full:
            log.warning("scraped_series_full", limit=MAX_SERIES)
        self._full = full


def _place(platform: Platform, copy_id: CopyId) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Give the namespace and the dimensions of a copy's metrics."""
    copy = platform.fleet.copies.get(copy_id)
    if copy is None:
        return None
    kind, _, rest = copy.workload.partition("/")
    if kind == "ic":
        return COMPONENTS, (("InferenceComponentName", rest),)
    endpoint, _, variant = rest.partition("/")
    return VARIANTS, (("EndpointName", endpoint), ("VariantName", variant))
