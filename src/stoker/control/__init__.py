"""The asyncio shell of the engine: it reads the clock, does what the engine asks, and keeps what must be kept."""
