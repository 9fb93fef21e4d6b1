"""What tests of the gateway share."""

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give an event loop that runs only when a test has it run."""
    one = asyncio.new_event_loop()
    yield one
    one.close()
