#!/usr/bin/env python3
"""Writes the BPE part of Tests/Fixtures/tokenizer: what Hugging Face's `tokenizers` makes of it.

    pip install tokenizers
    python scripts/peers/dump_bpe_fixtures.py

The folders hold a tokenizer.json each, as dump_tokenizer_fixtures.py writes them, with merges learned
from the same sentences. clip-files is the tokenizer of clip as vocab.json and merges.txt. patterns.json
holds what the library's regular expressions match: every scalar that a class holds, and texts in parts.
"""

import json
from collections import Counter

import tokenizers
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from dump_tokenizer_fixtures import (
    BATCHES, OUTPUT, SCALARS, SENTENCES, TEXTS, added, batches, cases, ranges, write_lines,
)

CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
LLAMA = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

MORE_TEXTS = TEXTS + [
    "It's  we'RE they'll I'D'VE 'tis", "1234567 12 3.5e10 ½ Ⅳ ٣٤",
    "tabs\t\tand  spaces   \n\n  lines\r\n\r\n x  ", " leading and trailing ",
    "\u180e a\u180eb \u1c89\u1c8a \U00031350\U0002ebf0 \U00011f50 \U000105c0",
    "<s>the</s> <mask> <|endoftext|>the<|startoftext|> <S> <|ENDOFTEXT|>", "the" * 300, "é" * 130,
]

# MARK: Vocabularies


def learned(words, count):
    """The merges of a few words, each a list of symbols: the most frequent pair first."""
    words, merges = Counter(map(tuple, words)), []
    while len(merges) < count:
        pairs = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        merged = Counter()
        for word, n in words.items():
            new = []
            for symbol in word:
                if new and (new[-1], symbol) == best:
                    new[-1] += symbol
                else:
                    new.append(symbol)
            merged[tuple(new)] += n
        words = merged
    return merges


def byte_words(splitter, normalizer=None, suffix=""):
    for sentence in SENTENCES:
        text = normalizer.normalize_str(sentence) if normalizer else sentence
        for word, _ in splitter.pre_tokenize_str(text):
            yield list(word[:-1]) + [word[-1] + suffix]


def vocabulary(special, symbols, merges):
    tokens = [*special, *symbols, *("".join(m) for m in merges)]
    return {t: i for i, t in enumerate(dict.fromkeys(tokens))}


# MARK: Tokenizers


def model(vocab, merges, **options):
    values = dict(
        dropout=None, unk_token=None, continuing_subword_prefix="", end_of_word_suffix="",
        fuse_unk=False, byte_fallback=False, ignore_merges=False,
    )
    return dict(type="BPE", **(values | options), vocab=vocab, merges=merges)


def tokenizer(model, added_tokens=(), **parts):
    empty = dict(normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None)
    return dict(
        version="1.0", truncation=None, padding=None, added_tokens=list(added_tokens),
        **(empty | parts), model=model,
    )


def part(type, **options):
    return dict(type=type, **options)


def byte_level(prefix=False, regex=True):
    return part("ByteLevel", add_prefix_space=prefix, trim_offsets=True, use_regex=regex)


def split(pattern, behavior, invert=False):
    return part("Split", pattern=pattern, behavior=behavior, invert=invert)


def roberta(vocab, beginning, end):
    pair = lambda token: [token, vocab[token]]
    return part(
        "RobertaProcessing", sep=pair(end), cls=pair(beginning), trim_offsets=True, add_prefix_space=False
    )


def configurations():
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())

    # CLIP: special tokens after the vocabulary, merges as strings.
    normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    splitter = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(CLIP), "removed", True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    merges = learned(byte_words(splitter, normalizer, "</w>"), 200)
    vocab = vocabulary([], alphabet + [c + "</w>" for c in alphabet], merges)
    for token in ("<|startoftext|>", "<|endoftext|>"):
        vocab[token] = len(vocab)
    yield "clip", tokenizer(
        model(vocab, [" ".join(m) for m in merges], unk_token="<|endoftext|>", end_of_word_suffix="</w>"),
        [added("<|startoftext|>", vocab, normalized=True), added("<|endoftext|>", vocab)],
        normalizer=part("Sequence", normalizers=[
            {"type": "NFC"}, part("Replace", pattern={"Regex": r"\s+"}, content=" "), {"type": "Lowercase"},
        ]),
        pre_tokenizer=part("Sequence", pretokenizers=[split({"Regex": CLIP}, "Removed", True), byte_level()]),
        post_processor=roberta(vocab, "<|startoftext|>", "<|endoftext|>"),
    )

    # RoBERTa as old files have it: no type, no options that came later.
    merges = learned(byte_words(pre_tokenizers.ByteLevel(add_prefix_space=True)), 200)
    vocab = vocabulary(["<s>", "<pad>", "</s>", "<unk>"], alphabet, merges)
    vocab["<mask>"] = len(vocab)
    old = model(vocab, ["#version: 0.2"] + [" ".join(m) for m in merges])
    for key in ("type", "byte_fallback", "ignore_merges"):
        del old[key]
    level = byte_level(prefix=True)
    del level["use_regex"]
    yield "roberta", tokenizer(
        old,
        [added(t, vocab, normalized=True) for t in ("<s>", "<pad>", "</s>", "<unk>")]
        + [added("<mask>", vocab, lstrip=True)],
        pre_tokenizer=level, post_processor=roberta(vocab, "<s>", "</s>"),
    )

    # Llama 3: merges as pairs, words that are tokens stay whole, post-processors in a sequence.
    splitter = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(LLAMA), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)]
    )
    merges = learned(byte_words(splitter), 150)
    vocab = vocabulary([], alphabet, merges + [("Ġmerg", "anser"), ("unbelievably",)])
    piece = lambda kind, name, segment: {kind: {"id": name, "type_id": segment}}
    begin = "<|begin_of_text|>"
    yield "llama", tokenizer(
        model(vocab, [list(m) for m in merges], ignore_merges=True),
        [added(begin, vocab)],
        pre_tokenizer=part("Sequence", pretokenizers=[
            split({"Regex": LLAMA}, "Isolated"), byte_level(regex=False),
        ]),
        post_processor=part("Sequence", processors=[byte_level(), part(
            "TemplateProcessing",
            single=[piece("SpecialToken", begin, 0), piece("Sequence", "A", 0)],
            pair=[piece("SpecialToken", begin, 0), piece("Sequence", "A", 0),
                  piece("SpecialToken", begin, 1), piece("Sequence", "B", 1)],
            special_tokens={begin: {"id": begin, "ids": [len(vocab)], "tokens": [begin]}},
        )]),
    )

    # Characters instead of bytes: bytes where there is no character, or an unknown token.
    words = [w for s in SENTENCES[:5] for w in s.replace(" ", "\u2581 ").split(" ") if w]
    merges = learned(map(list, words), 120)
    symbols = sorted({c for w in words for c in w})
    some = [f"<0x{b:02X}>" for b in range(256) if b not in (0xD0, 0xE6)]
    for name, fuse in (("fallback", False), ("fallback-fused", True)):
        vocab = vocabulary(["<unk>", "<s>"], some + symbols, merges)
        yield name, tokenizer(
            model(vocab, [list(m) for m in merges], unk_token="<unk>", fuse_unk=fuse, byte_fallback=True),
            [added("<unk>", vocab), added("<s>", vocab)],
            normalizer=part("Replace", pattern={"String": " "}, content="\u2581"),
            pre_tokenizer=split({"String": "\u2581"}, "MergedWithPrevious"),
        )

    # Tokens that say whether they begin or end a word, and unknown ones.
    words = [w for s in SENTENCES[:4] for w in s.lower().split()]
    marked = lambda w: [(c if i == 0 else "@" + c) + ("</w>" if i == len(w) - 1 else "")
                        for i, c in enumerate(w)]
    vocab = vocabulary(["<unk>"], sorted({c for w in words for c in marked(w)}), [])
    merges = []
    for first, second in [("t", "@h"), ("th", "@e</w>"), ("m", "@e"), ("me", "@r"), ("mer", "@g"),
                          ("@e", "@d</w>"), ("a", "@n"), ("an", "@d</w>")]:
        if first in vocab and second in vocab:
            merges.append([first, second])
            vocab.setdefault(first + second[1:], len(vocab))
    yield "marked", tokenizer(
        model(vocab, merges, unk_token="<unk>", continuing_subword_prefix="@", end_of_word_suffix="</w>"),
        normalizer={"type": "Lowercase"}, pre_tokenizer={"type": "WhitespaceSplit"},
    )


# MARK: Patterns

CLASSES = [r"\s", r"\d", r"\w", *(rf"\p{{{c}}}" for c in "L M N P S Z Lu Ll Lt Lm Lo Mn Nd Nl Sm Cf".split())]

SPLIT_TEXTS = [
    "It's a test: 12345 ducks,\n\nx=3;  don't!\r\n ", "aaaa abab\nb\n\nca ", "ÄäßſK été 漢字カナ ½٣ _x-y\u180e\u00a0z\u000bw",
    "\u1c89\U00031350\U000105c0 \U00011f50", "",
]

PATTERNS = [
    LLAMA, CLIP, r"'s|'t| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", r"\s+$", r"^", r"$", r"^\w", r".", r"a*",
    r"(?=b)", r"a{2}+", r"a{1,2}+b", r"a{2}?", r"a{,2}", r"a{2,}?", r"a++", r"a*?b", r"(?>a+)b", r"(?<=a)b", r"(?<!a)b",
    r"(?i:'S|k)", r"(?i:[sk])", r"[^a-c]", r"[\-a]", r"[a-]", r"[-a]", r"[\s-]", r"[\S]", r"[^\S]", r"[\P{L}\d]", r"\p{^L}",
    r"\P{N}+", r"\W+", r"\D+", r"[\W]+", r"\v", r"\x0b", r"\x{e9}", r"\u00e9", r"[\x{4e00}-\x{9fff}]+", r"\Aa|a\z", r"(a)(b)",
    r"]", r"\}", r"\.", r"é", r"[éa]", r"a|", r"|a", r"(?:)", r"[\p{Lu}\p{Lt}][\p{Ll}]*", r"\p{M}|\p{S}|\p{P}",
]

BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]


def splits():
    for number, pattern in enumerate(PATTERNS):
        for index, text in enumerate(SPLIT_TEXTS):
            behavior, invert = BEHAVIORS[(number + index) % 5], (number + index) % 3 == 0
            splitter = pre_tokenizers.Split(Regex(pattern), behavior, invert)
            parts = [p for p, _ in splitter.pre_tokenize_str(text)]
            replaced = normalizers.Replace(Regex(pattern), "<$0>").normalize_str(text)
            name = "".join(w.capitalize() for w in behavior.split("_"))
            yield dict(pattern=pattern, text=text, behavior=name, invert=invert, parts=parts, replaced=replaced)


def held(pattern):
    splitter = pre_tokenizers.Split(Regex(pattern), "isolated")
    # Between two of the other kind.
    around = "a" if pattern in (r"\p{Cf}", r"\s", r"\p{Z}", r"\d") else "\u0001"
    return [c for c in SCALARS if len(splitter.pre_tokenize_str(around + chr(c) + around)) == 3]


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    BATCHES["roberta"] = 30
    for name, configuration in configurations():
        folder = OUTPUT / name
        folder.mkdir(exist_ok=True)
        text = json.dumps(configuration)
        (folder / "tokenizer.json").write_text(text + "\n")
        tokenizer = Tokenizer.from_str(text)
        write_lines(folder / "cases.jsonl", cases(tokenizer, MORE_TEXTS))
        if name in BATCHES:
            write_lines(folder / "encode.jsonl", batches(tokenizer, BATCHES[name]))
        if name == "clip":
            files = OUTPUT / "clip-files"
            files.mkdir(exist_ok=True)
            model = configuration["model"]
            (files / "vocab.json").write_text(json.dumps(model["vocab"]) + "\n")
            (files / "merges.txt").write_text("\n".join(["#version: 0.2", *model["merges"], ""]))
            settings = dict(tokenizer_class="CLIPTokenizer", model_max_length=77)
            (files / "tokenizer_config.json").write_text(json.dumps(settings) + "\n")
    patterns = dict(
        tokenizers=tokenizers.__version__, classes={c: ranges(held(c)) for c in CLASSES}, splits=list(splits())
    )
    (OUTPUT / "patterns.json").write_text(json.dumps(patterns, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
