"""What the peers of the learn workloads share: a merge with coefficients to learn, and its timing."""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from pathlib import Path
from typing import Callable

import torch
from torch import Tensor


class Merge:
    """A base, task vectors, and a coefficient for each of them in each tensor."""

    def __init__(self, base: dict[str, Tensor], experts: list[dict[str, Tensor]]) -> None:
        """The experts' tensors become the task vectors: no step needs them as they were."""
        self.base = base
        self.vectors = [
            {name: expert[name].detach().sub_(origin) for name, origin in base.items()}
            for expert in experts
        ]
        self.coefficients = torch.full((len(experts), len(base)), 0.3, requires_grad=True)
        self.optimizer = torch.optim.Adam([self.coefficients], lr=1e-3)

    def __call__(self) -> dict[str, Tensor]:
        """The merged tensors, with the graph that leads to the coefficients."""
        merged = {}
        for column, (name, value) in enumerate(self.base.items()):
            for vectors, row in zip(self.vectors, self.coefficients):
                value = value + row[column] * vectors[name]
            merged[name] = value
        return merged


def entropy(logits: Tensor) -> Tensor:
    """The mean entropy of rows of logits."""
    logs = logits.log_softmax(-1)
    return -(logs.exp() * logs).sum(-1).mean()


def parse(description: str | None, add: Callable[[argparse.ArgumentParser], None]):
    """The arguments of a peer, and those that all peers take."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--autocast", action="store_true", help="products in bfloat16")
    add(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    return arguments


def report(step: Callable[[], float], arguments: argparse.Namespace) -> None:
    """Times steps after one that is not counted, and prints JSON."""
    step()
    seconds = []
    for _ in range(arguments.steps):
        start = time.perf_counter()
        total = step()
        seconds.append(time.perf_counter() - start)
    result = {
        "seconds": round(statistics.median(seconds), 4),
        "steps": arguments.steps,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "dtype": "bfloat16 autocast" if arguments.autocast else "float32",
        "entropy": round(total, 6),
    }
    print(json.dumps(result))
