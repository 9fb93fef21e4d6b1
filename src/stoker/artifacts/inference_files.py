"""Inputs and outputs of asynchronous inference: objects of the buckets here, files of this machine, and what https gives.

Everything here blocks. A caller may be one who may do nothing but invoke: what it names is read in the server's name, and so
nothing of the data directory is given out but objects, and files of the machine only where the installation says so.
"""

import contextlib
import tempfile
import urllib.error
import urllib.request
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote, urlsplit

from stoker.artifacts.bucket_paths import key_path
from stoker.artifacts.buckets import Buckets
from stoker.artifacts.objects import Incoming
from stoker.errors import ConflictError, DomainError, InvalidParameterError, LimitError, NotFoundError, UnavailableError

S3: Final = "s3://"
FILE: Final = "file://"
HTTPS: Final = "https://"
INPUT: Final = "InputLocation"
OUTPUT: Final = "OutputConfig.S3OutputPath"
MARK: Final = "x-amz-meta-stoker-request"
"""The header of an object that tells which request it is the result of."""
FETCH_S: Final = 60.0
"""Seconds that an https server gets for each piece of an input."""
_BLOCK: Final = 1 << 20


class Sink:
    """A result on its way to its place: whole or not at all."""

    __slots__ = ("_bucket", "_buckets", "_came", "_key", "_path")

    def __init__(self, came: Incoming, *, buckets: Buckets | None = None, bucket: str = "", key: str = "", path: Path) -> None:
        self._came = came
        self._buckets = buckets
        self._bucket = bucket
        self._key = key
        self._path = path

    @property
    def size(self) -> int:
        """Bytes taken so far."""
        return self._came.size

    def write(self, data: bytes) -> None:
        """Take more bytes; `LimitError` beyond what an object may have."""
        self._came.write(data)

    def keep(self, request_id: str, content_type: str) -> None:
        """Put it in its place. It is on the disk then."""
        self._came.sync()
        if self._buckets is not None:
            headers = {MARK: request_id, **({"content-type": content_type} if content_type else {})}
            self._buckets.put(self._bucket, self._key, self._came, headers=headers)
            return
        self._came.close()
        try:
            self._came.path.replace(self._path)
        except OSError as error:
            raise ConflictError("file", str(self._path), f"{self._path} cannot be written: {error.strerror}.") from error

    def drop(self) -> None:
        """Forget all of it; nothing happens when it was kept."""
        self._came.drop()


class InferenceFiles:
    """Reads inputs of up to `most_bytes`, and writes outputs. `machine` allows inputs that are files of this machine."""

    __slots__ = ("_buckets", "_data", "_machine", "most_bytes")

    def __init__(self, data: Path, buckets: Buckets, *, most_bytes: int, machine: bool) -> None:
        self._data = data.resolve()
        self._buckets = buckets
        self._machine = machine
        self.most_bytes = most_bytes

    def check_input(self, url: str) -> None:
        """Raise `InvalidParameterError` for an input that is not there, or may not be read."""
        if url.startswith(HTTPS):
            if not urlsplit(url).hostname:
                raise InvalidParameterError(f"{INPUT} '{url}' names no host.", field=INPUT)
            return
        size = self._input_path(url).stat().st_size
        if size > self.most_bytes:
            raise InvalidParameterError(f"{INPUT} '{url}' has {size} bytes; {self.most_bytes} are allowed.", field=INPUT)

    def check_output(self, url: str, field: str = OUTPUT) -> None:
        """Raise `InvalidParameterError` for a place that nothing can be written to."""
        if url.startswith(S3):
            self._object(url, field)
        else:
            self._file(url, field)

    def open_input(self, url: str) -> IO[bytes]:
        """Give an input to be read, from its beginning. `InvalidParameterError`, `LimitError`, `UnavailableError`."""
        if url.startswith(HTTPS):
            return self._fetched(url)
        try:
            return self._input_path(url).open("rb")
        except OSError as error:
            raise InvalidParameterError(f"{INPUT} '{url}' cannot be read: {error.strerror}.", field=INPUT) from error

    def open_output(self, url: str, field: str = OUTPUT) -> Sink:
        """Begin to write a result. `InvalidParameterError` and `LimitError` when it cannot be."""
        if url.startswith(S3):
            bucket, key = self._object(url, field)
            return Sink(self._buckets.incoming(bucket), buckets=self._buckets, bucket=bucket, key=key, path=Path(key))
        path = self._file(url, field)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return Sink(Incoming(path.parent, most_bytes=self._buckets.limits.object_bytes), path=path)
        except OSError as error:
            raise InvalidParameterError(f"{field} '{url}' cannot be written to: {error.strerror}.", field=field) from error

    def result_of(self, url: str) -> str:
        """Give the id of the request that the object at an output's place is the result of; empty when none is there."""
        if not url.startswith(S3):
            return ""
        bucket, _, key = url.removeprefix(S3).partition("/")
        try:
            return self._buckets.get(bucket, key).headers.get(MARK, "")
        except DomainError:
            return ""

    def result(self, url: str, most: int) -> bytes | None:
        """Give a result that was written, if it is there and has no more than so many bytes."""
        try:
            if url.startswith(S3):
                bucket, _, key = url.removeprefix(S3).partition("/")
                path = self._buckets.get(bucket, key).path
            else:
                path = self._file(url, OUTPUT)
            return path.read_bytes() if path.stat().st_size <= most else None
        except (DomainError, OSError):
            return None

    def _input_path(self, url: str) -> Path:
        if url.startswith(S3):
            bucket, _, key = url.removeprefix(S3).partition("/")
            try:
                return self._buckets.get(bucket, key).path
            except DomainError as error:
                raise InvalidParameterError(f"{INPUT} '{url}': {error.message}", field=INPUT) from error
        if not self._machine:
            text = f"{INPUT} '{url}': this server reads no files of its machine (inference.file_inputs); use a bucket."
            raise InvalidParameterError(text, field=INPUT)
        path = self._file(url, INPUT)
        if not path.is_file():
            raise InvalidParameterError(f"{INPUT} '{url}': there is no such file.", field=INPUT)
        return path

    def _object(self, url: str, field: str) -> tuple[str, str]:
        bucket, _, key = url.removeprefix(S3).partition("/")
        try:
            key_path(self._buckets.folder(bucket), key)
        except (NotFoundError, InvalidParameterError) as error:
            raise InvalidParameterError(f"{field} '{url}': {error.message}", field=field) from error
        return bucket, key

    def _file(self, url: str, field: str) -> Path:
        """Give the path of a `file://` URL, links followed; nothing within the data directory."""
        parts = urlsplit(url)
        name = unquote(parts.path)
        if not url.startswith(FILE) or parts.netloc not in {"", "localhost"} or not name.startswith("/") or "\0" in name:
            text = f"{field} '{url}' is neither s3://BUCKET/KEY nor file:// with an absolute path."
            raise InvalidParameterError(text, field=field)
        path = Path(name).resolve()
        if path.is_relative_to(self._data):
            raise InvalidParameterError(f"{field} '{url}' is in the server's own data directory.", field=field)
        return path

    def _fetched(self, url: str) -> IO[bytes]:
        """Fetch an input; only certificates are believed, and nothing but https is followed."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it is the caller's
        try:
            with contextlib.closing(_OPENER.open(url, timeout=FETCH_S)) as reply:
                while file.tell() <= self.most_bytes and (block := reply.read(_BLOCK)):
                    file.write(block)
        except (OSError, urllib.error.URLError, ValueError) as error:
            file.close()
            raise UnavailableError(f"{INPUT} '{url}' cannot be fetched: {error}.") from error
        if file.tell() > self.most_bytes:
            file.close()
            raise LimitError(f"{INPUT} '{url}' has more than {self.most_bytes} bytes.", limit="input", maximum=self.most_bytes)
        file.seek(0)
        return file


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirection only to https."""

    def redirect_request(  # noqa: PLR0917 - the standard library's signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """Give the request to follow with."""
        if not newurl.startswith(HTTPS):
            raise urllib.error.HTTPError(newurl, code, "it leads away from https", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER: Final = urllib.request.build_opener(_HttpsOnly())
