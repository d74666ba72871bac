"""Golden values for the analysis tests from scikit-learn, scipy and numpy.

Run with Debian's python3 (scikit-learn 1.2.1, scipy 1.10.1, numpy 1.24.2):
    python3 make_golden.py
It rewrites the JSON files beside it; they are committed, so Python is not needed by the tests.
"""
import json
import os

import numpy as np
import scipy.stats as stats
from scipy.optimize import minimize, rosen, rosen_der
from sklearn.calibration import calibration_curve
from sklearn.decomposition import PCA
from sklearn.metrics import (
    brier_score_loss,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
)

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, value):
    with open(os.path.join(HERE, name + ".json"), "w") as file:
        json.dump(value, file, separators=(",", ":"))
        file.write("\n")


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def scores(truth, predicted, n):
    out = {}
    for average in (None, "macro", "micro", "weighted"):
        p, r, f, s = precision_recall_fscore_support(truth, predicted, labels=range(n), average=average, zero_division=0)
        out[average or "classes"] = {
            "precision": np.asarray(p).tolist(),
            "recall": np.asarray(r).tolist(),
            "f1": np.asarray(f).tolist(),
            "support": None if s is None else np.asarray(s).tolist(),
        }
    return out


def expected_calibration_error(probabilities, labels, bins=15):
    """Guo et al. 2017, written straight from equation 5, bins (low, high]."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    ece, mce = 0.0, 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            gap = abs(correct[inside].mean() - confidence[inside].mean())
            ece += inside.mean() * gap
            mce = max(mce, gap)
    return ece, mce


def classification():
    cases = []
    for seed, (items, n, noise) in enumerate([(60, 3, 1.0), (300, 10, 2.0), (40, 2, 1.0), (50, 7, 0.3)]):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, n, items)
        if seed == 3:
            labels[labels == 5] = 4  # a class that never occurs
        logits = np.round(rng.normal(size=(items, n)) * 2 + noise * np.eye(n)[labels], 4)
        if seed == 3:
            logits[:, 2] = -9  # a class that is never predicted
        probabilities = softmax(logits)
        predicted = logits.argmax(axis=1)
        ece, mce = expected_calibration_error(probabilities, labels)
        confidence = probabilities.max(axis=1)
        accuracy_curve, confidence_curve = calibration_curve(predicted == labels, confidence, n_bins=15, strategy="uniform")
        one_hot = np.eye(n)[labels]
        losses = -np.log(probabilities[np.arange(items), labels])
        case = {
            "classes": n,
            "labels": labels.tolist(),
            "logits": logits.reshape(-1).tolist(),
            "predicted": predicted.tolist(),
            "confusion": confusion_matrix(labels, predicted, labels=range(n)).reshape(-1).tolist(),
            "scores": scores(labels, predicted, n),
            "ece": ece,
            "mce": mce,
            "binAccuracy": accuracy_curve.tolist(),
            "binConfidence": confidence_curve.tolist(),
            "brier": float(((probabilities - one_hot) ** 2).sum(axis=1).mean()),
            "logLoss": log_loss(labels, probabilities, labels=range(n)),
            "topLosses": np.argsort(-losses, kind="stable")[:5].tolist(),
            "topLossValues": np.sort(losses)[::-1][:5].tolist(),
        }
        if n == 2:
            case["binaryBrier"] = brier_score_loss(labels, probabilities[:, 1])
        cases.append(case)
    write("classification", cases)


def statistics():
    rng = np.random.default_rng(5)
    samples = {"skewed": rng.exponential(size=40).round(4).tolist(), "errors": (rng.random(200) < 0.07).astype(int).tolist(),
               "seeds": [0.9821, 0.9835, 0.9817, 0.9829, 0.9840]}
    bootstrap = []
    for name, values in samples.items():
        for statistic in ("mean", "median", "std"):
            function = {"mean": np.mean, "median": np.median, "std": lambda x, axis=-1: np.std(x, axis=axis, ddof=1)}[statistic]
            result = stats.bootstrap((np.array(values, float),), function, n_resamples=50000, method="percentile", random_state=1, vectorized=True, batch=5000)
            bootstrap.append({"sample": name, "statistic": statistic, "low": result.confidence_interval.low, "high": result.confidence_interval.high,
                              "standardError": result.standard_error})
    flips = []
    for values in ([0.3, -0.1, 0.4, 0.2, 0.5], [1, 1, 1, 1, 1, 1], [0.2, -0.2, 0.1, 0.0, 0.05, -0.3, 0.4], np.round(rng.normal(0.4, 1, 12), 3).tolist(),
                   np.round(rng.normal(0.5, 1, 30), 3).tolist()):
        exact = len(values) <= 20
        result = stats.permutation_test((np.array(values, float),), np.mean, permutation_type="samples", vectorized=True,
                                        n_resamples=np.inf if exact else 200000, alternative="two-sided", random_state=3, batch=2000)
        flips.append({"differences": values, "pValue": result.pvalue})
    wilson = []
    for errors, n, level in [(160, 10000, 0.95), (0, 20, 0.95), (20, 20, 0.95), (1, 29, 0.95), (35, 100, 0.99), (7, 9, 0.8)]:
        interval = stats.binomtest(errors, n).proportion_ci(level, method="wilson")
        wilson.append({"errors": errors, "n": n, "level": level, "low": interval.low, "high": interval.high})
    p = [1e-300, 1e-20, 1e-6, 0.001, 0.025, 0.07, 0.08, 0.2, 0.4, 0.5, 0.6, 0.93, 0.975, 0.999, 0.9999999]
    values = samples["skewed"]
    write("statistics", {
        "samples": samples, "bootstrap": bootstrap, "signFlip": flips, "wilson": wilson,
        "normalQuantile": {"p": p, "z": stats.norm.ppf(p).tolist()},
        "descriptive": {"mean": np.mean(values), "std": np.std(values, ddof=1), "median": np.median(values),
                        "q": [0, 0.1, 0.333, 0.95, 1], "quantiles": np.quantile(values, [0, 0.1, 0.333, 0.95, 1]).tolist()},
    })


def pca():
    cases = []
    for items, features, components in [(30, 5, 3), (12, 40, 4), (200, 12, 2)]:
        rng = np.random.default_rng(items)
        x = np.round(rng.normal(size=(items, features)) @ np.diag(np.linspace(3, 0.5, features)) @ np.linalg.qr(rng.normal(size=(features, features)))[0] + 2, 4)
        fit = PCA(components, svd_solver="full").fit(x)
        cases.append({"items": items, "features": features, "components": components, "x": x.reshape(-1).tolist(), "mean": fit.mean_.tolist(),
                      "directions": fit.components_.tolist(), "variance": fit.explained_variance_.tolist(),
                      "ratio": fit.explained_variance_ratio_.tolist(), "projected": fit.transform(x).reshape(-1).tolist()})
    write("pca", cases)


def lbfgsb():
    """Bound-constrained minima by scipy's L-BFGS-B at tight tolerances; the functions are written again in the test."""
    def quadratic(x):
        d = np.arange(1, len(x) + 1) ** 2.0
        c = np.linspace(-2, 3, len(x))
        return 0.5 * np.sum(d * (x - c) ** 2), d * (x - c)

    def himmelblau(x):
        a, b = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
        return a * a + b * b, np.array([4 * a * x[0] + 2 * b, 2 * a + 4 * b * x[1]])

    def beale(x):
        u, v = x
        t = [1.5 - u + u * v, 2.25 - u + u * v**2, 2.625 - u + u * v**3]
        gu = 2 * (t[0] * (v - 1) + t[1] * (v**2 - 1) + t[2] * (v**3 - 1))
        gv = 2 * (t[0] * u + t[1] * 2 * u * v + t[2] * 3 * u * v**2)
        return sum(s * s for s in t), np.array([gu, gv])

    def coupled(x):
        """Chained quadratic with off-diagonal terms: a bound on one variable moves the others."""
        n = len(x)
        a = 4 * np.eye(n) - 1.5 * np.eye(n, k=1) - 1.5 * np.eye(n, k=-1)
        b = np.sin(np.arange(n)) * 6
        return 0.5 * x @ a @ x - b @ x, a @ x - b

    problems = [
        ("quadratic", quadratic, np.zeros(12), [(-1.0, 1.5)] * 12),
        ("rosenbrock", lambda x: (rosen(x), rosen_der(x)), np.array([-1.2, 1.0, -1.2, 1.0, -1.2, 1.0]), [(-2.0, 0.8)] * 6),
        ("rosenbrock", lambda x: (rosen(x), rosen_der(x)), np.array([-1.2, 1.0, 0.4]), [(-5.0, 5.0)] * 3),
        ("himmelblau", himmelblau, np.array([0.5, 0.5]), [(0.0, 2.5), (0.0, 4.0)]),
        ("beale", beale, np.array([1.0, 0.2]), [(0.6, 4.5), (-0.4, 0.3)]),
        ("coupled", coupled, np.zeros(20), [(-0.5, 1.0)] * 20),
    ]
    cases = []
    for name, f, start, bounds in problems:
        result = minimize(f, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-12, "maxiter": 2000, "maxls": 60})
        cases.append({"name": name, "start": start.tolist(), "low": [b[0] for b in bounds], "high": [b[1] for b in bounds],
                      "x": result.x.tolist(), "value": float(result.fun), "iterations": int(result.nit)})
    write("lbfgsb", cases)


def ranks():
    rng = np.random.default_rng(9)
    a, b = np.round(rng.normal(size=40), 1), np.round(rng.normal(size=40), 1)
    c = np.round(a + rng.normal(size=40) * 0.3, 1)
    write("ranks", {"a": a.tolist(), "b": b.tolist(), "c": c.tolist(), "ab": stats.spearmanr(a, b)[0], "ac": stats.spearmanr(a, c)[0]})


for make in (classification, statistics, pca, lbfgsb, ranks):
    make()
