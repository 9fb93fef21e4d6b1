"""The names of models that clients of OpenAI's kind give in their requests, as tags tell them."""

from collections.abc import Mapping
from typing import Final

NAMES: Final = "stoker:model-names"
"""The tag of a component or an endpoint with further names, separated by blanks or commas (AWS's API lets no commas through)."""
SERVED: Final = "stoker:served-name"
"""The tag that tells what the model server itself calls the model; requests are rewritten to it."""


def names_of(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Give the further names, each once."""
    return tuple(dict.fromkeys(tags.get(NAMES, "").replace(",", " ").split()))


def served_of(tags: Mapping[str, str]) -> str:
    """Give what the model server calls the model; empty when nobody has said."""
    return tags.get(SERVED, "").strip()
