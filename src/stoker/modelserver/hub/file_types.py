"""What kind of file some bytes are, by Google's magika: the smallest real model there is in a package."""

from __future__ import annotations

from magika import Magika

from stoker.modelserver.script import LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path as PathType


class FileTypes:
    """Tells the label of text or bytes, with its score."""

    __slots__ = ("_magika",)

    def __init__(self, folder: str) -> None:
        """Load the model in the directory."""
        from pathlib import Path  # noqa: PLC0415 - magika has brought it along

        path: PathType = Path(folder)
        try:
            self._magika = Magika(model_dir=path)
        except Exception as error:
            raise LoadError(f"magika cannot load {folder}: {error}") from error

    def __call__(self, inputs: object, **parameters: object) -> list[dict[str, object]]:
        """Give `[{"label": ..., "score": ...}]`; a list of inputs gives one of these for each."""
        if parameters.keys() - {"top_k", "function_to_apply"}:
            message = f"unknown parameters: {', '.join(sorted(parameters))}"
            raise ValueError(message)
        if isinstance(inputs, list):
            return [self._told(each) for each in inputs]
        return [self._told(inputs)]

    def _told(self, given: object) -> dict[str, object]:
        if isinstance(given, str):
            given = given.encode("utf-8", "surrogatepass")
        if not isinstance(given, bytes):
            message = f"inputs must be text or bytes, or a list of texts, not {type(given).__name__}"
            raise TypeError(message)
        result = self._magika.identify_bytes(given)
        return {"label": str(result.output.label), "score": float(result.score)}
