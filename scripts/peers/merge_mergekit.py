#!/usr/bin/env python3
"""Run mergekit on a recipe and print JSON: seconds, and the most memory the process ever held.

    merge_mergekit.py CONFIG.yml OUTPUT [--against MERGED]

Relative paths in the recipe are taken from the recipe's own folder. Loading Python is not counted.
Against another merge of the recipe, the tensors that one of the two lacks are listed, the largest
difference of any element, and the keys that count layers in config.json where they differ.

Needs Python with mergekit (0.1.5 was used).
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import resource
import tempfile
import time
from pathlib import Path

import torch
import yaml
from mergekit.architecture import NAME_TO_ARCH
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
from safetensors.torch import load_file


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--against", type=Path, help="what merganser made of the recipe")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    start = time.perf_counter()
    merge(arguments.config, arguments.output)
    result = {
        "seconds": round(time.perf_counter() - start, 4),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "threads": torch.get_num_threads(),
        "mergekit": importlib.metadata.version("mergekit"),
        "torch": torch.__version__,
    }
    if arguments.against:
        result |= comparison(arguments.output, arguments.against)
    print(json.dumps(result))


def comparison(theirs: Path, ours: Path) -> dict[str, object]:
    expected, found = tensors(theirs), tensors(ours)
    shared = expected.keys() & found.keys()
    differences = [
        (expected[name].double() - found[name].double()).abs().max().item()
        for name in shared
        if expected[name].shape == found[name].shape and expected[name].numel()
    ]
    return {
        "tensors": len(expected),
        "missing": sorted(expected.keys() - found.keys()),
        "surplus": sorted(found.keys() - expected.keys()),
        "shapes": sorted(name for name in shared if expected[name].shape != found[name].shape),
        "formats": sorted(name for name in shared if expected[name].dtype != found[name].dtype),
        "largest_difference": max(differences, default=0.0),
        "layers": {
            key: counts
            for key, counts in zip_layers(theirs, ours).items()
            if counts[0] != counts[1]
        },
    }


def tensors(folder: Path) -> dict[str, torch.Tensor]:
    files = sorted(folder.glob("*.safetensors"))
    return {name: tensor for file in files for name, tensor in load_file(file).items()}


def zip_layers(theirs: Path, ours: Path) -> dict[str, tuple[object, object]]:
    """What both configurations say of layers, sections by their names."""
    expected, found = (
        layers(json.loads((folder / "config.json").read_text())) for folder in (theirs, ours)
    )
    return {key: (expected.get(key), found[key]) for key in found if key in expected}


def layers(config: dict[str, object], section: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in config.items():
        if isinstance(value, dict):
            found |= layers(value, f"{section}{key}.")
        elif "layer" in key or key == "depth":
            found[section + key] = value
    return found


def merge(config: Path, output: Path) -> None:
    """Merges as the recipe says; mergekit resolves its paths from the working directory."""
    # mergekit 0.1.5 fails in its own table of BERT's tensors; without the table it infers them.
    NAME_TO_ARCH.pop("BertModel", None)
    recipe = MergeConfiguration.model_validate(yaml.safe_load(config.read_text()))
    output = output.resolve()
    before = Path.cwd()
    os.chdir(config.resolve().parent)
    try:
        with tempfile.TemporaryDirectory() as adapted:
            options = MergeOptions(
                copy_tokenizer=False,
                write_model_card=False,
                quiet=True,
                lora_merge_cache=adapted,
            )
            run_merge(recipe, str(output), options)
    finally:
        os.chdir(before)


if __name__ == "__main__":
    main()
