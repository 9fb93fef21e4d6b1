"""Copies as child processes: how they are started, watched, limited, stopped, and found again after a restart."""

from stoker.runtimes.process.images import ImageTable
from stoker.runtimes.process.leftover import leftover
from stoker.runtimes.process.runtime import ProcessRuntime

__all__ = ["ImageTable", "ProcessRuntime", "leftover"]
