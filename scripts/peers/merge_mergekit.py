#!/usr/bin/env python3
"""Run mergekit on a recipe and print JSON: seconds, and the most memory the process ever held.

    merge_mergekit.py CONFIG.yml OUTPUT

Relative paths in the recipe are taken from the recipe's own folder. Loading Python is not counted.

Needs Python with mergekit (0.1.5 was used).
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import resource
import time
from pathlib import Path

import torch
import yaml
from mergekit.architecture import NAME_TO_ARCH
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", type=Path)
    parser.add_argument("output", type=Path)
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
    print(json.dumps(result))


def merge(config: Path, output: Path) -> None:
    """Merges as the recipe says; mergekit resolves its paths from the working directory."""
    # mergekit 0.1.5 fails in its own table of BERT's tensors; without the table it infers them.
    NAME_TO_ARCH.pop("BertModel", None)
    recipe = MergeConfiguration.model_validate(yaml.safe_load(config.read_text()))
    options = MergeOptions(copy_tokenizer=False, write_model_card=False, quiet=True)
    output = output.resolve()
    before = Path.cwd()
    os.chdir(config.resolve().parent)
    try:
        run_merge(recipe, str(output), options)
    finally:
        os.chdir(before)


if __name__ == "__main__":
    main()
