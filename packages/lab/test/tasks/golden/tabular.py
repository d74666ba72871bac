"""Two small made tables, and what scikit-learn makes of them: encodings, linear models, metrics. Writes tabular.json.

Run with scikit-learn (1.9.1 was used): python3 tabular.py
"""
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler

draw = np.random.default_rng(11)


def rows(count, colours):
    size = np.round(draw.normal(120, 35, count), 1)
    age = draw.integers(1, 40, count).astype(float)
    age[draw.random(count) < 0.1] = np.nan
    colour = draw.choice(colours, count)
    shift = np.array([{"red": 30.0, "green": -12.0, "blue": 5.0, "grey": 0.0}[c] for c in colour])
    price = np.round(2.5 * size - 3 * np.nan_to_num(age, nan=20) + shift + draw.normal(0, 12, count), 2)
    return size, age, colour, price, np.where(price > 245, "dear", "cheap")


def csv(size, age, colour, price, kind):
    cell = lambda value: "" if np.isnan(value) else f"{value:g}"
    return "size,age,colour,price,kind\n" + "".join(f"{s:g},{cell(a)},{c},{p:g},{k}\n" for s, a, c, p, k in zip(size, age, colour, price, kind))


train, test = rows(240, ["red", "green", "blue"]), rows(80, ["red", "green", "blue", "grey"])
numbers = lambda part: np.column_stack([part[0], part[1]])
scale = StandardScaler().fit(numbers(train))
fill = lambda part: np.nan_to_num(scale.transform(numbers(part)), nan=0.0)
hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train[2].reshape(-1, 1))
known = lambda part: hot.transform(part[2].reshape(-1, 1))


def encoded(part):
    missing = np.isnan(part[1]).astype(float)
    one = known(part)
    other = 1 - one.sum(axis=1, keepdims=True)
    # The order of the lab: size, age, age=(missing), the colours, colour=(other).
    return np.column_stack([fill(part)[:, 0], fill(part)[:, 1], missing, one, other])


linear = LinearRegression().fit(encoded(train), train[3])
predicted = linear.predict(encoded(test))
logistic = LogisticRegression(C=100, max_iter=5000).fit(encoded(train), train[4])
result = {
    "train": csv(*train),
    "test": csv(*test),
    "mean": scale.mean_.tolist(),
    "standardDeviation": scale.scale_.tolist(),
    "encodedTest": np.round(encoded(test), 7).flatten().tolist(),
    "prices": test[3].tolist(),
    "predicted": predicted.tolist(),
    "regression": {"mse": mean_squared_error(test[3], predicted), "mae": mean_absolute_error(test[3], predicted), "r2": r2_score(test[3], predicted)},
    "accuracy": logistic.score(encoded(test), test[4]),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
print(result["regression"], result["accuracy"])
