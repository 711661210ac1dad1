#!/usr/bin/env python3
"""Check the chat templates that `chat_template: NAME` writes against what the formats' publishers say.

    check_chat_templates.py MERGANSER

Merges a fixture with every name and renders conversations as transformers does, and with blocks
untrimmed. Needs Python with transformers and jinja2.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import jinja2
from transformers import AutoTokenizer

MODEL = Path(__file__).resolve().parents[2] / "Tests/Fixtures/tokenizer-merges/models/llama-base"


def messages(*turns: str) -> list[dict]:
    roles = {"s": "system", "u": "user", "a": "assistant"}
    return [{"role": roles[turn[0]], "content": turn[2:]} for turn in turns]


# The name, a conversation, whether the assistant is to answer, and what the model reads.
CASES = [
    (
        "chatml",
        messages("s:S", "u:A", "a:B", "u:C"),
        True,
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nA<|im_end|>\n"
        "<|im_start|>assistant\nB<|im_end|>\n<|im_start|>user\nC<|im_end|>\n<|im_start|>assistant\n",
    ),
    (
        "llama3",
        messages("s:S", "u: A\n", "a:B", "u:C"),
        True,
        "<s><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nA<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nB<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nC<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    (
        "mistral",
        messages("u:A", "a:B", "u:C", "a:D"),
        False,
        "<s>[INST] A [/INST] B</s>[INST] C [/INST] D</s>",
    ),
    ("mistral", messages("s:S", "u:A"), True, "<s>[INST] S\n\nA [/INST]"),
    (
        "exaone",
        messages("s:S", "u:A", "a:B", "u:C"),
        True,
        "[|system|]S[|endofturn|]\n[|user|]A\n[|assistant|]B[|endofturn|]\n[|user|]C\n[|assistant|]",
    ),
    ("exaone", messages("u:A"), True, "[|system|][|endofturn|]\n[|user|]A\n[|assistant|]"),
    (
        "alpaca",
        messages("s:S", "u:A", "a:B", "u:C"),
        True,
        "<s>S\n\n### Instruction:\nA\n\n### Response:\nB</s>\n\n### Instruction:\nC\n\n### Response:\n",
    ),
]


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as work:
        for name in dict.fromkeys(case[0] for case in CASES):
            recipe = Path(work) / f"{name}.yml"
            model = {"model": str(MODEL), "parameters": {"weight": 1}}
            recipe.write_text(
                json.dumps({"merge_method": "linear", "models": [model], "chat_template": name})
            )
            output = Path(work) / name
            subprocess.run([sys.argv[1], "merge", "--quiet", recipe, output], check=True)
            tokenizer = AutoTokenizer.from_pretrained(output)
            settings = json.loads((output / "tokenizer_config.json").read_text())
            untrimmed = jinja2.Environment().from_string(settings["chat_template"])
            for _, conversation, answers, expected in (case for case in CASES if case[0] == name):
                found = tokenizer.apply_chat_template(
                    conversation, tokenize=False, add_generation_prompt=answers
                )
                same = untrimmed.render(
                    messages=conversation,
                    add_generation_prompt=answers,
                    bos_token="<s>",
                    eos_token="</s>",
                )
                if not found == same == expected:
                    sys.exit(f"{name}: {found!r}, untrimmed {same!r}; expected {expected!r}")
            print(name, "agrees")


if __name__ == "__main__":
    main()
