"""NB-SVM and a plain linear machine by scikit-learn (LIBLINEAR): writes linear-texts.json beside this file.

Run with an interpreter that has numpy and scikit-learn.
"""
import json
from pathlib import Path

import numpy as np
from sklearn.svm import LinearSVC

generator = np.random.default_rng(11)
TOKENS, TEXTS, HELD, SMOOTHING, BETA = 24, 80, 20, 1.0, 0.25
# Each class prefers some of the tokens; a text holds each token once at most.
labels = generator.integers(0, 3, size=TEXTS + HELD)
lean = generator.uniform(0.05, 0.4, size=(3, TOKENS))
texts = (generator.uniform(size=(TEXTS + HELD, TOKENS)) < lean[labels]).astype(float)


def fitted(is_class, scaled, bias):
    machine = LinearSVC(
        C=1.0, loss="squared_hinge", dual=True, tol=1e-10, max_iter=1_000_000, random_state=0, fit_intercept=bias,
    )
    machine.fit(scaled[:TEXTS], is_class[:TEXTS])
    return machine.coef_[0], float(machine.intercept_[0]) if bias else 0.0


def scores(is_class, log_odds, bias=True):
    p = SMOOTHING + texts[:TEXTS][is_class[:TEXTS]].sum(axis=0)
    q = SMOOTHING + texts[:TEXTS][~is_class[:TEXTS]].sum(axis=0)
    r = np.log((p / p.sum()) / (q / q.sum())) if log_odds else np.ones(TOKENS)
    w, b = fitted(is_class, texts * r, bias)
    if log_odds:
        w = (1 - BETA) * np.abs(w).mean() + BETA * w
    return texts[TEXTS:] @ (r * w) + b


result = {
    "texts": [(np.flatnonzero(row) + 1).tolist() for row in texts],
    "labels": labels.tolist(),
    "held": HELD,
    # Scores of each class against the others, texts by classes.
    "nbSvm": np.stack([scores(labels == k, True) for k in range(3)], axis=1).tolist(),
    "svm": np.stack([scores(labels == k, False) for k in range(3)], axis=1).tolist(),
    "nbSvmWithoutBias": np.stack([scores(labels == k, True, bias=False) for k in range(3)], axis=1).tolist(),
    # Class 1 against class 0 or 2.
    "two": scores(labels == 1, True).tolist(),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
