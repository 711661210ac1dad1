#!/usr/bin/env python3
"""Make the small reference cases of Tests/Fixtures anew.

The models are random and tiny. transformers, peft and mergekit compute what the tests compare with,
in float64 (merges in float32). The same versions write the same bytes.

Needs Python with torch, transformers, peft and safetensors; without mergekit 0.1.5 the merges are
left as they are.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import tempfile
from pathlib import Path

import torch
from transformers.utils import logging

from fixtures import adapter, forward, heads, learn, statistics

DEFAULT = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, nargs="?", default=DEFAULT, help="Tests/Fixtures")
    output = parser.parse_args().output
    torch.set_num_threads(1)  # one order of summation
    logging.disable_progress_bar()

    kinds = {
        "forward": forward.dump,
        "learn": learn.dump,
        "adapter": adapter.dump,
        "heads": heads.dump,
        "statistics": statistics.dump,
    }
    if importlib.util.find_spec("mergekit"):
        from fixtures import merge

        kinds["merge"] = merge.dump
    else:
        print("merge: left as it is, mergekit is not installed")

    index_file = output / "index.json"
    index = json.loads(index_file.read_text()) if index_file.exists() else {}
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output) as work:
        for kind, dump in kinds.items():
            index[kind] = dump(Path(work) / kind)
            shutil.rmtree(output / kind, ignore_errors=True)
            (Path(work) / kind).rename(output / kind)
            print(f"{kind}: {', '.join(index[kind])}")
    index_file.write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")
    size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    print(f"{output}: {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
