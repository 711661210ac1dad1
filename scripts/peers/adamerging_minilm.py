#!/usr/bin/env python3
"""The benchmark workload learn-minilm in PyTorch: one step of tensor-wise AdaMerging.

    adamerging_minilm.py MODELS [--steps 5] [--threads 2] [--autocast]

MODELS holds base/ and expert-1/ .. expert-4/: BERTs in the shape of MiniLM (6 layers, width 384),
the experts with a classifier. --create writes such a folder with random weights if there is none. A
step merges once, runs 16 texts of 64 tokens of each task, sums the tasks' mean entropies, and lets
Adam update the coefficients. Prints JSON: the median seconds of a step, after one that is not
counted, and the most memory that this process ever held.

Needs Python with torch, transformers and safetensors.
"""

from __future__ import annotations

from pathlib import Path

import torch
from adamerging import Merge, entropy, parse, report
from safetensors.torch import load_file
from torch.func import functional_call
from transformers import BertConfig, BertForSequenceClassification
from transformers.utils import logging

EXPERTS = 4
TEXTS = 16
TOKENS = 64
CLASSES = [6, 4, 4, 16]  # of the four tasks
WORDS = 30522


def main() -> None:
    def add(parser):
        parser.add_argument("--create", action="store_true", help="write MODELS if it is absent")

    arguments = parse(__doc__, add)
    logging.disable_progress_bar()
    if arguments.create and not arguments.models.exists():
        create(arguments.models)
    report(Learning(arguments.models, arguments.autocast), arguments)


class Learning:
    """The merged model and everything that a step needs."""

    def __init__(self, models: Path, autocast: bool) -> None:
        self.autocast = autocast
        self.experts = [
            BertForSequenceClassification.from_pretrained(folder).eval()
            for folder in (models / f"expert-{k + 1}" for k in range(EXPERTS))
        ]
        base = load_file(models / "base" / "model.safetensors")
        if not any(name.startswith("bert.") for name in base):  # a bare encoder
            base = {f"bert.{name}": tensor for name, tensor in base.items()}
        parameters = [name for name, _ in self.experts[0].named_parameters()]
        names = [name for name in parameters if not name.startswith("classifier.")]
        for expert in self.experts:
            expert.requires_grad_(False)
        self.merge = Merge(
            {name: base[name] for name in names},
            [dict(expert.named_parameters()) for expert in self.experts],
        )
        random = torch.Generator().manual_seed(0)
        mask = torch.ones(TEXTS, TOKENS, dtype=torch.long)
        self.inputs = [
            {
                "input_ids": torch.randint(1000, WORDS, (TEXTS, TOKENS), generator=random),
                "attention_mask": mask,
            }
            for _ in range(EXPERTS)
        ]

    def __call__(self) -> float:
        """One step: merge, the entropies of all tasks, one backward pass, one update."""
        self.merge.optimizer.zero_grad()
        merged = self.merge()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            logits = [
                functional_call(expert, merged, kwargs=inputs).logits
                for expert, inputs in zip(self.experts, self.inputs)
            ]
        total = sum(entropy(rows.float()) for rows in logits)
        total.backward()
        self.merge.optimizer.step()
        return total.item()


def create(models: Path) -> None:
    """A random base, and experts that differ from it in every weight."""
    torch.manual_seed(0)
    base = classifier(classes=2)
    base.save_pretrained(models / "base")
    origin = dict(base.named_parameters())
    for k, classes in enumerate(CLASSES):
        expert = classifier(classes)
        for name, tensor in expert.named_parameters():
            if not name.startswith("classifier."):
                tensor.data.copy_(origin[name] + 0.002 * torch.randn(tensor.shape))
        expert.save_pretrained(models / f"expert-{k + 1}")


def classifier(classes: int) -> BertForSequenceClassification:
    shape = BertConfig(
        vocab_size=WORDS,
        hidden_size=384,
        intermediate_size=1536,
        num_hidden_layers=6,
        num_attention_heads=12,
        num_labels=classes,
    )
    return BertForSequenceClassification(shape)


if __name__ == "__main__":
    main()
