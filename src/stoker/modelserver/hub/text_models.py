"""Models of text as ONNX files: embeddings and classes, by onnxruntime and tokenizers, without torch or transformers."""

from __future__ import annotations

import os

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from stoker.modelserver.hub.sentences import PASSED_OVER, Sentences, refuse_unknown, texts_in
from stoker.modelserver.hub.tasks import read_config
from stoker.modelserver.script import LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BATCH = 32
"""Texts that go through the model at once: what a request may take of memory is bounded by it."""
MOST_TOKENS = 512
_UNBOUNDED = 1 << 20  # tokenizers' configurations write "no limit" as a very large number


class TextModel:
    """A tokenizer and a session: texts in, the session's outputs and the mask of real tokens out."""

    __slots__ = ("_inputs", "_session", "_tokenizer", "outputs")

    def __init__(self, folder: str, onnx: str) -> None:
        """Load both; the model computes on as many threads as OMP_NUM_THREADS says, one if it does not."""
        self._tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        self._tokenizer.no_padding()  # some come with a fixed width, which costs seven times the work of a short text
        self._tokenizer.enable_truncation(max_length=_most_tokens(folder))
        self._tokenizer.enable_padding(pad_id=_whole(read_config(folder, "config.json"), "pad_token_id", 0))
        options = onnxruntime.SessionOptions()
        threads = os.environ.get("OMP_NUM_THREADS", "")
        options.intra_op_num_threads = int(threads) if threads.isdecimal() and threads != "0" else 1
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise LoadError(f"onnxruntime cannot load {onnx}: {error}") from error
        self._inputs = [each.name for each in self._session.get_inputs()]
        self.outputs = [each.name for each in self._session.get_outputs()]

    def run(self, texts: list[str]) -> tuple[list[Floats], NDArray[np.int64]]:
        """Give the outputs for at most `BATCH` texts, and their attention mask."""
        encoded = self._tokenizer.encode_batch(texts)
        mask = np.array([each.attention_mask for each in encoded], dtype=np.int64)
        known = {
            "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([each.type_ids for each in encoded], dtype=np.int64),
        }
        return self._session.run(None, {name: known[name] for name in self._inputs}), mask

    def run_pairs(self, pairs: list[tuple[str, str]]) -> list[Floats]:
        """Give the outputs for pairs of texts, as models that compare two take them."""
        encoded = self._tokenizer.encode_batch(pairs)
        known = {
            "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
            "attention_mask": np.array([each.attention_mask for each in encoded], dtype=np.int64),
            "token_type_ids": np.array([each.type_ids for each in encoded], dtype=np.int64),
        }
        outputs: list[Floats] = self._session.run(None, {name: known[name] for name in self._inputs})
        return outputs


class Embedder:
    """`feature-extraction`, `sentence-similarity` and `sentence-embeddings`."""

    __slots__ = ("_first", "_model", "_pooled", "_sentences")

    def __init__(self, folder: str, onnx: str, task: str) -> None:
        """Load the model; how a sentence's tokens become one vector is read from the repository (mean unless it says `cls`).

        `feature-extraction` by a model that is none of sentences gives the vectors of all tokens, as transformers' pipeline does.
        """
        self._model = TextModel(folder, onnx)
        self._first = bool(read_config(folder, "1_Pooling/config.json").get("pooling_mode_cls_token"))
        self._pooled = "sentence_embedding" in self._model.outputs
        of_sentences = task != "feature-extraction" or self._pooled or _is_sentence_repository(folder)
        self._sentences = Sentences(self._encode, task, normal=_normalizes(folder)) if of_sentences else None

    def __call__(self, inputs: object, **parameters: object) -> object:
        """Give what the task's reply is."""
        if self._sentences is not None:
            return self._sentences(inputs, **parameters)
        refuse_unknown(parameters, PASSED_OVER)
        return self._tokens(texts_in(inputs))

    def _encode(self, texts: list[str]) -> Floats:
        found = [self._pool(*self._model.run(texts[at : at + BATCH])) for at in range(0, len(texts), BATCH)]
        return np.concatenate(found).astype(np.float32)

    def _pool(self, outputs: list[Floats], mask: NDArray[np.int64]) -> Floats:
        if self._pooled:
            return outputs[self._model.outputs.index("sentence_embedding")]
        states = outputs[0]
        if states.ndim == 2:
            return states
        if self._first:
            return states[:, 0]
        weights = mask[:, :, None].astype(np.float32)
        pooled: Floats = (states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        return pooled

    def _tokens(self, texts: list[str]) -> list[object]:
        """Give each token's vector, `[text][token][dimension]`, as transformers' pipeline does."""
        found: list[object] = []
        for text in texts:
            outputs, _mask = self._model.run([text])
            found.append(outputs[0][0].tolist())
        return found


class Classifier:
    """`text-classification`, and `zero-shot-classification` by a model of entailment."""

    __slots__ = ("_labels", "_model", "_several", "_task")

    def __init__(self, folder: str, onnx: str, task: str) -> None:
        """Load the model and the names of its classes."""
        self._model = TextModel(folder, onnx)
        self._task = task
        config = read_config(folder, "config.json")
        named = config.get("id2label")
        labels = {int(place): str(label) for place, label in named.items()} if isinstance(named, dict) else {}
        self._labels = labels
        self._several = config.get("problem_type") == "multi_label_classification"

    def __call__(self, inputs: object, **parameters: object) -> object:
        """Give `[{"label", "score"}]`, the best first; for a list of texts and `top_k` one such list each."""
        if self._task == "zero-shot-classification":
            return self._zero_shot(inputs, **parameters)
        top_k, applied = parameters.pop("top_k", 1), parameters.pop("function_to_apply", None)
        refuse_unknown(parameters, frozenset({"truncation", "padding", "max_length", "return_all_scores"}))
        if top_k is not None and (not isinstance(top_k, int) or top_k < 1):
            message = "top_k must be a whole number from 1, or null for all"
            raise ValueError(message)
        texts = texts_in(inputs)
        ranked = [self._ranked(scores, top_k) for scores in self._scores(texts, applied)]
        if isinstance(inputs, str):
            return ranked[0]
        return [each[0] for each in ranked] if top_k == 1 else ranked

    def _scores(self, texts: list[str], applied: object) -> list[Floats]:
        found: list[Floats] = []
        for at in range(0, len(texts), BATCH):
            outputs, _mask = self._model.run(texts[at : at + BATCH])
            found.extend(self._applied(logits, applied) for logits in outputs[0])
        return found

    def _applied(self, logits: Floats, applied: object) -> Floats:
        if applied is None:
            applied = "sigmoid" if self._several or len(logits) == 1 else "softmax"
        if applied == "softmax":
            return _softmax(logits)
        if applied == "sigmoid":
            return _sigmoid(logits)
        if applied == "none":
            return logits
        message = "function_to_apply must be softmax, sigmoid or none"
        raise ValueError(message)

    def _ranked(self, scores: Floats, top_k: int | None) -> list[dict[str, object]]:
        order = np.argsort(-scores)[:top_k]
        return [{"label": self._labels.get(int(at), f"LABEL_{int(at)}"), "score": float(scores[at])} for at in order]

    def _zero_shot(self, inputs: object, **parameters: object) -> list[dict[str, object]]:
        candidates = parameters.pop("candidate_labels", None)
        several = bool(parameters.pop("multi_label", False))
        template = parameters.pop("hypothesis_template", None) or "This example is {}."
        refuse_unknown(parameters)
        labels = candidates.split(",") if isinstance(candidates, str) else candidates
        if not isinstance(inputs, str) or not isinstance(labels, list) or not labels or not isinstance(template, str):
            message = "inputs must be a text, and parameters.candidate_labels a list of texts"
            raise TypeError(message)
        yes = next((at for at, label in self._labels.items() if label.lower().startswith("entail")), None)
        no = next((at for at, label in self._labels.items() if label.lower().startswith("contra")), None)
        if yes is None or no is None:
            message = "the model is none of entailment: its classes are " + ", ".join(self._labels.values())
            raise ValueError(message)
        names = [label.strip() for label in texts_in(labels)]
        logits = np.concatenate([self._model.run_pairs([(inputs, template.format(name))])[0] for name in names])
        scores = _softmax(logits[:, [no, yes]])[:, 1] if several or len(names) == 1 else _softmax(logits[:, yes])
        order = np.argsort(-scores)
        return [{"label": names[at], "score": float(scores[at])} for at in order]


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _sigmoid(logits: Floats) -> Floats:
    scores: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return scores


def _is_sentence_repository(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "modules.json")) or os.path.isdir(os.path.join(folder, "1_Pooling"))


def _normalizes(folder: str) -> bool:
    """Tell whether the repository's modules end in one that brings vectors to length one."""
    try:
        with open(os.path.join(folder, "modules.json"), encoding="utf-8") as file:
            return "Normalize" in file.read(65536)
    except OSError:
        return False


def _most_tokens(folder: str) -> int:
    places = (
        ("sentence_bert_config.json", "max_seq_length"),
        ("tokenizer_config.json", "model_max_length"),
        ("config.json", "max_position_embeddings"),
    )
    for file, name in places:
        most = _whole(read_config(folder, file), name, 0)
        if 0 < most < _UNBOUNDED:
            return most
    return MOST_TOKENS


def _whole(values: dict[str, object], name: str, default: int) -> int:
    value = values.get(name)
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1 << 62 else default
