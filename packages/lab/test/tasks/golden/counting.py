"""Naive Bayes and nearest neighbours by scikit-learn, n-grams by numpy, Python's shuffle: writes counting.json beside this file.

Run with an interpreter that has numpy and scikit-learn.
"""
import json
import random
from pathlib import Path

import numpy as np
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier

generator = np.random.default_rng(7)

# Texts of up to 6 tokens of 1 .. 9, filled up with 0, in 3 classes.
tokens = generator.integers(0, 10, size=(40, 6))
labels = generator.integers(0, 3, size=40)
counts = np.stack([(tokens == t).sum(axis=1) for t in range(1, 10)], axis=1)
train, test = slice(0, 30), slice(30, 40)
bayes = MultinomialNB(alpha=0.5).fit(counts[train], labels[train])

points = generator.normal(size=(60, 4)).round(3)
classes = generator.integers(0, 3, size=60)
neighbours = KNeighborsClassifier(n_neighbors=5, algorithm="brute").fit(points[:45], classes[:45])

# Trigrams over a stream of 5 tokens: log((n + 0.3) / (sum + 1.5)), windows of 4 that begin with shorter contexts.
stream = generator.integers(0, 5, size=201)
tables = [np.full((5**k, 5), 0.3) for k in range(3)]
for i in range(1, 161):
    for k in range(3):
        if k <= i:
            context = sum(int(stream[i - j]) * 5 ** (j - 1) for j in range(1, k + 1))
            tables[k][context, stream[i]] += 1
logs = [np.log(t / t.sum(axis=1, keepdims=True)) for t in tables]
held = stream[160:201]
total = 0.0
for begin in range(0, 40, 4):
    for t in range(4):
        known = [int(held[begin + j]) for j in range(t + 1)][::-1][:2]
        total -= logs[len(known)][sum(c * 5**j for j, c in enumerate(known)), held[begin + t + 1]]


def shuffled(length, seed):
    order = list(range(length))
    random.seed(seed)
    random.shuffle(order)
    return order


result = {
    "bayes": {
        "tokens": tokens.flatten().tolist(), "labels": labels.tolist(),
        "probabilities": bayes.predict_proba(counts[test]).flatten().tolist(),
    },
    "neighbours": {
        "points": points.flatten().tolist(), "labels": classes.tolist(),
        "votes": neighbours.predict_proba(points[45:]).flatten().tolist(),
    },
    "trigram": {"stream": stream.tolist(), "loss": total / 40},
    "shuffles": [{"length": n, "seed": s, "order": shuffled(n, s)} for n, s in ((10, 0), (33, 42), (7, 2**40 + 7), (1, 5))],
    "long": {"length": 32033, "seed": 42, "first": shuffled(32033, 42)[:5], "last": shuffled(32033, 42)[-5:]},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
