"""Golden values and gradients at infinities, NaN and zeros, from PyTorch in float32.

Run by hand from the repository's root:
    python3 packages/tensor/test/golden/singular.py > packages/tensor/test/golden/singular.json
"""
import json
import math

import torch

inf, nan = math.inf, math.nan

functions = {
    "logSumExp": lambda x: torch.logsumexp(x, 0),
    "prod": lambda x: torch.prod(x, 0),
    **{f"norm {p}": (lambda p: lambda x: torch.linalg.vector_norm(x, ord=p, dim=0))(p) for p in (2, 1, 3, 1.5, 0.5, 0, inf, -inf)},
}

inputs = [
    [1, -2, 3], [0, 0, 0], [0, 2, -3], [0, 0, 3], [-0.0, 2, 0],
    [inf, 1, 2], [-inf, 1, 2], [inf, -inf, 1], [-inf, -inf, -inf], [inf, inf, 1], [inf, 0, 2], [-inf, 0, 0],
    [nan, 1, 2], [nan, 0, 1], [nan, inf, 1], [nan, -inf, 0], [nan, nan, nan],
    [2, 2, 1], [-3, 3, 1], [100, -100, 0], [1e-30, 1, 0], [5], [0], [inf], [-inf], [nan],
]


def text(value):
    return str(value).replace("inf", "Infinity").replace("nan", "NaN") if not math.isfinite(value) else float(f"{value:.9g}")


results = []
for name, function in functions.items():
    for values in inputs:
        x = torch.tensor(values, dtype=torch.float32, requires_grad=True)
        y = function(x)
        y.backward()
        # Of a function without a gradient, such as the number of entries that are not 0, there is none.
        slope = [0.0] * len(values) if x.grad is None else x.grad.tolist()
        numbers = {"input": values, "output": [y.item()], "gradient": slope}
        written = {key: [text(v) for v in list_] for key, list_ in numbers.items()}
        results.append({"name": name, **written, "output": written["output"][0]})
print(json.dumps({"torch": torch.__version__})[:-1] + ', "cases": [\n' + ",\n".join(map(json.dumps, results)) + "\n]}")
