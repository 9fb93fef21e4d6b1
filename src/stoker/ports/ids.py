"""The port to new identities (declared with the names, since the engine below needs it)."""

from stoker.domain.ids import IdSource as IdSource
