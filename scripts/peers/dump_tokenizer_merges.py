#!/usr/bin/env python3
"""Make Tests/Fixtures/tokenizer-merges: merges of models whose vocabularies differ, by mergekit.

    pip install 'mergekit==0.1.4' 'transformers<5'
    python scripts/peers/dump_tokenizer_merges.py

`models/` are random models of a few dozen tokens with their tokenizers: Llamas with byte-level BPE and
BERTs with WordPiece. Every other folder is a recipe and what mergekit makes of it: the tensors, the
number of tokens in its configuration, its vocabulary, and how its tokenizer reads some texts.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
import yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
from mergekit.tokenizer.config import ZeroEmbedding
from mergekit.tokenizer.embed import PermutedEmbeddings
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    AutoConfig,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)
from transformers.models.bert.modeling_bert import BertPooler

OUTPUT = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "tokenizer-merges"

TEXTS = [
    "merge the models",
    "<|user|>merge them <|end|>",
    "the <tool> merges; <|end|><|end|>",
    "[CLS] the ducks merged [MASK] <url> [SEP]",
    "ducks dive and resurface",
    "",
]

PLAIN = "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}"
ANGLED = "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"


def special(text: str) -> AddedToken:
    return AddedToken(text, special=True, normalized=False)


def bpe(words: list[str], tokens: list[AddedToken], shift: int = 0) -> Tokenizer:
    """Letters and the beginnings of words, which merge letter by letter; `shift` moves the ids."""
    letters = sorted(set("abcdefghijklmnopqrstuvwxyzĠ;<>|") | set("".join(words)))
    letters = letters[shift:] + letters[:shift]
    vocabulary, merges = ["<s>", "</s>", "<unk>"] + letters, []
    for word in words:
        for end in range(2, len(word) + 1):
            if word[:end] not in vocabulary:
                vocabulary.append(word[:end])
                merges.append((word[: end - 1], word[end - 1]))
    ids = {token: index for index, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=merges, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([special(text) for text in ["<s>", "</s>", "<unk>"]] + tokens)
    return tokenizer


def wordpiece(words: list[str], tokens: list[AddedToken]) -> Tokenizer:
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters
    vocabulary += ["##" + letter for letter in letters] + words
    ids = {token: index for index, token in enumerate(dict.fromkeys(vocabulary))}
    tokenizer = Tokenizer(models.WordPiece(vocab=ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_tokens([special(text) for text in vocabulary[:5]] + tokens)
    return tokenizer


def save(
    name: str,
    tokenizer: Tokenizer | None,
    rows: int | None = None,
    template: str | None = None,
    separate: bool = False,
    **settings,
) -> None:
    """A model with so many rows for its tokens, and its tokenizer."""
    is_bert = settings.pop("bert", False)
    dtype = settings.pop("dtype", torch.float32)
    count = tokenizer.get_vocab_size() if tokenizer else 0
    torch.manual_seed(sum(name.encode()))
    sizes = dict(
        hidden_size=6,
        num_attention_heads=1,
        num_hidden_layers=1,
        intermediate_size=8,
        vocab_size=rows or count,
        max_position_embeddings=8,
    )
    if is_bert:
        model = BertForMaskedLM(BertConfig(**sizes, tie_word_embeddings=not separate))
        model.bert.pooler = BertPooler(model.config)  # mergekit wants one
    else:
        model = LlamaForCausalLM(LlamaConfig(**sizes, tie_word_embeddings=not separate))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter))
    folder = OUTPUT / "models" / name
    model.to(dtype).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if tokenizer is None:
        return
    names = (
        dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
        if is_bert
        else dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names, **settings)
    fast.chat_template = template
    fast.save_pretrained(folder)


def make_models() -> None:
    words = ["merge", "Ġmodels", "Ġthe"]
    save("llama-base", bpe(words, []), template=PLAIN, separate=True)
    # The same tokens elsewhere, words of its own, and tokens for a conversation.
    save(
        "llama-chat",
        bpe(["Ġthe", "Ġmerges", "Ġthem"], [special("<|user|>"), special("<|end|>")], shift=7),
        template=ANGLED,
        separate=True,
    )
    # The base's tokens, one with settings of its own, and rows for tokens that there are not.
    tool = AddedToken("<tool>", lstrip=True, normalized=False)
    chat = [special("<|end|>"), tool]
    save("llama-tool", bpe(words, chat), rows=64, template=ANGLED + "\n", separate=True)
    save("llama-bare", None, rows=bpe(words, []).get_vocab_size(), separate=True)
    # A padding token that has no row.
    padded = bpe(words, [special("<pad>")])
    save("llama-short", padded, rows=padded.get_vocab_size() - 1, separate=True, pad_token="<pad>")
    save("llama-tied", bpe(words, []), dtype=torch.bfloat16)
    save("llama-tied-chat", bpe(words, chat), dtype=torch.bfloat16)
    ducks = ["the", "duck", "##s", "merge"]
    save("bert-base", wordpiece(ducks, []), bert=True)
    url = AddedToken("<url>", single_word=True, normalized=True)
    save("bert-url", wordpiece(["dive", "the", "##d", "re", "##surface"], [url]), bert=True)


def patch_mergekit() -> None:
    """mergekit 0.1.4 stops where an embedding is to be zeros: let it be what its documentation says.

    It also takes models and tokens in an order that changes from run to run: let it be the recipe's
    and that of the ids, so that the same versions write the same files, but for the rounding of
    averages over sets of models.
    """
    vocabulary = PreTrainedTokenizerFast.get_vocab
    PreTrainedTokenizerFast.get_vocab = lambda self: dict(
        sorted(vocabulary(self).items(), key=lambda entry: entry[1])
    )
    MergeConfiguration.referenced_models = lambda self: list(
        dict.fromkeys(
            ([self.base_model] if self.base_model else [])
            + [
                source.model
                for part in [self, *(self.modules or {}).values()]
                for source in [*(part.models or []), *(s for p in part.slices or [] for s in p.sources)]
            ]
        )
    )
    compute = PermutedEmbeddings.compute_default_embedding

    def patched(self, info, tensors, permutations, token, token_id, settings):
        if isinstance(settings.source, ZeroEmbedding):
            return torch.zeros_like(next(iter(tensors.values()))[0])
        return compute(self, info, tensors, permutations, token, token_id, settings)

    PermutedEmbeddings.compute_default_embedding = patched


def models_of(*names: str, **parameters) -> list:
    return [{"model": f"../models/{name}", **({"parameters": parameters} if parameters else {})} for name in names]


def recipes() -> dict[str, dict]:
    chat, tool, base = "../models/llama-chat", "../models/llama-tool", "../models/llama-base"
    llamas = dict(
        merge_method="task_arithmetic",
        base_model=base,
        models=models_of("llama-chat", "llama-tool", weight=0.5),
    )
    average = dict(
        merge_method="linear",
        models=models_of("llama-chat", "llama-base", "llama-tool", weight=0.5),
    )
    return {
        "union": {**llamas, "tokenizer_source": "union", "chat_template": "auto"},
        "base": {**llamas, "tokenizer_source": "base"},
        "model": {**llamas, "tokenizer_source": chat},
        "ties-union": {
            **llamas,
            "merge_method": "ties",
            "models": models_of("llama-chat", "llama-tool", weight=0.5, density=0.6),
            "tokenizer_source": "union",
        },
        "average-union": {**average, "tokenizer": {"source": "union"}},
        "average-model": {**average, "tokenizer": {"source": tool}},
        "padded": {**llamas, "tokenizer": {"source": "union", "pad_to_multiple_of": 32}},
        "tokens": {
            **llamas,
            "tokenizer": {
                "source": "union",
                "tokens": {
                    "<|end|>": {"source": chat, "force": True},
                    "<|user|>": {"source": {"kind": "zero"}},
                    "<tool>": {"source": {"kind": "model_token", "model": base, "token": "merge"}},
                    "<new>": {"source": {"kind": "model_token", "model": chat, "token_id": 5}},
                    "<zero>": {"source": {"kind": "zero"}},
                    "Ġthe": {"source": tool, "force": True},
                },
            },
        },
        "bare": {
            **llamas,
            "models": models_of("llama-chat", "llama-bare", weight=0.5),
            "tokenizer_source": "union",
        },
        "short-base": {
            "merge_method": "linear",
            "base_model": "../models/llama-short",
            "models": models_of("llama-short", "llama-base", weight=0.5),
            "tokenizer_source": "base",
        },
        "tied": {
            "merge_method": "slerp",
            "base_model": "../models/llama-tied",
            "models": models_of("llama-tied", "llama-tied-chat"),
            "parameters": {"t": 0.3},
            "dtype": "float32",
            "tokenizer_source": "union",
        },
        "bert-union": {
            "merge_method": "task_arithmetic",
            "base_model": "../models/bert-base",
            "models": models_of("bert-url", weight=0.7),
            "tokenizer_source": "union",
            "chat_template": "{% for m in messages %}{{ m['content'] }}{% endfor %}",
        },
        "template": {**llamas, "models": models_of("llama-bare", weight=0.5), "chat_template": PLAIN * 2},
    }


def absolute(value, folder: Path):
    if isinstance(value, dict):
        return {key: absolute(inner, folder) for key, inner in value.items()}
    if isinstance(value, list):
        return [absolute(inner, folder) for inner in value]
    return str((folder / value).resolve()) if isinstance(value, str) and value.startswith("../") else value


def dump(name: str, recipe: dict) -> None:
    folder = OUTPUT / name
    folder.mkdir(parents=True)
    plain = json.loads(json.dumps(recipe))  # without anchors
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    (folder / "config.yml").write_text(text)
    merged = folder / "merged"
    run_merge(
        MergeConfiguration.model_validate(absolute(recipe, folder)),
        str(merged),
        MergeOptions(allow_crimes=False, quiet=True, write_model_card=False),
    )
    next(merged.glob("*.safetensors")).rename(folder / "expected.safetensors")
    tokenizer = AutoTokenizer.from_pretrained(merged)
    vocabulary = tokenizer.get_vocab()
    added = {
        token.content: dict(
            special=token.special,
            normalized=token.normalized,
            lstrip=token.lstrip,
            rstrip=token.rstrip,
            single_word=token.single_word,
        )
        for token in tokenizer.added_tokens_decoder.values()
    }
    facts = dict(
        vocab_size=AutoConfig.from_pretrained(merged).vocab_size,
        vocabulary=dict(sorted(vocabulary.items(), key=lambda entry: entry[1])),
        added=added,
        chat_template=tokenizer.chat_template,
        encodings=[tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"]) for text in TEXTS],
        texts=TEXTS,
        rtol=1e-5,
        atol=1e-6,
    )
    (folder / "case.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    shutil.rmtree(merged)


def main() -> None:
    torch.set_num_threads(1)
    patch_mergekit()
    shutil.rmtree(OUTPUT, ignore_errors=True)
    make_models()
    for name, recipe in recipes().items():
        dump(name, recipe)
        print(name)


if __name__ == "__main__":
    main()
