"""What random programs of exported functions mean in PyTorch: every result, and the gradients of the last one.

Run by hand from the repository's root; the second form searches further, and leaves nothing behind:
    npx tsx packages/tensor/test/golden/write-programs.ts 120 > programs.json
    python3 packages/tensor/test/golden/programs.py programs.json > packages/tensor/test/golden/programs.json
    DDLF_PYTHON=python3 DDLF_PROGRAMS=3000 DDLF_SEED=7 npx vitest run packages/tensor/test/api-programs.test.ts
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

from golden import divide, number, written

INTEGERS = {"int32": torch.int32, "uint8": torch.uint8, "bool": torch.bool}


class Program:
    """One program at one precision of its fractions."""

    def __init__(self, program, precision):
        self.precision = precision
        self.dtypes = {"float32": precision, **INTEGERS}
        self.leaves = [self.leaf(leaf) for leaf in program["leaves"]]
        self.values = list(self.leaves)
        for call in program["calls"]:
            value = FUNCTIONS[call["name"]](*map(self.argument, call["given"]))
            if value.is_floating_point() and value.dtype != precision:
                value = value.to(precision)
            self.values.append(value.to(torch.int32) if value.dtype == torch.int64 else value)

    def leaf(self, leaf):
        x = torch.tensor(list(map(number, leaf["data"])), dtype=torch.float32 if leaf["dtype"] == "float32" else INTEGERS[leaf["dtype"]])
        x = x.reshape(leaf["shape"]).to(self.dtypes[leaf["dtype"]])
        return x.requires_grad_(x.is_floating_point())

    def argument(self, given):
        if isinstance(given, list):
            return list(map(self.argument, given))
        if isinstance(given, str):
            return number(given) if given in ("NaN", "Infinity", "-Infinity", "-0") else self.dtypes.get(given, given)
        if not isinstance(given, dict):
            return given
        if "at" in given:
            return self.values[given["at"]]
        if "constant" in given:
            return torch.tensor([given["constant"]], dtype=self.precision)
        if "indices" in given:
            return torch.tensor(given["indices"], dtype=torch.int64)
        if "cast" in given:
            return self.argument(given["cast"]).to(self.dtypes[given["to"]])
        if "images" in given:
            return self.argument(given["images"]).reshape(given["shape"])
        if "repeated" in given:
            row = self.argument(given["repeated"])
            return row.expand([given["times"], *row.shape])
        return {name: self.argument(value) for name, value in given.items()}

    def gradients(self):
        last = self.values[-1]
        if not last.requires_grad:
            return [None] * len(self.leaves)
        weights = torch.tensor([math.cos(1.7 * i + 0.3) for i in range(last.numel())], dtype=torch.float32).to(self.precision)
        last.backward(weights.reshape(last.shape))
        return [(torch.zeros_like(x) if x.grad is None else x.grad) if x.requires_grad else None for x in self.leaves]


def axes_of(x, options):
    axes = options.get("axes", list(range(x.dim())))
    return axes if isinstance(axes, list) else [axes]


def reduced(f):
    """A reduction over axes; over none, PyTorch would take all."""
    def reduction(x, options):
        axes = axes_of(x, options)
        flat = x.unsqueeze(0) if not axes else x
        result = f(flat, axes or [0], options["keepDims"] and bool(axes))
        return result
    return reduction


def fraction(x):
    return x if x.is_floating_point() else x.to(torch.get_default_dtype())


def prod(x, axes, keep):
    for axis in sorted((axis % x.dim() for axis in axes), reverse=True):
        x = x.prod(axis, keepdim=keep, dtype=None if x.is_floating_point() else torch.int32)
    return x


def total(x, axes, keep):
    return x.sum(axes, keepdim=keep, dtype=None if x.is_floating_point() else torch.int32)


def extreme(f):
    return reduced(lambda x, axes, keep: f(x, dim=axes, keepdim=keep))


def any_all(f):
    def reduction(x, options):
        x = x.to(torch.bool)
        for axis in sorted((axis % x.dim() for axis in axes_of(x, options)), reverse=True):
            x = f(x, axis, keepdim=options["keepDims"])
        return x
    return reduction


def position(f):
    return lambda x, options: f(x.to(torch.uint8) if x.dtype == torch.bool else x, dim=options["axis"], keepdim=options["keepDims"])


def cum_sum(x, options):
    axis = options["axis"]
    x = x if x.is_floating_point() else x.to(torch.int32)
    y = x.flip(axis) if options["reverse"] else x
    y = torch.cumsum(y, axis, dtype=y.dtype)
    if options["exclusive"]:
        y = torch.cat([torch.zeros_like(y.narrow(axis, 0, min(1, y.shape[axis]))), y.narrow(axis, 0, max(y.shape[axis] - 1, 0))], axis)
    return y.flip(axis) if options["reverse"] else y


def slice_(x, options):
    positions = list(range(x.shape[options["axis"]]))[options["start"]::options["step"]]
    return x.index_select(options["axis"], torch.tensor(positions, dtype=torch.long))


def gather(x, indices, axis):
    return x.index_select(axis, indices % max(x.shape[axis], 1))


def clamp(x, low, high):
    limits = [None if math.isinf(limit) else limit for limit in (low, high)]
    return x.clone() if limits == [None, None] else torch.clamp(x, *limits)


def pad(x, amounts, value):
    flat = [n for pair in reversed(amounts) for n in pair]
    return F.pad(x, flat, value=value) if flat else x


def matmul(a, b, options):
    return torch.matmul(a.transpose(-1, -2) if options.get("transposeA") else a, b.transpose(-1, -2) if options.get("transposeB") else b)


def pool(f):
    def pooled(x, options):
        settings = {"ceil_mode": False}
        if "countPadding" in options:
            settings["count_include_pad"] = options["countPadding"]
        return f(x, options["kernel"], options["stride"], options["padding"], **settings)
    return pooled


def label_cross_entropy(x, labels, options):
    return F.cross_entropy(x, labels, reduction="none", label_smoothing=options["labelSmoothing"], ignore_index=options["ignoreIndex"])


def minimum_or(f):
    """Two operands, of which one may be a number."""
    def operands(a, b):
        like = a if torch.is_tensor(a) else b
        pair = [x if torch.is_tensor(x) else torch.tensor(x, dtype=promoted(like, x)) for x in (a, b)]
        dtype = torch.promote_types(pair[0].dtype, pair[1].dtype)
        return f(*(x.to(dtype) for x in pair))
    return operands


def promoted(like, x):
    if like.is_floating_point():
        return like.dtype
    whole = isinstance(x, int) or (math.isfinite(x) and float(x).is_integer())
    return (torch.int32 if like.dtype == torch.bool and x not in (0, 1) else like.dtype) if whole else torch.get_default_dtype()


def where(condition, a, b):
    return minimum_or(lambda x, y: torch.where(condition, x, y))(a, b)


def divided(a, b):
    """Integers divided are integers."""
    return torch.div(a, b) if a.is_floating_point() or a.dtype == torch.bool else divide(a, b)


unary = ["neg", "abs", "sign", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "erf", "relu", "floor", "ceil", "round",
         "log1p", "expm1", "square"]
binary = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": divided, "pow": torch.pow, "maximum": torch.maximum,
          "minimum": torch.minimum, "equal": torch.eq, "less": torch.lt, "lessEqual": torch.le, "greater": torch.gt,
          "greaterEqual": torch.ge}

FUNCTIONS = {
    **{name: getattr(torch, name) for name in unary},
    **{name: minimum_or(f) for name, f in binary.items()},
    "softplus": F.softplus, "silu": F.silu, "isNaN": torch.isnan, "detach": lambda x: x.detach(),
    "gelu": lambda x, options: F.gelu(x, approximate=options["approximate"]),
    "sum": reduced(total), "prod": reduced(prod), "max": extreme(torch.amax), "min": extreme(torch.amin),
    "mean": reduced(lambda x, axes, keep: fraction(x).mean(axes, keepdim=keep)),
    "variance": lambda x, options: reduced(lambda y, axes, keep: fraction(y).var(axes, correction=options["correction"], keepdim=keep))(x, options),
    "norm": lambda x, options: reduced(lambda y, axes, keep: torch.linalg.vector_norm(y, options["p"], axes, keepdim=keep))(x, options),
    "any": any_all(torch.any), "all": any_all(torch.all), "argmax": position(torch.argmax), "argmin": position(torch.argmin),
    "clamp": clamp, "where": where, "cast": lambda x, to: x.to(to),
    "softmax": F.softmax, "logSoftmax": F.log_softmax, "logSumExp": lambda x, axis: torch.logsumexp(x, axis, keepdim=True),
    "flip": lambda x, axis: x.flip(axis), "unsqueeze": torch.unsqueeze, "squeeze": torch.squeeze, "cumSum": cum_sum,
    "sort": lambda x, options: torch.sort(x, dim=options["axis"], descending=options["descending"], stable=True)[0],
    "topK": lambda x, k, options: torch.topk(x, k, dim=options["axis"], largest=options["largest"])[0],
    "tril": torch.tril, "triu": torch.triu, "reshape": lambda x, shape: x.reshape(shape),
    "transpose": lambda x: x.permute(list(reversed(range(x.dim())))), "flatten": lambda x: x.reshape([-1] if x.numel() else [0]), "slice": slice_, "pad": pad,
    "concat": torch.cat, "stack": torch.stack, "expand": lambda x, shape: x.expand(shape), "gather": gather,
    "scatterAdd": lambda indices, rows, size: torch.zeros([size, *rows.shape[1:]], dtype=rows.dtype).index_add(0, indices % size, rows),
    "matmul": matmul, "linear": lambda x, w: F.linear(x, w),
    "layerNorm": lambda x, options: F.layer_norm(x, x.shape[-1:], eps=options["eps"]),
    "rmsNorm": lambda x, options: F.rms_norm(x, x.shape[-1:], eps=options["eps"]),
    "maxPool2d": pool(F.max_pool2d), "averagePool2d": pool(F.avg_pool2d),
    "upsampleNearest2d": lambda x, scale: F.interpolate(x, scale_factor=tuple(map(float, scale)), mode="nearest"),
    "labelCrossEntropy": label_cross_entropy,
}


def flat(x):
    return None if x is None else [written(v) for v in x.detach().reshape(-1).tolist()]


def run(program):
    """Values and gradients in float32, and in float64 where rounding decides; or why PyTorch refuses."""
    result = {**program}
    for name, precision in (("float32", torch.float32), ("float64", torch.float64)):
        torch.set_default_dtype(precision)
        try:
            ran = Program(program, precision)
            result[name] = {"values": [flat(v) for v in ran.values[len(ran.leaves):]], "gradients": [flat(g) for g in ran.gradients()]}
        except (RuntimeError, IndexError, ZeroDivisionError, NotImplementedError) as error:
            result[name] = {"refused": str(error).splitlines()[0][:120]}
    return result


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(run(program)) for program in json.load(open(sys.argv[1])))
    print(json.dumps({"torch": torch.__version__})[:-1] + ', "programs": [\n' + lines + "\n]}")
