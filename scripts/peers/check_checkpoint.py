#!/usr/bin/env python3
"""Compare what `merganser forward` wrote with what transformers computes.

    merganser forward MODEL INPUTS.safetensors OUTPUTS.safetensors
    check_checkpoint.py MODEL INPUTS.safetensors OUTPUTS.safetensors

MODEL is a Hugging Face directory, or the directory of a PEFT adapter, whose base is then the one
that its adapter_config.json names. Exit status 1 if an output differs by more than 1e-4.

Needs Python with torch, transformers and safetensors, and peft for adapters.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from torch import Tensor

LARGEST = 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("inputs", type=Path)
    parser.add_argument("outputs", type=Path)
    parser.add_argument("--adapter", action="store_true", help="insist that MODEL is an adapter")
    arguments = parser.parse_args()
    if arguments.adapter and not (arguments.model / "adapter_config.json").exists():
        sys.exit(f"{arguments.model} holds no adapter_config.json: it is not a PEFT adapter.")
    transformers.utils.logging.disable_progress_bar()

    inputs = load_file(arguments.inputs)
    model = load(arguments.model)
    accepted = ("input_ids", "attention_mask", "token_type_ids", "pixel_values")
    with torch.no_grad():
        expected = model(**{name: inputs[name] for name in accepted if name in inputs})
    found = load_file(arguments.outputs)
    differences = compare(dict(expected.items()), found, inputs.get("attention_mask"))
    sys.exit(int(max(differences) > LARGEST))


def compare(
    expected: dict[str, Tensor], found: dict[str, Tensor], mask: Tensor | None
) -> list[float]:
    """The largest difference of each output that both have; padded positions do not count."""
    names = [name for name in expected if name in found]
    if not names:
        sys.exit(f"nothing in common: transformers has {[*expected]}, the file {[*found]}.")
    differences = []
    for name in names:
        ours, theirs = found[name].double(), expected[name].double()
        if ours.shape != theirs.shape:
            sys.exit(f"{name}: {[*ours.shape]} in the file, {[*theirs.shape]} in transformers.")
        difference = (ours - theirs).abs()
        if mask is not None and difference.dim() == 3:
            difference = difference[mask.bool()]
        # A NaN must not pass as a small difference.
        largest = difference.max().item() if difference.isfinite().all() else float("inf")
        print(f"{name} {[*ours.shape]}: largest difference {largest:.3g}")
        differences.append(largest)
    return differences


def load(folder: Path) -> torch.nn.Module:
    adapter = folder / "adapter_config.json"
    if not adapter.exists():
        return architecture(folder).from_pretrained(folder, dtype=torch.float32).eval()

    from peft import PeftModel

    named = json.loads(adapter.read_text())["base_model_name_or_path"]
    beside = folder / named  # a relative path is one from the adapter, if that leads anywhere
    base = beside if beside.exists() else Path(named)
    head = load_file(folder / "adapter_model.safetensors")
    classes = [
        tensor.shape[0]
        for name, tensor in head.items()
        if name.endswith(("classifier.weight", "classifier.modules_to_save.weight"))
    ]
    if classes:  # a fine-tuned classifier: its base may be a bare encoder
        model = transformers.AutoModelForSequenceClassification.from_pretrained(
            base, num_labels=classes[0], ignore_mismatched_sizes=True, dtype=torch.float32
        )
    else:
        model = architecture(base).from_pretrained(base, dtype=torch.float32)
    return PeftModel.from_pretrained(model, str(folder)).eval()


def architecture(folder: Path) -> type[transformers.PreTrainedModel]:
    name = json.loads((folder / "config.json").read_text())["architectures"][0]
    return getattr(transformers, name)


if __name__ == "__main__":
    main()
