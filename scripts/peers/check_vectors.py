#!/usr/bin/env python3
"""Compare task vectors with what numpy computes in double.

    merganser vector extract BASE EXPERT VECTOR.safetensors --sparse 0.1
    check_vectors.py BASE EXPERT VECTOR.safetensors

    merganser vector compare BASE MODEL MODEL --json > comparison.json
    check_vectors.py BASE MODEL MODEL --comparison comparison.json

Models are directories with a model.safetensors whose tensors have the base's names. Of a vector, the
errors that it states are compared with its true ones, and these with the smallest that its form
allows. Exit status 1 if a number is off by more than 1e-5.

Needs Python with numpy and safetensors.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

LARGEST = 1e-5
RUN = 1 << 16

Vector = dict[str, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--comparison", type=Path)
    arguments = parser.parse_args()
    base = load_file(arguments.base / "model.safetensors")
    if arguments.comparison:
        vectors = [difference(model, base) for model in arguments.models]
        off = check_comparison(vectors, json.loads(arguments.comparison.read_text()))
    else:
        expert, file = arguments.models
        off = check_vector(difference(expert, base), file)
    print(f"largest difference: {off:.2e}")
    sys.exit(int(not off <= LARGEST))


def difference(model: Path, base: Vector) -> Vector:
    tensors = load_file(model / "model.safetensors")
    return {n: tensors[n].astype(np.float64) - base[n].astype(np.float64) for n in base}


def check_vector(truth: Vector, file: Path) -> float:
    with safe_open(file, "numpy") as opened:
        metadata = opened.metadata()
    entries, tensors = json.loads(metadata["parameters"]), load_file(file)
    off, errors = [], 0.0
    for name, vector in truth.items():
        found = stored(name, entries.get(name), tensors, vector.shape)
        error = np.square(found - vector).sum()
        errors += error
        if name in entries:
            stated = entries[name]["relative_error"]
            off.append(abs(stated - np.sqrt(error / np.square(vector).sum())))
    total = sum(np.square(vector).sum() for vector in truth.values())
    off.append(abs(float(metadata["relative_error"]) - np.sqrt(errors / total)))
    off.append(abs(float(metadata["norm"]) - np.sqrt(total)) / np.sqrt(total))
    best = smallest_error(truth, metadata["layout"], entries)
    print(f"{metadata['layout']}: error {np.sqrt(errors / total):.6f}, smallest {best:.6f}")
    off.append(np.sqrt(errors / total) - best)
    return max(off)


def stored(name: str, entry: dict | None, tensors: Vector, shape: tuple[int, ...]) -> np.ndarray:
    """A parameter as the file has it."""
    layout = entry["layout"] if entry else "zero"
    if layout == "dense":
        return tensors[name].astype(np.float64)
    if layout == "low_rank":
        b, a = (tensors[f"{name}.{part}"].astype(np.float64) for part in "ba")
        return entry.get("scale", 1) * (b @ a)
    result = np.zeros(int(np.prod(shape)))
    if layout == "sparse":
        starts, places = tensors[name + ".starts"], tensors[name + ".places"].astype(np.int64)
        for run, (first, last) in enumerate(zip(starts, starts[1:])):
            result[run * RUN + places[first:last]] = tensors[name + ".values"][first:last]
    return result.reshape(shape)


def smallest_error(truth: Vector, layout: str, entries: dict) -> float:
    """The relative error that nothing of this form falls below."""
    total = sum(np.square(vector).sum() for vector in truth.values())
    kind, _, number = layout.partition(", ")
    if kind == "sparse":
        sizes = np.sort(np.abs(np.concatenate([v.ravel() for v in truth.values()])))[::-1]
        kept = max(1, int(float(number.split()[1]) * sizes.size))
        return float(np.sqrt(np.square(sizes[kept:]).sum() / total))
    if kind == "low_rank":
        rank, rest = int(number.split()[1]), 0.0
        for name, vector in truth.items():
            if entries.get(name, {}).get("layout") == "low_rank":
                values = np.linalg.svd(vector, compute_uv=False)
                rest += np.square(values[rank:]).sum()
        return float(np.sqrt(rest / total))
    return 0.0


def check_comparison(vectors: list[Vector], comparison: dict) -> float:
    flat = [np.concatenate([v.ravel() for v in vector.values()]) for vector in vectors]
    overall, off = comparison["overall"], []
    off += [abs(n / np.linalg.norm(v) - 1) for n, v in zip(overall["norms"], flat)]
    pairs = iter(overall["pairs"])
    kept = int(comparison["largest"] * flat[0].size)
    for i, a in enumerate(flat):
        for b in flat[i + 1 :]:
            pair = next(pairs)
            largest = [set(np.argsort(-np.abs(v), kind="stable")[:kept]) for v in (a, b)]
            off += [
                abs(pair["cosine"] - a @ b / np.linalg.norm(a) / np.linalg.norm(b)),
                abs(pair["conflict"] - (a * b < 0).mean()),
                abs(pair["shared"] - ((a != 0) & (b != 0)).mean()),
                abs(pair["overlap"] - len(largest[0] & largest[1]) / kept),
            ]
    return max(off)


if __name__ == "__main__":
    main()
