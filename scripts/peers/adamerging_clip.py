#!/usr/bin/env python3
"""The benchmark workloads learn-vit-b32 and forward-vit-b32 in PyTorch.

    adamerging_clip.py MODELS [--steps 5] [--threads 2] [--autocast] [--together] [--forward]

MODELS holds base/ and expert-1/ .. expert-8/: image towers of CLIP ViT-B/32 with projection. A step
merges once, runs 16 pictures of each task, classifies them by their cosines with the task's ten
class vectors, takes the mean entropies, and lets Adam update the coefficients. As FusionBench does,
every task has a backward pass of its own through model and merge; --together has one for all.
--forward only runs the merged model, which is formed before. Prints JSON: the median seconds of a
step, after one that is not counted, and the most memory that this process ever held.

Needs Python with torch, transformers and safetensors.
"""

from __future__ import annotations

from pathlib import Path

import torch
from adamerging import Merge, entropy, parse, report
from safetensors.torch import load_file
from torch import Tensor
from torch.func import functional_call
from torch.nn.functional import normalize
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

EXPERTS = 8
PICTURES = 16
CLASSES = 10


def main() -> None:
    def add(parser):
        parser.add_argument("--together", action="store_true", help="one backward pass for all")
        parser.add_argument("--forward", action="store_true", help="only run the merged model")

    arguments = parse(__doc__, add)
    learning = Learning(arguments.models, arguments.autocast, arguments.together)
    report(learning.forward() if arguments.forward else learning.step, arguments)


class Learning:
    """The merge, the model that is run with it, and the tasks' pictures and classes."""

    def __init__(self, models: Path, autocast: bool, together: bool) -> None:
        self.autocast, self.together = autocast, together
        configuration = CLIPVisionConfig.from_pretrained(models / "base")
        self.model = CLIPVisionModelWithProjection(configuration).eval().requires_grad_(False)
        names = [name for name, _ in self.model.named_parameters()]
        base = tensors(models / "base", names)
        self.merge = Merge(base, [tensors(models / f"expert-{k + 1}", names) for k in range(EXPERTS)])
        random = torch.Generator().manual_seed(0)
        size, width = configuration.image_size, configuration.projection_dim
        self.pictures = torch.randn(EXPERTS, PICTURES, 3, size, size, generator=random)
        self.classes = normalize(torch.randn(EXPERTS, CLASSES, width, generator=random), dim=-1)

    def step(self) -> float:
        """One step: merge, the entropies of all tasks, backward passes, one update."""
        self.merge.optimizer.zero_grad()
        merged = self.merge()
        losses = []
        for task in range(EXPERTS):
            loss = self.loss(merged, task)
            if not self.together:
                # The graph of the merge is shared, so it has to outlive the pass.
                loss.backward(retain_graph=True)
                loss = loss.detach()
            losses.append(loss)
        total = torch.stack(losses).sum()
        if self.together:
            total.backward()
        self.merge.optimizer.step()
        return total.item()

    def forward(self):
        """A step that only runs the merged model."""
        with torch.no_grad():
            merged = self.merge()

        @torch.no_grad()
        def step() -> float:
            return sum(self.loss(merged, task).item() for task in range(EXPERTS))

        return step

    def loss(self, merged: dict[str, Tensor], task: int) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            output = functional_call(self.model, merged, (self.pictures[task],))
        logits = 100 * normalize(output.image_embeds.float(), dim=-1) @ self.classes[task].T
        return entropy(logits)


def tensors(folder: Path, names: list[str]) -> dict[str, Tensor]:
    stored = load_file(folder / "model.safetensors")
    return {name: stored[name].float() for name in names}


if __name__ == "__main__":
    main()
