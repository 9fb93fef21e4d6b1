"""What signatures are made with: the key of a day, and what a client's signatures say alike all that day."""

import hashlib
from typing import Final

from stoker.wire.aws.identity import Principal
from stoker.wire.aws.signature_forms import Signed

TOKEN: Final = b"x-amz-security-token"
"""The header that a session's token comes in."""
_MAX_SHAPES: Final = 16


class SigningKey:
    """A key of 32 bytes with both halves of its HMAC-SHA256 begun: made for each signature, they would double its time."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in block]))
        self._outer = hashlib.sha256(bytes([byte ^ 0x5C for byte in block]))

    def sign(self, text: bytes) -> bytes:
        """Give the signature of a text, in hexadecimal."""
        return self.finish(self._inner, text)

    def begin(self, text: bytes) -> "hashlib._Hash":
        """Begin to sign texts that begin with this one."""
        begun = self._inner.copy()
        begun.update(text)
        return begun

    def finish(self, begun: "hashlib._Hash", text: bytes) -> bytes:
        """Give the signature of a text that was begun, in hexadecimal, with the rest of it; what was begun stays as it was."""
        inner = begun.copy()
        inner.update(text)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest().encode()


class Claim:
    """What a client's signatures have in common for a day.

    `form` takes method, path, the values of the signed headers and the body's digest, and gives what is signed (its digest, that
    is). `shapes` are the sets of headers, as they come, of which those that must be signed are signed.
    """

    __slots__ = ("day", "form", "names", "principal", "scope", "scope_text", "session", "shapes")

    def __init__(self, signed: Signed, names: tuple[bytes, ...]) -> None:
        self.day = signed.scope[0].encode()
        self.scope = signed.scope
        self.scope_text = "/".join(signed.scope).encode()
        self.principal = Principal(access_key=signed.access_key, region=signed.scope[1], service=signed.scope[2])
        self.names = names
        self.session = TOKEN in names
        listed = [name.replace(b"%", b"%%") for name in names]
        lines = b"\n".join([name + b":%s" for name in listed])
        self.form = b"%%s\n%%s\n\n%s\n\n%s\n%%s" % (lines, b";".join(listed))
        self.shapes: set[tuple[bytes, ...]] = set()

    def covers(self, names: tuple[bytes, ...]) -> bool:
        """Tell whether every header that must be signed is."""
        if names in self.shapes:
            return True
        if not all(name in self.names for name in names if name.startswith(b"x-amz-")):
            return False
        if len(self.shapes) < _MAX_SHAPES:
            self.shapes.add(names)
        return True
