"""The pipeline for a repository's task: small ones of our own over ONNX, all others from transformers where that is installed."""

from __future__ import annotations

import json
import os
import sys

from stoker.modelserver.hub.requests import FILE_TYPE
from stoker.modelserver.report import log
from stoker.modelserver.script import LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAGIKA = "config.min.json"
"""What a directory of Google's magika has, besides `model.onnx`."""
ONNX_NAMES = (
    "model.onnx",
    "onnx/model.onnx",
    "onnx/model_quantized.onnx",
    "model_quantized.onnx",
    "onnx/model_int8.onnx",
    "onnx/model_qint8_avx512_vnni.onnx",
)
"""Where repositories of the Hub have their ONNX files, the ones to prefer first."""
EMBEDDING = frozenset({"feature-extraction", "sentence-similarity", "sentence-embeddings"})
SENTENCES = EMBEDDING - {"feature-extraction"}
CLASSIFICATION = frozenset({"text-classification", "sentiment-analysis", "zero-shot-classification"})
FILE_TASKS = frozenset({FILE_TYPE, "text-classification"})
KNOWN = EMBEDDING | CLASSIFICATION | FILE_TASKS
OF_TRANSFORMERS = frozenset(
    {
        "audio-classification",
        "automatic-speech-recognition",
        "depth-estimation",
        "document-question-answering",
        "fill-mask",
        "image-classification",
        "image-feature-extraction",
        "image-segmentation",
        "image-text-to-text",
        "image-to-image",
        "image-to-text",
        "mask-generation",
        "ner",
        "object-detection",
        "question-answering",
        "summarization",
        "table-question-answering",
        "text-generation",
        "text-to-audio",
        "text-to-speech",
        "text2text-generation",
        "token-classification",
        "translation",
        "video-classification",
        "visual-question-answering",
        "vqa",
        "zero-shot-audio-classification",
        "zero-shot-image-classification",
        "zero-shot-object-detection",
    }
)
"""Tasks that are transformers' alone."""


def load_task(folder: str, task: str) -> tuple[Callable[..., object], str]:
    """Give the pipeline of a repository and its task; an empty task is found out. Raises `LoadError`."""
    if os.path.isfile(os.path.join(folder, MAGIKA)):
        return _file_types(folder, task)
    task = task or _found_out(folder)
    if not (task in KNOWN or task in OF_TRANSFORMERS or task.startswith("translation_")):
        raise LoadError(f"HF_TASK: there is no task {task!r}; known are {', '.join(sorted(KNOWN | OF_TRANSFORMERS))}")
    onnx = _onnx(folder)
    if onnx and task in EMBEDDING | CLASSIFICATION:
        if not os.path.isfile(os.path.join(folder, "tokenizer.json")):
            raise LoadError(f"{onnx} needs a tokenizer.json beside it, and {folder} has none")
        return _on_onnx(folder, onnx, task), task
    if task in SENTENCES:
        return _by_sentence_transformers(folder, task), task
    return _by_transformers(folder, task), task


def _found_out(folder: str) -> str:
    """Tell the task by what is in the repository: its files, the head of its README, or its architecture."""
    if os.path.isfile(os.path.join(folder, "modules.json")) or os.path.isdir(os.path.join(folder, "1_Pooling")):
        return "sentence-similarity"
    named = _pipeline_tag(os.path.join(folder, "README.md"))
    if named:
        return named
    for architecture in _listed(folder, "architectures"):
        for ending, task in _ENDINGS:
            if architecture.endswith(ending):
                return task
    if any(name.endswith(".gguf") for name in os.listdir(folder)):
        raise LoadError("the repository holds a GGUF file, which the image hf/llamacpp serves")
    looked = "handler.py, pipeline.py, modules.json, README.md's pipeline_tag and config.json's architectures"
    raise LoadError(f"HF_TASK: the repository does not tell its task (looked at {looked}); set the endpoint's task")


_ENDINGS = (
    ("ForSequenceClassification", "text-classification"),
    ("ForTokenClassification", "token-classification"),
    ("ForQuestionAnswering", "question-answering"),
    ("ForMaskedLM", "fill-mask"),
    ("ForCausalLM", "text-generation"),
    ("LMHeadModel", "text-generation"),
    ("ForConditionalGeneration", "text2text-generation"),
    ("ForImageClassification", "image-classification"),
    ("ForObjectDetection", "object-detection"),
    ("ForCTC", "automatic-speech-recognition"),
    ("Model", "feature-extraction"),
)


def _pipeline_tag(path: str) -> str:
    """Read the one line of a README's head that names the task."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read(65536).splitlines()
    except OSError:
        return ""
    if not lines or lines[0].strip() != "---":
        return ""
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name == "pipeline_tag":
            return value.strip().strip("\"'")
        if line.strip() == "---":
            break
    return ""


def _listed(folder: str, name: str) -> list[str]:
    values = read_config(folder, "config.json").get(name)
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def read_config(folder: str, name: str) -> dict[str, object]:
    """Give a JSON object of the repository, empty when it is not there; raises `LoadError` when it is none."""
    path = os.path.join(folder, name)
    try:
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise LoadError(f"{path} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise LoadError(f"{path} is not a JSON object")
    return values


def _onnx(folder: str) -> str:
    """Give the path of the repository's ONNX file, or nothing."""
    for name in ONNX_NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    for place in (folder, os.path.join(folder, "onnx")):
        if os.path.isdir(place):
            names = sorted(name for name in os.listdir(place) if name.endswith(".onnx"))
            if names:
                return os.path.join(place, names[0])
    return ""


def _on_onnx(folder: str, onnx: str, task: str) -> Callable[..., object]:
    try:
        from stoker.modelserver.hub.text_models import Classifier, Embedder  # noqa: PLC0415 - needs numpy and onnxruntime
    except ImportError as error:
        raise LoadError(_missing(task, error.name or "onnxruntime", "onnx")) from error
    log(f"{onnx} is run by onnxruntime")
    return Embedder(folder, onnx, task) if task in EMBEDDING else Classifier(folder, onnx, task)


def _file_types(folder: str, task: str) -> tuple[Callable[..., object], str]:
    if task and task not in FILE_TASKS:
        raise LoadError(f"HF_TASK: a model of magika's has the task {FILE_TYPE} (or text-classification), not {task!r}")
    try:
        from stoker.modelserver.hub.file_types import FileTypes  # noqa: PLC0415 - needs magika
    except ImportError as error:
        raise LoadError(_missing(FILE_TYPE, error.name or "magika", "")) from error
    return FileTypes(folder), FILE_TYPE


def _by_sentence_transformers(folder: str, task: str) -> Callable[..., object]:
    """Transformers has no pipeline for tasks of sentences."""
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds, for those repositories that need it

        from stoker.modelserver.hub.sentences import Sentences  # noqa: PLC0415 - needs numpy
    except ImportError as error:
        reason = _missing(task, error.name or "sentence_transformers", "")
        raise LoadError(f"{reason}; or have the repository hold an ONNX file") from error
    return Sentences(SentenceTransformer(folder).encode, task, normal=False)


def _by_transformers(folder: str, task: str) -> Callable[..., object]:
    try:
        from transformers import pipeline  # noqa: PLC0415 - seconds, for those repositories that need it
    except ImportError as error:
        raise LoadError(_missing(task, error.name or "transformers", "")) from error
    trusted = os.environ.get("HF_TRUST_REMOTE_CODE", "").strip().lower() in {"1", "true", "yes", "on"}
    made: Callable[..., object] = pipeline(task=task, model=folder, trust_remote_code=trusted)
    return made


def _missing(task: str, package: str, extra: str) -> str:
    hint = f", or Stoker's extra {extra!r}" if extra else ""
    return f"the task {task} needs the package {package}, which {sys.prefix} does not have; install it there{hint}"
