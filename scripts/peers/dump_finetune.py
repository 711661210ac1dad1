#!/usr/bin/env python3
"""Make Tests/Fixtures/finetune anew: three steps of fine-tuning, whole and with an adapter.

A tiny random BERT classifier learns from random texts with PyTorch's AdamW as transformers' Trainer
sets it up: no weight decay on biases and norms, the gradient clipped. Everything is computed in
float64 and stored as float32. The adapter is peft's, with random A and B.

Needs Python with torch, transformers, peft and safetensors.
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path
from typing import Callable

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor
from transformers import BertForSequenceClassification

from fixtures import bert
from fixtures.files import rounded, write_floats, write_json, write_tensors

DEFAULT = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "finetune"
CLASSES = 3
# Six texts in batches of four, as Merganser orders them for a task called bert with the seed 0.
BATCHES = [[4, 1, 3, 0], [5, 2, 0, 1], [4, 5, 2, 3]]
OPTIMIZER = {
    "learning_rate": 5e-4,
    "beta1": 0.9,
    "beta2": 0.999,
    # Larger than the usual 1e-8: a key's bias has the gradient zero, of which rounding makes a
    # number that Adam would enlarge to the size of all others.
    "epsilon": 1e-6,
    "weight_decay": 0.1,
    "warmup": 1,
    "gradient_clip": 1.0,
}
ADAPTER = {"rank": 2, "alpha": 6, "rank_pattern": {"intermediate.dense": 3}}
# Names of parameters without weight decay in transformers' Trainer.
UNDECAYED = re.compile(r"bias|layernorm", re.IGNORECASE)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, nargs="?", default=DEFAULT)
    root = parser.parse_args().output
    torch.set_num_threads(1)  # one order of summation
    folder = root / "bert"
    shutil.rmtree(folder, ignore_errors=True)

    config = bert.configuration(hidden=8, heads=2, wide=12, words=24, classes=CLASSES)
    bert.save(bert.classifier(config, "finetune/base"), folder / "base")
    inputs = bert.inputs("finetune/bert", words=24, rows=6, length=7)
    random = bert.generator("finetune/labels")
    inputs["labels"] = torch.randint(0, CLASSES, (6,), generator=random)
    write_tensors(folder / "inputs.safetensors", inputs)

    whole = load(folder).double()
    full = learn(whole, inputs, lambda name: name)
    write_floats(folder / "expected_full.safetensors", dict(whole.named_parameters()))

    adapted = with_adapter(load(folder)).double()
    learned = {name: tensor for name, tensor in adapted.named_parameters() if tensor.requires_grad}
    write_floats(folder / "adapter.safetensors", {own(name): learned[name] for name in learned})
    adapter = learn(adapted, inputs, own)
    write_floats(
        folder / "expected_adapter.safetensors", {own(name): learned[name] for name in learned}
    )
    case = {
        "kind": "finetune",
        "note": "three steps of AdamW with decay groups, clipping, warm-up and linear decay",
        "batches": BATCHES,
        "optimizer": OPTIMIZER,
        "adapter": ADAPTER,
        "full": full,
        "lora": adapter,
        "tolerance": {"absolute": 2e-5, "relative": 0.0},
    }
    write_json(folder / "case.json", case)
    size = sum(file.stat().st_size for file in root.rglob("*") if file.is_file())
    print(f"{root}: {size / 1000:.0f} kB; gradient norms {full['gradient_norms']}")


def load(folder: Path) -> BertForSequenceClassification:
    model = BertForSequenceClassification.from_pretrained(
        folder / "base", attn_implementation="eager"
    )
    return model.eval()  # no dropout


def with_adapter(base: BertForSequenceClassification) -> torch.nn.Module:
    config = LoraConfig(
        task_type="SEQ_CLS",
        r=ADAPTER["rank"],
        lora_alpha=ADAPTER["alpha"],
        target_modules="all-linear",
        rank_pattern=ADAPTER["rank_pattern"],
    )
    model = get_peft_model(base, config).eval()
    for name, tensor in model.named_parameters():
        if "lora_" in name:
            noise = torch.randn(tensor.shape, generator=bert.generator(f"finetune/{own(name)}"))
            tensor.data.copy_(0.3 * noise)
    return model


def own(name: str) -> str:
    """The name of a parameter as the adapter's file has it, without peft's prefix."""
    name = name.removeprefix("base_model.model.")
    return name.replace(".default", "").replace(".modules_to_save", "")


def rate(step: int) -> float:
    """Warm-up along a line that does not begin at zero, then a fall along a line to zero."""
    warmup, steps = OPTIMIZER["warmup"], len(BATCHES)
    if step < warmup:
        return OPTIMIZER["learning_rate"] * (step + 1) / (warmup + 1)
    return OPTIMIZER["learning_rate"] * (1 - (step - warmup) / (steps - warmup))


def learn(
    model: torch.nn.Module, inputs: dict[str, Tensor], name_of: Callable[[str], str]
) -> dict[str, list[float]]:
    named = [(name_of(name), tensor) for name, tensor in model.named_parameters()]
    learned = [(name, tensor) for name, tensor in named if tensor.requires_grad]
    decayed = [tensor for name, tensor in learned if not UNDECAYED.search(name)]
    others = [tensor for name, tensor in learned if UNDECAYED.search(name)]
    optimizer = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": OPTIMIZER["weight_decay"]},
            {"params": others, "weight_decay": 0.0},
        ],
        betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]),
        eps=OPTIMIZER["epsilon"],
    )
    course: dict[str, list[float]] = {"losses": [], "gradient_norms": [], "rates": []}
    for step, batch in enumerate(BATCHES):
        rows = {name: tensor[batch] for name, tensor in inputs.items()}
        loss = model(**rows).loss
        optimizer.zero_grad()
        loss.backward()
        tensors = [tensor for _, tensor in learned]
        norm = torch.nn.utils.clip_grad_norm_(tensors, OPTIMIZER["gradient_clip"])
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.step()
        course["losses"].append(rounded(loss.item()))
        course["gradient_norms"].append(rounded(norm.item()))
        course["rates"].append(rounded(rate(step)))
    return course


if __name__ == "__main__":
    main()
