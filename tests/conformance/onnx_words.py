"""A classifier small enough to be written by hand: each word weighs for each class, and a text's words are added up.

It is a real ONNX file (opset 11: Gather, ReduceSum), put together here because nothing installed writes such files.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

_FLOAT, _INT64 = 1, 7
_INTS, _INT = 7, 2


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, value: int | str | bytes) -> bytes:
    """Write one field of a protocol buffer: a number, or a text, bytes or a message inside."""
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    content = value.encode() if isinstance(value, str) else value
    return _number(number << 3 | 2) + _number(len(content)) + content


def _node(kind: str, inputs: Sequence[str], output: str, *attributes: bytes) -> bytes:
    return b"".join(
        [*(_field(1, name) for name in inputs), _field(2, output), _field(4, kind), *(_field(5, a) for a in attributes)]
    )


def _value(name: str, element: int, dimensions: Sequence[str | int]) -> bytes:
    sides = b"".join(_field(1, _field(1, each) if isinstance(each, int) else _field(2, each)) for each in dimensions)
    return _field(1, name) + _field(2, _field(1, _field(1, element) + _field(2, sides)))


def word_classifier(weights: Sequence[Sequence[float]]) -> bytes:
    """Give the file for weights by word and class; its one input is `input_ids`, its output `logits`."""
    words, classes = len(weights), len(weights[0])
    raw = b"".join(struct.pack(f"<{classes}f", *row) for row in weights)
    table = _field(1, words) + _field(1, classes) + _field(2, _FLOAT) + _field(8, "weights") + _field(9, raw)
    axes = _field(1, "axes") + _field(8, 1) + _field(20, _INTS)
    keep = _field(1, "keepdims") + _field(3, 0) + _field(20, _INT)
    graph = b"".join(
        [
            _field(1, _node("Gather", ["weights", "input_ids"], "weighed")),
            _field(1, _node("ReduceSum", ["weighed"], "logits", axes, keep)),
            _field(2, "words"),
            _field(5, table),
            _field(11, _value("input_ids", _INT64, ["texts", "words"])),
            _field(12, _value("logits", _FLOAT, ["texts", classes])),
        ]
    )
    return _field(1, 7) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 11))


def classifier(folder: Path, words: Mapping[str, Sequence[float]], labels: Sequence[str], **config: object) -> Path:
    """Lay out a repository with a classifier of these words; all others weigh nothing."""
    none = [0.0] * len(labels)
    vocabulary = {word: place for place, word in enumerate(["[PAD]", "[UNK]", *words])}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(word_classifier([none, none, *words.values()]))
    tokenizer = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }
    named = {"id2label": {str(place): label for place, label in enumerate(labels)}, "pad_token_id": 0, **config}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "config.json").write_text(json.dumps(named))
    return folder
