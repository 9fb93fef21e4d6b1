"""`hf://org/name[@revision]`: how a repository on a hub is named."""

import importlib.util
import re
from typing import Self
from urllib.parse import quote, unquote

import msgspec

from stoker.errors import InvalidParameterError

HUB = "hf://"
EXTRA = "hf"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./-]{0,199}")


class HubUrl(msgspec.Struct, frozen=True, kw_only=True):
    """A repository's name, and its branch, tag or commit; empty for the main one."""

    name: str
    revision: str = ""

    def __post_init__(self) -> None:
        """Refuse a revision that none can have."""
        if self.revision and not _REVISION.fullmatch(self.revision):
            raise InvalidParameterError(f"The revision '{self.revision[:200]}' cannot be one.", field="revision")

    @property
    def text(self) -> str:
        """The URL."""
        return HUB + self.name + (f"@{quote(self.revision, safe='')}" if self.revision else "")

    @classmethod
    def read(cls, url: str, field: str) -> Self:
        """Take a URL apart; `InvalidParameterError` (of `field`) when it is none."""
        name, at, revision = url.removeprefix(HUB).partition("@")
        if not _NAME.fullmatch(name) or (at and not _REVISION.fullmatch(unquote(revision))):
            message = f"{field} '{url[:300]}' is not hf://org/name or hf://org/name@revision."
            raise InvalidParameterError(message, field=field)
        return cls(name=name, revision=unquote(revision))


def client_is_there() -> bool:
    """Tell whether the extra that downloads is installed; it is not imported for that."""
    return importlib.util.find_spec("huggingface_hub") is not None
