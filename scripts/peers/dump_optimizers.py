#!/usr/bin/env python3
"""Print what PyTorch's optimizers make of fixed gradients: the oracle of OptimizerTests.swift."""
import torch

GRADIENTS = [[0.5, -1.0, 2.0], [0.25, 1.5, -3.0], [-0.125, 0.75, 0.5]]
OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adam with decay": lambda p: torch.optim.Adam(p, lr=0.1, weight_decay=0.1),
    "adamW": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.01),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd with momentum and decay": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
}
for name, make in OPTIMIZERS.items():
    p = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64))
    optimizer = make([p])
    for gradient in GRADIENTS:
        p.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
    print(f"{name}: {[round(v, 8) for v in p.tolist()]}")
