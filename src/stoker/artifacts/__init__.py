"""Model files: fetched, unpacked, kept by their content, in bounded space."""

from stoker.artifacts.local import LocalArtifacts

__all__ = ["LocalArtifacts"]
