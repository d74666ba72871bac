"""Optuna's samplers over objectives that another program computes: a line of JSON out for every trial, its value in.

Reads jobs from standard input, one line of JSON each: {"sampler", "seed", "trials", "space": [{"name", "distribution", "when"}]}.
For each trial it writes {"params": {...}} and reads the value; after the last one it writes {"done": true}.
"""
import json
import sys
import warnings

import optuna
from optuna.distributions import json_to_distribution

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def sampler_of(name, seed):
    if name == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    if name == "cma-es":
        return optuna.samplers.CmaEsSampler(seed=seed)
    if name == "gaussian-process":
        return optuna.samplers.GPSampler(seed=seed)
    raise ValueError(name)


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


say({"optuna": optuna.__version__})
for line in sys.stdin:
    job = json.loads(line)
    study = optuna.create_study(sampler=sampler_of(job["sampler"], job["seed"]))
    for _ in range(job["trials"]):
        trial = study.ask()
        params = {}
        for parameter in job["space"]:
            when = parameter["when"]
            if when is None or (when["parameter"] in params and params[when["parameter"]] in when["isOneOf"]):
                params[parameter["name"]] = trial._suggest(parameter["name"], json_to_distribution(parameter["distribution"]))
        say({"params": params})
        study.tell(trial, float(sys.stdin.readline()))
    say({"done": True})
