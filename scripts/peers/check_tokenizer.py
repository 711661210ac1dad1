#!/usr/bin/env python3
"""Compare what `merganser encode` wrote with what Hugging Face's `tokenizers` makes of the same texts.

    merganser encode MODEL TEXTS.jsonl - > ids.jsonl
    check_tokenizer.py MODEL TEXTS.jsonl ids.jsonl

MODEL is a directory with a tokenizer.json; TEXTS holds an object with a `text` on every line. Prints
how many lines differ, and the first of them. Exit status 1 if there is one.

Needs Python with tokenizers.
"""

import argparse
import json
import sys
from pathlib import Path

from tokenizers import Tokenizer

SHOWN = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("ids", type=Path)
    parser.add_argument("--text", default="text", help="the field of the text (default: text)")
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    texts = [line[arguments.text] for line in lines(arguments.texts)]
    found = [line["ids"] for line in lines(arguments.ids)]
    if len(texts) != len(found):
        sys.exit(f"{len(texts)} texts, but {len(found)} lines of ids: not of the same file.")
    expected = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    differing = [i for i, (ours, theirs) in enumerate(zip(found, expected)) if ours != theirs]
    print(f"{len(differing)} of {len(texts)} lines differ")
    for i in differing[:SHOWN]:
        print(f"line {i + 1}: {texts[i][:80]!r}\n    {found[i][:20]}\n    {expected[i][:20]}")
    sys.exit(int(bool(differing)))


def lines(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


if __name__ == "__main__":
    main()
