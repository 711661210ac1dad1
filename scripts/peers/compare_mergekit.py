#!/usr/bin/env python3
"""Merge by mergekit and by merganser, and compare the bytes.

    compare_mergekit.py FOLDER [--merganser BINARY]

Runs every FOLDER/*/config.yml whose method mergekit has and which draws nothing at random. Prints the
share of elements whose bytes agree and the largest difference, and ends with status 1 where tensors
are missing, have other shapes or formats, or differ by more than 1e-5 (in bfloat16 and float16, by
more than one unit in the last place).

Needs Python with mergekit (0.1.5 was used).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import yaml
from merge_mergekit import merge, tensors
from mergekit.merge_methods.registry import get

RANDOM = {"dare_linear", "dare_ties", "della", "della_linear"}
OURS = ("trim_scope", "merge_func", "angle_average", "rescale_mode", "scaling_factor")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--merganser", default=".build/release/merganser")
    arguments = parser.parse_args()
    is_sound = True
    for config in sorted(arguments.folder.glob("*/config.yml")):
        if not is_comparable(config):
            continue
        with tempfile.TemporaryDirectory() as folder:
            theirs, ours = Path(folder) / "theirs", Path(folder) / "ours"
            try:
                merge(config, theirs)
            except Exception as error:  # noqa: BLE001: whatever mergekit cannot do
                print(f"{config.parent.name:34} mergekit: {type(error).__name__}")
                continue
            command = [arguments.merganser, "merge", config, ours, "--quiet"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                is_sound = False
                print(f"{config.parent.name:34} merganser: {done.stderr.strip()[:120]}")
                continue
            words, agrees = comparison(tensors(theirs), tensors(ours))
            is_sound &= agrees
            print(f"{config.parent.name:34} {words}", flush=True)
    sys.exit(0 if is_sound else 1)


def is_comparable(config: Path) -> bool:
    try:
        recipe = yaml.safe_load(config.read_text())
    except yaml.YAMLError:
        return False
    method = recipe.get("merge_method") if isinstance(recipe, dict) else None
    options = recipe.get("parameters") or {} if method else {}
    return (
        is_known(method)
        and method not in RANDOM
        and not any(option in options for option in OURS)
        and "error" not in config.parent.name
    )


def is_known(method: object) -> bool:
    try:
        return isinstance(method, str) and get(method) is not None
    except Exception:  # noqa: BLE001: it has no such method
        return False


def comparison(
    theirs: dict[str, torch.Tensor], ours: dict[str, torch.Tensor]
) -> tuple[str, bool]:
    if theirs.keys() != ours.keys():
        names = sorted(theirs.keys() ^ ours.keys())
        return f"{len(names)} tensors are in one alone, such as {names[0]}", False
    equal = count = 0
    largest = 0.0
    agrees = True
    for name, expected in theirs.items():
        found = ours[name]
        if expected.shape != found.shape or expected.dtype != found.dtype:
            return f"{name} is {tuple(found.shape)} {found.dtype}", False
        if not expected.numel():
            continue
        equal += int((expected == found).sum())
        count += expected.numel()
        difference = (expected.double() - found.double()).abs()
        largest = max(largest, difference.max().item())
        unit = torch.finfo(expected.dtype).eps if expected.dtype.is_floating_point else 0
        limit = 1e-5 if expected.dtype == torch.float32 else unit * expected.double().abs() + 1e-6
        agrees &= bool((difference <= limit).all())
    words = f"{100 * equal / max(count, 1):6.2f} % of elements alike, largest difference {largest:.1e}"
    return words, agrees


if __name__ == "__main__":
    main()
