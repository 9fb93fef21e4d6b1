"""Fetches the repository that HF_MODEL_ID names, when a model was made without files, by huggingface_hub and into its cache."""

from __future__ import annotations

import sys

from stoker.modelserver.report import log
from stoker.modelserver.script import LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def fetch(name: str, environment: Mapping[str, str]) -> str:
    """Give the directory with the repository's files; raises `LoadError` when they are not to be had."""
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415 - half a second, for those that need it
    except ImportError as error:
        message = f"HF_MODEL_ID: {name} is no directory here, and to download it {sys.prefix} lacks the package huggingface_hub"
        raise LoadError(message) from error
    revision = environment.get("HF_REVISION") or None
    token = environment.get("HF_HUB_TOKEN") or environment.get("HF_TOKEN") or None
    log(f"downloading {name}" + (f" at {revision}" if revision else ""))
    try:
        return str(snapshot_download(name, revision=revision, token=token))
    except Exception as error:
        raise LoadError(f"HF_MODEL_ID: {name} cannot be downloaded: {error}") from error
