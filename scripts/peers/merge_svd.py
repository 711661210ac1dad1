#!/usr/bin/env python3
"""Merge by singular vectors in PyTorch and print JSON: seconds, and the most memory ever held.

    merge_svd.py RECIPE.yml OUTPUT

Knows tsv_m (arXiv:2412.00081) and iso_c (arXiv:2502.04959) with their defaults: matrices by
torch.linalg.svd in float32, everything else by the mean of the task vectors. Reading the checkpoints
and writing the merged one are counted, loading Python is not.

Needs Python with torch, safetensors and PyYAML.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import torch
import yaml
from safetensors import safe_open
from safetensors.torch import save_file


def polar(matrix: torch.Tensor) -> torch.Tensor:
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    return left @ right


def tsv_m(vectors: list[torch.Tensor]) -> torch.Tensor:
    lefts, values, rights = [], [], []
    for vector in vectors:
        left, value, right = torch.linalg.svd(vector, full_matrices=False)
        kept = len(value) // len(vectors)
        lefts.append(left[:, :kept])
        values.append(value[:kept])
        rights.append(right[:kept])
    return polar(torch.cat(lefts, 1)) @ torch.diag(torch.cat(values)) @ polar(torch.cat(rights))


def iso_c(vectors: list[torch.Tensor]) -> torch.Tensor:
    left, values, right = torch.linalg.svd(sum(vectors), full_matrices=False)
    return values.mean() * (left @ right)


METHODS: dict[str, Callable] = {"tsv_m": tsv_m, "iso_c": iso_c}


def merge(recipe: dict, output: Path) -> None:
    change = METHODS[recipe["merge_method"]]
    files = [recipe["base_model"]] + [entry["model"] for entry in recipe["models"]]
    models = [safe_open(f"{file}/model.safetensors", "pt") for file in files]
    merged = {}
    for name in models[0].keys():
        base, *experts = [model.get_tensor(name).float() for model in models]
        vectors = [expert - base for expert in experts]
        delta = change(vectors) if base.ndim == 2 else sum(vectors) / len(vectors)
        merged[name] = (base + delta).contiguous()
    output.mkdir(parents=True, exist_ok=True)
    save_file(merged, output / "model.safetensors", metadata={"format": "pt"})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipe = yaml.safe_load(arguments.recipe.read_text())
    start = time.perf_counter()
    merge(recipe, arguments.output)
    result = {
        "seconds": round(time.perf_counter() - start, 4),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
