#!/usr/bin/env python3
"""Writes Tests/Fixtures/tokenizer: what Hugging Face's `tokenizers` makes of texts of our own.

    pip install tokenizers
    python scripts/peers/dump_tokenizer_fixtures.py

Every folder holds a tokenizer.json with a small vocabulary built from the sentences below, and the
encodings of texts (cases.jsonl) and of batches (encode.jsonl). unicode.json holds what the library
knows about every scalar value: classes as ranges, mappings as one digest for each 4096 scalars.
"""

import json
import random
from collections import Counter
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, normalizers, pre_tokenizers

OUTPUT = Path(__file__).resolve().parents[2] / "Tests/Fixtures/tokenizer"

SENTENCES = [
    "A merganser dives for fish and surfaces somewhere else entirely.",
    "Merging models without labels: the entropy of predictions is all we watch.",
    "Two experts disagreed, so the merged model listened to both of them.",
    "The ducks are merging into one flock; the flock merged, unmerged and merged again.",
    "Was the coefficient 0.3, 0.25 or -1.5? It was learned, not chosen!",
    "Les canards plongent où l'eau est claire, déjà très près du bord.",
    "Žluťoučký kůň pije z řeky; Überraschung in der Straße, señor.",
    "Утка ныряет и выныривает совсем в другом месте.",
    "Η πάπια βουτά ΣΤΟ ΝΕΡΟ και βγαίνει αλλού.",
    "川秋沙在河里潜水。カワアイサは魚を食べる。비오리가 물속으로 들어간다.",
    "unbelievably, the surfaces of rivers are reflecting the reflections.",
]

TEXTS = SENTENCES + [
    "",
    " ",
    "\t\n  \r\n",
    "merganser",
    "MERGANSERS merge; mergers merged",
    "no-break\u00a0space, thin\u2009space, ideographic\u3000space, zero\u200bwidth, line\u2028end",
    "control\u0000characters\u0001are\u007fremoved\u0085here\u000b, \ufffd too, soft\u00adhyphen",
    "e\u0301 is \u00e9, a\u0323\u0302 is \u1ead, a\u0302\u0323 too; \u0041\u030a\u0301",
    "İstanbul ISPARTA ıssız ŞEKER ὈΔΥΣΣΕΎΣ ΐ ẞ ß ǅ ﬁne",
    "한국어 \u1112\u1161\u11ab 가\u11a8 각\u11a8",
    "[CLS] the [SEP] flock [MASK] [UNK] [PAD] [cls] [MASK][MASK]",
    "punctuation!?;:'\"()[]{}<>@#$%^&*_+=|\\~`-–—…«»‹›„“”¿¡·•€£¥°©™",
    "\u166d \U000111c9 \U0001e95e \u2e4f a\u1734b a\u1885b a\U0001171eb",
    "emoji 🦆🏽 👩\u200d🔬 flags 🇨🇿 keycap 1\ufe0f\u20e3",
    "private \ue000 unassigned \u0378 last \U0010ffff tags \U000e0041",
    "mixed漢字kanji 㐀 \U00020000 \U0002b820 \U0002f800 \uf900豈 ｆｕｌｌ ①② ㎏",
    "x" * 100 + " " + "x" * 101 + " " + "é" * 100 + " " + "é" * 101,
    "##ing the ##s",
    "don't can't o'clock U.S.A. e.g. 3.14 1,000 50%",
    "ΣΊΣΥΦΟΣ σίσυφος",
    "क्षत्रिय हिन्दी ไทย العربية עִבְרִית",
]


def vocabulary(lowercase):
    """Scalars, words that occur twice, word beginnings and common endings, in a fixed order."""
    normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    splitter = pre_tokenizers.BertPreTokenizer()
    words = [w for s in SENTENCES for w, _ in splitter.pre_tokenize_str(normalizer.normalize_str(s))]
    counts = Counter(words)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    scalars = sorted({c for w in words for c in w})
    tokens += scalars + ["##" + c for c in scalars if c.isalnum()]
    tokens += sorted(w for w, n in counts.items() if n > 1 and len(w) > 1)
    tokens += sorted({w[:4] for w in words if len(w) > 5})
    tokens += ["##" + e for e in ("s", "ing", "ed", "er", "ers", "tion", "tions", "ly", "ss", "xx")]
    return {t: i for i, t in enumerate(dict.fromkeys(tokens))}


def added(token, vocab, **options):
    values = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    return dict(id=vocab.get(token, len(vocab)), content=token, **(values | options))


def template(vocab):
    piece = lambda kind, name, segment: {kind: {"id": name, "type_id": segment}}
    single = [piece("SpecialToken", "[CLS]", 0), piece("Sequence", "A", 0), piece("SpecialToken", "[SEP]", 0)]
    pair = single + [piece("Sequence", "B", 1), piece("SpecialToken", "[SEP]", 1)]
    special = {t: {"id": t, "ids": [vocab[t]], "tokens": [t]} for t in ("[CLS]", "[SEP]")}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": special}


def configurations():
    def tokenizer(vocab, **parts):
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        model = dict(
            type="WordPiece",
            unk_token="[UNK]",
            continuing_subword_prefix=parts.pop("prefix", "##"),
            max_input_chars_per_word=parts.pop("longest", 100),
            vocab=vocab,
        )
        return dict(
            version="1.0", truncation=None, padding=None,
            added_tokens=parts.pop("added_tokens", [added(t, vocab) for t in special]),
            normalizer=parts.pop("normalizer", None),
            pre_tokenizer=parts.pop("pre_tokenizer", {"type": "BertPreTokenizer"}),
            post_processor=parts.pop("post_processor", template(vocab)),
            decoder=None, model=model,
        )

    def bert(**options):
        values = dict(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
        return dict(type="BertNormalizer", **(values | options))

    cased, uncased = vocabulary(False), vocabulary(True)
    processing = dict(type="BertProcessing", sep=["[SEP]", cased["[SEP]"]], cls=["[CLS]", cased["[CLS]"]])
    yield "uncased", tokenizer(uncased, normalizer=bert())
    yield "cased", tokenizer(cased, normalizer=bert(lowercase=False), post_processor=processing)
    sequence = [{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "NFC"}]
    prefixed = {("@" + t[2:] if t.startswith("##") else t): i
                for t, i in uncased.items()}
    yield "sequence", tokenizer(
        prefixed, prefix="@", longest=12,
        normalizer=dict(type="Sequence", normalizers=sequence),
        pre_tokenizer=dict(type="Sequence", pretokenizers=[
            {"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "MergedWithPrevious"},
        ]),
        post_processor=None,
    )
    yield "added", tokenizer(
        uncased,
        normalizer=bert(clean_text=False, handle_chinese_chars=False, strip_accents=False),
        pre_tokenizer={"type": "Whitespace"},
        added_tokens=[
            added("[UNK]", uncased),
            added("[SEP]", uncased, lstrip=True),
            added("[MASK]", uncased, lstrip=True, rstrip=True),
            added("<duck>", uncased),
            added("<duck>s", uncased, rstrip=True),
            added("Flock", uncased, normalized=True, special=False),
            added("ing", uncased, single_word=True, special=False),
            added("É", uncased, normalized=True, special=False, single_word=True),
            added(" ", uncased, normalized=True, special=False),
        ],
    )


ADDED_TEXTS = [
    "a <duck> and <duck>s  and <ducks", "the FLOCK flocking flock", "ing merging ing! ing_ _ing ing",
    "  [SEP]  [MASK]  [MASK]x", "[MASK] [MASK]", "é É aé éa e\u0301 É́", "two  spaces   three",
    "<duck><duck>s<duck>", "\u3000[MASK]\u2009\n[SEP]", "Flock[UNK]flock",
]

BATCHES = dict(uncased=30, cased=12)


def write_lines(path, values):
    path.write_text("".join(json.dumps(v) + "\n" for v in values))


def cases(tokenizer, texts):
    # Not id_to_token alone, which gives the normalized form of an added token in some versions.
    contents = {i: t.content for i, t in tokenizer.get_added_tokens_decoder().items()}
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        tokens = [contents.get(i) or tokenizer.id_to_token(i) for i in ids]
        yield dict(text=text, ids=ids, tokens=tokens, ids_with_special=tokenizer.encode(text).ids)


def batches(tokenizer, count):
    randomness = random.Random(7)
    for number in range(count):
        strategy = ["longest_first", "only_first", "only_second"][number % 3]
        paired = strategy == "only_second" or randomness.random() < 0.5
        text = lambda: randomness.choice(SENTENCES)[: randomness.randint(0, 24)]
        batch = [
            dict(text=text(), text_pair=text() if paired else None)
            for _ in range(randomness.randint(1, 3))
        ]
        add = randomness.random() < 0.8
        truncation = padding = None
        if number % 4:
            truncation = dict(
                max_length=randomness.randint(5, 20), strategy=strategy,
                stride=randomness.choice([0, 0, 1, 2]), direction=randomness.choice(["left", "right"]),
            )
        if number % 5:
            padding = dict(
                length=randomness.choice([None, 4, 20]), pad_to_multiple_of=randomness.choice([None, 8]),
                direction=randomness.choice(["left", "right"]), pad_id=0, pad_type_id=randomness.choice([0, 3]),
                pad_token="[PAD]",
            )
        tokenizer.no_truncation()
        tokenizer.no_padding()
        if truncation:
            tokenizer.enable_truncation(**truncation)
        if padding:
            tokenizer.enable_padding(**padding)
        inputs = [(i["text"], i["text_pair"]) if paired else i["text"] for i in batch]
        try:
            encodings = tokenizer.encode_batch(inputs, add_special_tokens=add)
        except BaseException:  # The text that loses tokens is too short, or the stride too long.
            continue
        window = lambda e: dict(input_ids=e.ids, token_type_ids=e.type_ids)
        yield dict(
            batch=batch, add_special_tokens=add, truncation=truncation, padding=padding,
            input_ids=[e.ids for e in encodings], token_type_ids=[e.type_ids for e in encodings],
            attention_mask=[e.attention_mask for e in encodings],
            special_tokens_mask=[e.special_tokens_mask for e in encodings],
            overflowing=[[window(o) for o in e.overflowing] for e in encodings],
        )


# MARK: What the library knows about scalars

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]

MAPPINGS = dict(
    nfc=normalizers.NFC(), nfd=normalizers.NFD(), nfkc=normalizers.NFKC(), nfkd=normalizers.NFKD(),
    lowercase=normalizers.Lowercase(), stripAccents=normalizers.StripAccents(),
)


def ranges(values):
    result = []
    for value in values:
        if result and result[-1][1] == value - 1:
            result[-1][1] = value
        else:
            result.append([value, value])
    return result


def classes():
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    clean = normalizers.BertNormalizer(**(options | dict(clean_text=True)))
    strip = normalizers.BertNormalizer(**(options | dict(strip_accents=True)))
    chinese = normalizers.BertNormalizer(**(options | dict(handle_chinese_chars=True)))
    split = lambda splitter, c: len(splitter.pre_tokenize_str(f"a{chr(c)}b"))
    punctuation, word = pre_tokenizers.Punctuation(), pre_tokenizers.Whitespace()
    space = pre_tokenizers.WhitespaceSplit()
    return dict(
        other=ranges(c for c in SCALARS if clean.normalize_str(f"a{chr(c)}b") == "ab"),
        punctuation=ranges(c for c in SCALARS if split(punctuation, c) == 3),
        nonspacingMark=ranges(c for c in SCALARS if strip.normalize_str(chr(c)) == ""),
        mark=ranges(c for c in SCALARS if MAPPINGS["stripAccents"].normalize_str(chr(c)) == ""),
        word=ranges(c for c in SCALARS if split(word, c) == 1),
        whitespace=ranges(c for c in SCALARS if split(space, c) == 2),
        chinese=ranges(c for c in SCALARS if chinese.normalize_str(chr(c)) != chr(c)),
    )


def digest(normalizer, block):
    """FNV-1a over the scalars that change, each followed by what it becomes and a separator."""
    hash, changes = 0xCBF29CE484222325, False
    for scalar in range(block, block + 0x1000):
        if 0xD800 <= scalar <= 0xDFFF:
            continue
        result = normalizer.normalize_str(chr(scalar))
        if result == chr(scalar):
            continue
        changes = True
        for value in [scalar, *map(ord, result), 0x110000]:
            hash = (hash ^ value) * 0x100000001B3 % 2**64
    return f"{hash:016x}" if changes else None


def sequences():
    """Texts on which composition and the order of marks matter."""
    randomness = random.Random(3)
    pools = [
        "aeiouAEOU\u03b1\u03c9\u1fbf\u2260<>=", "\u0300\u0301\u0302\u0308\u030a\u031b\u0323\u0327\u0345\u0328",
        "\u1100\u1161\u11a8\u11a7\uac00\uac01\ud7a3\u1112", "\u05b0\u05bc\u0651\u064b\u0f71\u0f72\u0f74\u0f73\u0344\u0f81",
        "\u1fdd\ufdfa\ufb01\u33a2\u00bd\u212b\u2126\u0958\U0001d15e\U0002f800",
        "\U00010102\U000110a5\U000110ba\U00011131\U00011127\u09c7\u09be\u0b47\u0b56",
        "\u1df6\U0001e130\u0378\U00011938\u32ff\U00011935\U00011930",
    ]
    for _ in range(48):
        chosen = randomness.choices(pools, k=3)
        text = "".join(randomness.choice(randomness.choice(chosen)) for _ in range(randomness.randint(2, 9)))
        yield dict(text=text, **{name: n.normalize_str(text) for name, n in MAPPINGS.items()})


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, configuration in configurations():
        folder = OUTPUT / name
        folder.mkdir(exist_ok=True)
        text = json.dumps(configuration)
        (folder / "tokenizer.json").write_text(text + "\n")
        tokenizer = Tokenizer.from_str(text)
        write_lines(folder / "cases.jsonl", cases(tokenizer, ADDED_TEXTS if name == "added" else TEXTS))
        if name in BATCHES:
            write_lines(folder / "encode.jsonl", batches(tokenizer, BATCHES[name]))
    mappings = {
        name: {f"{block:x}": d for block in range(0, 0x110000, 0x1000) if (d := digest(n, block))}
        for name, n in MAPPINGS.items()
    }
    unicode = dict(
        tokenizers=tokenizers.__version__, classes=classes(), mappings=mappings, sequences=list(sequences())
    )
    (OUTPUT / "unicode.json").write_text(json.dumps(unicode, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
