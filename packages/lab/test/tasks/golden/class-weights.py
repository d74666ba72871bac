"""Weighted cross-entropy by PyTorch, balanced class weights by scikit-learn. Writes class-weights.json beside this file.

Run with an interpreter that has numpy; scikit-learn is read from the formula n / (classes * counts) that it documents for
class_weight="balanced" and checked against it where it is installed.
"""
import json
from pathlib import Path

import numpy as np
import torch

generator = np.random.default_rng(5)
labels = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 1, 0])
logits = generator.normal(size=(len(labels), 4)).astype(np.float32)
present, counts = np.unique(labels, return_counts=True)
balanced = len(labels) / (len(present) * counts)
try:
    from sklearn.utils.class_weight import compute_class_weight

    assert np.allclose(balanced, compute_class_weight("balanced", classes=present, y=labels))
except ImportError:
    pass
weight = torch.tensor([*balanced, 0.0], dtype=torch.float32)


def loss(smoothing):
    x = torch.tensor(logits, requires_grad=True)
    value = torch.nn.functional.cross_entropy(x, torch.tensor(labels), weight=weight, label_smoothing=smoothing)
    value.backward()
    return {"smoothing": smoothing, "loss": value.item(), "gradient": x.grad.flatten().tolist()}


result = {"labels": labels.tolist(), "logits": logits.flatten().tolist(), "weights": balanced.tolist(), "losses": [loss(0.0), loss(0.1)]}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
