"""NB-SVM and a plain linear machine by scikit-learn (LIBLINEAR): writes linear-texts.json beside this file.

Run with an interpreter that has numpy and scikit-learn.
"""
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

generator = np.random.default_rng(11)
TOKENS, TEXTS, HELD, SMOOTHING, BETA = 24, 80, 20, 1.0, 0.25
# Each class prefers some of the tokens; a text holds each token once at most.
labels = generator.integers(0, 3, size=TEXTS + HELD)
lean = generator.uniform(0.05, 0.4, size=(3, TOKENS))
texts = (generator.uniform(size=(TEXTS + HELD, TOKENS)) < lean[labels]).astype(float)
# How often each text has the tokens that it has.
counts = texts * generator.integers(1, 5, size=texts.shape)


def fitted(is_class, scaled, bias, loss):
    if loss == "logistic":
        machine = LogisticRegression(
            C=1.0, solver="liblinear", dual=False, tol=1e-12, max_iter=100_000, fit_intercept=bias,
        )
        machine.fit(scaled[:TEXTS], is_class[:TEXTS])
        return machine.coef_[0], float(machine.intercept_[0]) if bias else 0.0
    machine = LinearSVC(
        C=1.0, loss="squared_hinge", dual=True, tol=1e-10, max_iter=1_000_000, random_state=0, fit_intercept=bias,
    )
    machine.fit(scaled[:TEXTS], is_class[:TEXTS])
    return machine.coef_[0], float(machine.intercept_[0]) if bias else 0.0


def scores(is_class, log_odds, bias=True, loss="squaredHinge", often=texts, beta=BETA):
    p = SMOOTHING + often[:TEXTS][is_class[:TEXTS]].sum(axis=0)
    q = SMOOTHING + often[:TEXTS][~is_class[:TEXTS]].sum(axis=0)
    r = np.log((p / p.sum()) / (q / q.sum())) if log_odds else np.ones(TOKENS)
    w, b = fitted(is_class, texts * r, bias, loss)
    if log_odds:
        w = (1 - beta) * np.abs(w).mean() + beta * w
    return texts[TEXTS:] @ (r * w) + b


result = {
    "texts": [(np.flatnonzero(row) + 1).tolist() for row in texts],
    "labels": labels.tolist(),
    "held": HELD,
    # Scores of each class against the others, texts by classes.
    "nbSvm": np.stack([scores(labels == k, True) for k in range(3)], axis=1).tolist(),
    "svm": np.stack([scores(labels == k, False) for k in range(3)], axis=1).tolist(),
    "nbSvmWithoutBias": np.stack([scores(labels == k, True, bias=False) for k in range(3)], axis=1).tolist(),
    # As Mesnil's code: logistic, the own weights, log-odds of counts.
    "logistic": scores(labels == 1, True, False, "logistic", counts, 1.0).tolist(),
    "logisticWithBias": scores(labels == 1, False, True, "logistic").tolist(),
    "counts": [row[row > 0].astype(int).tolist() for row in counts],
    # Class 1 against class 0 or 2.
    "two": scores(labels == 1, True).tolist(),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
