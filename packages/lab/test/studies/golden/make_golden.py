"""Golden values for the tests of studies from Optuna 5.0.0, scipy 1.17.1 and cmaes.

    pip install optuna==5.0.0 scipy==1.17.1 cmaes scikit-learn
    python3 make_golden.py

It rewrites the JSON files beside it. tpe.json, asha.json, median.json and importance.json keep their inputs and get their
outputs anew; the others are made from the seed below. optuna-journal.jsonl was written once by Optuna's journal storage
(a study of 41 trials) and stays. The files are committed, so Python is not needed by the tests.

Which of two equal observations gets which bandwidth depends in Optuna on numpy's default sort, which is not stable and
differs between processors; here it is replaced by the stable one (it matters where more than 16 observations hold ties).
"""
import json
import math
import os
import warnings

import cmaes
import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution, distribution_to_json
from optuna.samplers._tpe import _truncnorm, parzen_estimator
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_gamma, default_weights
from scipy.special import erfcx, gamma, kv, log_ndtr
from scipy.stats import multivariate_normal, qmc, wilcoxon

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 20261122
optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")


class StableNumpy:
    """numpy, with ties sorted in their order."""

    def __getattr__(self, name):
        return (lambda a, **_: np.argsort(a, kind="stable")) if name == "argsort" else getattr(np, name)


parzen_estimator.np = StableNumpy()


def read(name):
    with open(os.path.join(HERE, name + ".json")) as file:
        return json.load(file)


def write(name, value):
    with open(os.path.join(HERE, name + ".json"), "w") as file:
        json.dump(value, file, separators=(",", ":"))
        file.write("\n")


def distribution(written):
    attributes = {key: value for key, value in written.items() if key != "type"}
    return getattr(optuna.distributions, written["type"])(**attributes)


def tpe():
    golden = read("tpe")
    parameters = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)
    for case in golden["parzen"]:
        space = {name: distribution(written) for name, written in case["space"].items()}
        mpe = _ParzenEstimator({k: np.asarray(v, dtype=float) for k, v in case["observations"].items()}, space, parameters)
        mixture = mpe._mixture_distribution
        case["mixture"]["weights"] = mixture.weights.tolist()
        for component, made in zip(case["mixture"]["components"], mixture.distributions):
            assert component["kind"] == type(made).__name__
            for key in made._fields:
                component[key] = np.asarray(getattr(made, key)).tolist()
        points = {k: np.asarray(v, dtype=float) for k, v in case["points"].items()}
        case["logDensity"] = mpe.log_pdf(points).tolist()
    for row in golden["gammaAndWeights"]:
        row["below"] = default_gamma(row["n"])
        row["weights"] = default_weights(row["n"]).tolist()
    for row in golden["truncatedNormal"]:
        row["ppf"] = _truncnorm.ppf(np.array(row["q"], dtype=float), float(row["a"]), float(row["b"])).tolist()
        row["logpdf"] = _truncnorm.logpdf(np.array(row["x"], dtype=float), float(row["a"]), float(row["b"])).tolist()
    golden["optuna"] = optuna.__version__
    write("tpe", golden)


def importance():
    golden = read("importance")
    space = {
        "a": FloatDistribution(0, 1), "b": FloatDistribution(1e-4, 1, log=True),
        "c": CategoricalDistribution(["p", "q", "r"]), "d": IntDistribution(1, 8),
    }
    study = optuna.create_study()
    for trial in golden["trials"]:
        study.add_trial(optuna.trial.create_trial(params=trial["params"], distributions=space, value=trial["value"]))
    golden["importance"]["pedAnova"] = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.PedAnovaImportanceEvaluator())
    golden["optuna"] = optuna.__version__
    golden["space"] = {name: distribution_to_json(d) for name, d in space.items()}
    write("importance", golden)


def ped_anova():
    """Steps, logarithms, a condition, ties in the objective, both directions."""
    space = {
        "lr": FloatDistribution(1e-5, 0.1, log=True), "width": IntDistribution(16, 512, step=16), "depth": IntDistribution(1, 64, log=True),
        "drop": FloatDistribution(0, 0.5, step=0.1), "kind": CategoricalDistribution(["a", "b", None]), "inner": FloatDistribution(-1, 1),
        "wide": IntDistribution(0, 1000),
    }
    cases = []
    for n, direction in [(12, "minimize"), (40, "maximize"), (150, "minimize"), (400, "maximize")]:
        study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(seed=SEED + n))
        for _ in range(n):
            trial = study.ask({name: d for name, d in space.items() if name != "inner"})
            p = dict(trial.params)
            if p["kind"] == "a":
                p["inner"] = trial.suggest_float("inner", -1, 1)
            study.tell(trial, round((np.log10(p["lr"]) + 3) ** 2 + p["width"] / 256 + abs(p.get("inner", 0.5)) + p["depth"] / 64, 1))
        cases.append({
            "direction": direction, "space": {name: distribution_to_json(d) for name, d in space.items()},
            "trials": [{"params": t.params, "value": t.value} for t in study.trials],
            "importance": optuna.importance.get_param_importances(study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()),
        })
    write("ped-anova", {"optuna": optuna.__version__, "cases": cases})


def replay(name, pruner):
    """The decisions of a pruner over the reports in a golden file, in their order."""
    golden = read(name)
    golden["decisions"] = decide(pruner, golden["decisions"])
    golden["optuna"] = optuna.__version__
    write(name, golden)


def decide(pruner, reports, direction="minimize"):
    """Reports of one trial follow one another; a pruned trial keeps only the reports up to its pruning."""
    study = optuna.create_study(pruner=pruner, direction=direction, study_name="golden")
    decisions = []
    running = None
    for report in reports + [{"trial": None}]:
        if running is not None and running.number != report["trial"]:
            last = decisions[-1]
            study.tell(running, None if last["prune"] else last["value"],
                       state=optuna.trial.TrialState.PRUNED if last["prune"] else optuna.trial.TrialState.COMPLETE)
            running = None
        if report["trial"] is None:
            break
        while running is None or running.number != report["trial"]:
            if running is not None:  # A trial that reported nothing: it failed.
                study.tell(running, state=optuna.trial.TrialState.FAIL)
            running = study.ask()
        if decisions and decisions[-1]["trial"] == running.number and decisions[-1]["prune"]:
            continue
        running.report(report["value"], report["step"])
        decisions.append({"trial": running.number, "step": report["step"], "value": report["value"],
                          "prune": bool(running.should_prune())})
    return decisions


def learning_curves(trials, steps, rng):
    return [{"trial": t, "step": s, "value": float(base + 1.0 / s + 0.05 * rng.standard_normal())}
            for t, base in enumerate(rng.uniform(0, 2, trials)) for s in range(1, steps + 1)]


def more_pruners():
    rng = np.random.default_rng(SEED)
    curves = learning_curves(60, 27, rng)
    folds = [{"trial": t, "step": s, "value": float(base + 0.3 * rng.standard_normal())}
             for t, base in enumerate(rng.uniform(0, 1, 40)) for s in range(10)]
    cases = []
    for name, pruner, reports, direction, options in [
        ("hyperband", optuna.pruners.HyperbandPruner(min_resource=1, max_resource=27, reduction_factor=3), curves, "minimize",
         {"minResource": 1, "maxResource": 27}),
        ("hyperband", optuna.pruners.HyperbandPruner(), curves, "minimize", {}),
        ("asha", optuna.pruners.SuccessiveHalvingPruner(), curves, "maximize", {}),
        ("asha", optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=3, min_early_stopping_rate=1), curves,
         "minimize", {"minResource": 2, "reductionFactor": 3, "minEarlyStoppingRate": 1}),
        ("median", optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=4, interval_steps=5, n_min_trials=4), curves,
         "maximize", {"startupTrials": 3, "warmupSteps": 4, "intervalSteps": 5, "minTrials": 4}),
        ("wilcoxon", optuna.pruners.WilcoxonPruner(), folds, "minimize", {}),
        ("wilcoxon", optuna.pruners.WilcoxonPruner(p_threshold=0.2, n_startup_steps=4), folds, "maximize",
         {"threshold": 0.2, "startupSteps": 4}),
    ]:
        cases.append({"pruner": name, "direction": direction, "options": options, "decisions": decide(pruner, reports, direction)})
    write("pruners", {"optuna": optuna.__version__, "study": "golden", "cases": cases})
    tests = []
    for n in (2, 5, 12, 30, 50, 51, 80):
        for ties in (False, True):
            differences = rng.standard_normal(n) + 0.2
            if ties:
                differences = np.round(differences, 1)
            tests.append({"differences": differences.tolist(),
                          **{a: float(wilcoxon(differences, alternative=a, zero_method="zsplit").pvalue) for a in ("less", "greater")}})
    write("wilcoxon", {"tests": tests})


def cma():
    """Generations of the cmaes package (which Optuna uses) on an ellipsoid: the points told, and the distribution then."""
    cases = []
    for d, population in [(2, None), (3, 6), (5, None)]:
        optimizer = cmaes.CMA(mean=np.full(d, 0.5), sigma=1 / 6, seed=SEED, population_size=population)
        generations = []
        for _ in range(12):
            points = [optimizer.ask() for _ in range(optimizer.population_size)]
            told = [(x, float(sum(10 ** (3 * i / max(1, d - 1)) * (v - 0.3) ** 2 for i, v in enumerate(x)))) for x in points]
            optimizer.tell(told)
            told.sort(key=lambda pair: pair[1])
            generations.append({"ranked": [x.tolist() for x, _ in told], "mean": optimizer._mean.tolist(), "sigma": float(optimizer._sigma),
                                "covariance": optimizer._C.tolist()})
        cases.append({"dimension": d, "population": optimizer.population_size, "generations": generations})
    write("cma-es", {"cmaes": cmaes.__version__, "cases": cases})


def gaussian_process():
    """Likelihood and predictions by scipy, with the Matern kernel from Bessel functions; log expected improvement by erfcx."""
    rng = np.random.default_rng(SEED)

    def matern(a, b, scales):
        r = np.sqrt((((a[:, None, :] - b[None, :, :]) / scales) ** 2).sum(-1)) * math.sqrt(5) + 1e-12
        return 2 ** -1.5 / gamma(2.5) * r ** 2.5 * kv(2.5, r)

    cases = []
    for n, d in [(5, 1), (12, 2), (30, 4)]:
        points, scales, noise = rng.uniform(size=(n, d)), rng.uniform(0.2, 1, d), 10 ** rng.uniform(-4, -1)
        values = np.sin(4 * points.sum(-1)) + 0.1 * rng.standard_normal(n)
        base = matern(points, points, scales) + noise * np.eye(n)
        variance = float(values @ np.linalg.solve(base, values)) / n
        test = rng.uniform(size=(6, d))
        cross = matern(test, points, scales)
        cases.append({
            "points": points.tolist(), "values": values.tolist(), "lengthScales": scales.tolist(), "noise": noise, "test": test.tolist(),
            "logLikelihood": float(multivariate_normal(np.zeros(n), variance * base).logpdf(values)),
            "mean": (cross @ np.linalg.solve(base, values)).tolist(),
            "deviation": np.sqrt(variance * (1 - np.einsum("ij,ji->i", cross, np.linalg.solve(base, cross.T)))).tolist(),
        })
    z = np.linspace(-20, 6, 53)
    improvement = np.log(np.where(z < 0, 1 + z * math.sqrt(math.pi / 2) * erfcx(-z / math.sqrt(2)), 1.0)) - z ** 2 / 2 - 0.5 * math.log(2 * math.pi)
    improvement = np.where(z < 0, improvement, np.log(np.exp(-z ** 2 / 2) / math.sqrt(2 * math.pi) + z * np.exp(log_ndtr(z))))
    write("gaussian-process", {"cases": cases, "logExpectedImprovement": {"z": z.tolist(), "value": improvement.tolist()}})


def fanova():
    """Importance by fANOVA of importance.json's trials, over ten seeds of the forest, and tree by tree for three small trees."""
    from optuna.importance._fanova._tree import _FanovaTree
    from optuna._transform import _SearchSpaceTransform
    from sklearn.ensemble import RandomForestRegressor

    given = read("importance")
    space = {name: optuna.distributions.json_to_distribution(text) for name, text in given["space"].items()}
    study = optuna.create_study()
    for trial in given["trials"]:
        study.add_trial(optuna.trial.create_trial(params=trial["params"], distributions=space, value=trial["value"]))
    seeds = [optuna.importance.get_param_importances(study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=seed)) for seed in range(10)]
    names = list(space)
    transform = _SearchSpaceTransform(space, transform_log=False, transform_step=False)
    x = np.array([transform.transform(trial["params"]) for trial in given["trials"]])
    y = np.array([trial["value"] for trial in given["trials"]])
    forest = RandomForestRegressor(n_estimators=3, max_depth=4, random_state=1).fit(x, y)

    def node(tree, index):
        if tree.feature[index] < 0:
            return {"value": float(tree.value[index].reshape(-1)[0])}
        return {"feature": int(tree.feature[index]), "threshold": float(tree.threshold[index]),
                "left": node(tree, tree.children_left[index]), "right": node(tree, tree.children_right[index])}

    trees = []
    for estimator in forest.estimators_:
        measured = _FanovaTree(estimator.tree_, transform.bounds)
        columns = transform.column_to_encoded_columns
        trees.append({"root": node(estimator.tree_, 0),
                      "shares": [measured.get_marginal_variance(c) / measured.variance for c in columns]})
    write("fanova", {
        "optuna": optuna.__version__, "bounds": transform.bounds.tolist(), "columns": [c.tolist() for c in transform.column_to_encoded_columns],
        "trees": trees, "mean": {name: float(np.mean([s[name] for s in seeds])) for name in names},
        "low": {name: float(np.min([s[name] for s in seeds])) for name in names}, "high": {name: float(np.max([s[name] for s in seeds])) for name in names},
    })


def sobol():
    write("sobol", {"points": (qmc.Sobol(64, scramble=False, bits=30).random_base2(7)).tolist()[:40]})


def journal():
    """The trials of optuna-journal.jsonl as Optuna reads them."""
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(os.path.join(HERE, "optuna-journal.jsonl")))
    study = optuna.load_study(study_name="golden", storage=storage)
    names = {"RUNNING": "running", "COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "WAITING": "waiting"}
    write("optuna-journal", {"userAttributes": study.user_attrs, "trials": [{
        "number": t.number, "state": names[t.state.name], "params": t.params, "values": t.values,
        "intermediateValues": sorted(t.intermediate_values.items()), "userAttributes": t.user_attrs,
        "systemAttributes": t.system_attrs,
    } for t in study.trials]})


def waiting():
    """A journal with trials that wait (optuna-waiting.jsonl), and the values that Optuna gives them when it goes on."""
    file = os.path.join(HERE, "optuna-waiting.jsonl")
    if os.path.exists(file):
        os.remove(file)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(file))
    sampler = optuna.samplers.RandomSampler(seed=3)
    study = optuna.create_study(study_name="waits", storage=storage, sampler=sampler)

    def objective(trial):
        rate = trial.suggest_float("learningRate", 1e-4, 1, log=True)
        return rate + trial.suggest_categorical("batchSize", [32, 64, 128]) / 1000 + trial.suggest_int("width", 8, 64)

    study.optimize(objective, n_trials=2)
    study.enqueue_trial({"learningRate": 0.1, "batchSize": 64, "width": 16}, user_attrs={"why": "by hand"})
    study.enqueue_trial({"learningRate": 0.01})
    study.enqueue_trial({"learningRate": 0.5, "unknown": 3})
    rate = {"learningRate": FloatDistribution(1e-4, 1, log=True)}
    study.add_trial(optuna.trial.create_trial(
        state=optuna.trial.TrialState.WAITING, params={"learningRate": 0.25}, distributions=rate))
    study.enqueue_trial({"learningRate": 7})
    with open(file) as journal:
        written = journal.read()
    study.optimize(objective, n_trials=6)
    given = [t.system_attrs.get("fixed_params", {"learningRate": 0.25} if t.number == 5 else {}) for t in study.trials]
    with open(file, "w") as journal:
        journal.write(written)
    os.remove(file + ".lock") if os.path.exists(file + ".lock") else None
    write("optuna-waiting", {"trials": [
        {"number": t.number, "params": t.params, "given": [name for name in t.params if name in fixed]}
        for t, fixed in zip(study.trials, given)]})


def distributions():
    cases = [
        FloatDistribution(0.0, 1.0), FloatDistribution(1e-5, 0.1, log=True), FloatDistribution(-1.0, 1.0, step=0.25),
        IntDistribution(1, 10), IntDistribution(16, 512, step=16), IntDistribution(1, 1024, log=True),
        CategoricalDistribution(["sgd", "adam", None, 3, 0.5, True]),
    ]
    write("distributions", {"json": [distribution_to_json(case) for case in cases]})


def log_normal():
    x = np.concatenate([np.linspace(-60, 8, 137), [-300.0, -1e-3, 0.0]])
    write("log-normal", {"x": x.tolist(), "logCdf": log_ndtr(x).tolist()})


if __name__ == "__main__":
    assert optuna.__version__ == "5.0.0"
    tpe()
    importance()
    ped_anova()
    fanova()
    replay("asha", optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=4, min_early_stopping_rate=0))
    replay("median", optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=0, interval_steps=1, n_min_trials=1))
    more_pruners()
    cma()
    gaussian_process()
    sobol()
    distributions()
    journal()
    waiting()
    log_normal()
