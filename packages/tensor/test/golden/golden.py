"""Golden values of every op from PyTorch, in float64.

Run by hand from the repository's root when an op or a sample changes:
    npx tsx packages/tensor/test/golden/write-cases.ts > cases.json
    python3 packages/tensor/test/golden/golden.py cases.json > packages/tensor/test/golden/ops.json
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

DTYPES = {"float32": torch.float64, "int32": torch.int32, "uint8": torch.uint8, "bool": torch.bool}

unary = {name: getattr(torch, name) for name in
         ["neg", "abs", "sign", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "erf", "relu", "floor",
          "round", "ceil", "log1p", "expm1"]}
binary = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "pow": torch.pow, "maximum": torch.maximum,
          "minimum": torch.minimum, "equal": torch.eq, "less": torch.lt, "lessEqual": torch.le, "greater": torch.gt,
          "greaterEqual": torch.ge, "logicalAnd": torch.logical_and, "logicalOr": torch.logical_or}


def matmul(a, b, transposeA, transposeB):
    return torch.matmul(a.transpose(-1, -2) if transposeA else a, b.transpose(-1, -2) if transposeB else b)


def slice_(x, starts, sizes, steps):
    for axis, (start, size, step) in enumerate(zip(starts, sizes, steps)):
        x = x.index_select(axis, torch.tensor([start + i * step for i in range(size)], dtype=torch.long))
    return x


def spread(x, shape, starts, steps):
    places = [start + step * torch.arange(size) for start, step, size in zip(starts, steps, x.shape)]
    return torch.zeros(shape, dtype=x.dtype).index_put(torch.meshgrid(*places, indexing="ij"), x)


def pad(x, before, after, value):
    amounts = [n for pair in reversed(list(zip(before, after))) for n in pair]
    return F.pad(x, amounts, value=value)


def gather(x, indices, axis):
    shape = list(x.shape[:axis]) + list(indices.shape) + list(x.shape[axis + 1:])
    return x.index_select(axis, indices.reshape(-1) % x.shape[axis]).reshape(shape)


def scatter_add(indices, updates, size):
    rest = updates.shape[indices.dim():]
    flat = updates.reshape(indices.numel(), math.prod(rest))
    out = torch.zeros(size, flat.shape[1], dtype=updates.dtype)
    return out.index_add(0, indices.reshape(-1) % size, flat).reshape([size, *rest])


def padded(x, padding, value=0.0):
    top, left, bottom, right = padding
    return F.pad(x, (left, right, top, bottom), value=value)


def conv(x, w, b=None, *, stride, padding, dilation, groups):
    return F.conv2d(padded(x, padding), w, b, stride=stride, dilation=dilation, groups=groups)


def conv_input_gradient(g, w, inputSize, groups, **settings):
    x = torch.zeros(g.shape[0], w.shape[1] * groups, *inputSize, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(conv(x, w, groups=groups, **settings), x, g, create_graph=True)[0]


def conv_weight_gradient(x, g, kernelSize, groups, **settings):
    w = torch.zeros(g.shape[1], x.shape[1] // groups, *kernelSize, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(conv(x, w, groups=groups, **settings), w, g, create_graph=True)[0]


def even(padding):
    """Padding that PyTorch's own pooling takes: the same before and behind."""
    top, left, bottom, right = padding
    return (top, left) if (top, left) == (bottom, right) else None


def max_pool(x, kernel, stride, padding, dilation):
    if even(padding):
        return F.max_pool2d(x, kernel, stride, even(padding), dilation=dilation)
    return F.max_pool2d(padded(x, padding, -math.inf), kernel, stride, dilation=dilation)


def max_pool_pick(x, values, kernel, stride, padding, dilation):
    if even(padding):
        _, indices = F.max_pool2d(x, kernel, stride, even(padding), return_indices=True)
        return values.flatten(2).gather(2, indices.flatten(2)).reshape(indices.shape)
    _, indices = F.max_pool2d(padded(x, padding, -math.inf), kernel, stride, return_indices=True)
    return padded(values, padding).flatten(2).gather(2, indices.flatten(2)).reshape(indices.shape)


def max_pool_gradient(x, g, **settings):
    values = torch.zeros_like(x, requires_grad=True)
    return torch.autograd.grad(max_pool_pick(x.detach(), values, **settings), values, g, create_graph=True)[0]


def average_pool(x, kernel, stride, padding, dilation, countPadding):
    total = F.avg_pool2d(padded(x, padding), kernel, stride)
    return total if countPadding else total / F.avg_pool2d(padded(torch.ones_like(x), padding), kernel, stride)


def average_pool_gradient(g, inputSize, **settings):
    x = torch.zeros(*g.shape[:2], *inputSize, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(average_pool(x, **settings), x, g, create_graph=True)[0]


def cum_sum(x, axis, exclusive, reverse):
    x = x if x.is_floating_point() else x.to(torch.int32)
    x = x.flip(axis) if reverse else x
    total = x.cumsum(axis, dtype=x.dtype)
    if exclusive:
        total = torch.cat([torch.zeros_like(x.narrow(axis, 0, 1)), total.narrow(axis, 0, x.shape[axis] - 1)], axis)
    return total.flip(axis) if reverse else total


def scatter_along(indices, updates, axis, size):
    shape = list(updates.shape)
    shape[axis] = size
    return torch.zeros(shape, dtype=updates.dtype).scatter_add(axis, indices.long() % size, updates)


def label_losses(logits, labels, weight=None, *, smoothing, ignored):
    return F.cross_entropy(logits, labels.long(), weight=None if weight is None else weight.detach(), reduction="none",
                           ignore_index=ignored[0] if ignored else -12345, label_smoothing=smoothing)


def label_losses_gradient(logits, labels, flowing, weight=None, **settings):
    losses = label_losses(logits, labels, weight, **settings)
    return torch.autograd.grad(losses, logits, flowing, create_graph=True)[0]


def countable(x):
    return x.to(torch.uint8) if x.dtype == torch.bool else x


def divide(a, b):
    # The smallest integer divided by -1 stops the process.
    return torch.where(b == -1, -a, torch.div(a, torch.where(b == -1, 1, b), rounding_mode="trunc"))


def clamp(x, low, high):
    limits = [None if isinstance(limit, float) and math.isinf(limit) else limit for limit in (low, high)]
    return torch.clamp(x, *limits)


def reduced(f):
    return lambda x, axes, keepDims: f(x, dim=axes, keepdim=keepDims)


ops = {
    **{name: (lambda f: lambda x: f(x))(f) for name, f in unary.items()},
    **{name: (lambda f: lambda a, b: f(a, b))(f) for name, f in binary.items()},
    "div": lambda a, b: torch.div(a, b) if a.is_floating_point() else divide(a, b),
    "logicalNot": torch.logical_not,
    "softplus": F.softplus,
    "positive": lambda x: (x > 0).double(),
    "where": torch.where,
    "cast": lambda x, to: x.to(DTYPES[to]),
    "detach": lambda x: x.detach(),
    "matmul": matmul,
    "linear": lambda x, w, b: F.linear(x, w, b),
    "sum": lambda x, axes, keepDims: x.sum(dim=axes, keepdim=keepDims, dtype=None if x.is_floating_point() else torch.int32),
    "max": reduced(torch.amax),
    "min": reduced(torch.amin),
    "argmax": lambda x, axis, keepDims: countable(x).argmax(dim=axis, keepdim=keepDims),
    "argmin": lambda x, axis, keepDims: countable(x).argmin(dim=axis, keepdim=keepDims),
    "clamp": clamp,
    "softmax": lambda x, axis: F.softmax(x, dim=axis),
    "logSoftmax": lambda x, axis: F.log_softmax(x, dim=axis),
    "reshape": lambda x, shape: x.reshape(shape),
    "transpose": lambda x, axes: x.permute(axes),
    "expand": lambda x, shape: x.expand(shape),
    "slice": slice_,
    "spread": spread,
    "split": lambda x, sizes, axis: torch.split(x, sizes, dim=axis),
    "pad": pad,
    "concat": lambda *parts, axis: torch.cat(parts, dim=axis),
    "gather": gather,
    "scatterAdd": scatter_add,
    "mod": lambda a, b: torch.remainder(a, b),
    "isNaN": torch.isnan,
    "cumSum": cum_sum,
    "takeAlongAxis": lambda x, indices, axis: x.gather(axis, indices.long() % x.shape[axis]),
    "scatterAddAlongAxis": scatter_along,
    "indexPut": lambda x, indices, values: x.index_put(tuple(indices.long().unbind(1)), values),
    "tril": torch.tril,
    "triu": torch.triu,
    "topKIndices": lambda x, axis, k, largest: countable(x).sort(dim=axis, descending=largest, stable=True).indices.narrow(axis, 0, k),
    "gelu": lambda x, approximate: F.gelu(x, approximate=approximate),
    "silu": F.silu,
    "layerNorm": lambda x, *vectors, axes, eps: F.layer_norm(x, x.shape[-axes:], *vectors, eps=eps),
    "rmsNorm": lambda x, *vectors, axes, eps: F.rms_norm(x, x.shape[-axes:], *vectors, eps=eps),
    "labelCrossEntropy": label_losses,
    "labelCrossEntropyGradient": label_losses_gradient,
    "channelAffine": lambda x, scale, shift, addend=0: x * scale.reshape(1, -1, *[1] * (x.dim() - 2)) + shift.reshape(1, -1, *[1] * (x.dim() - 2)) + addend,
    "batchNorm": lambda x, weight, bias, eps: F.batch_norm(x, None, None, weight, bias, training=True, eps=eps),
    "powConstant": lambda x, exponent: x ** exponent,
    "conv2d": conv,
    "conv2dInputGradient": conv_input_gradient,
    "conv2dWeightGradient": conv_weight_gradient,
    "maxPool2d": max_pool,
    "maxPool2dPick": max_pool_pick,
    "maxPool2dGradient": max_pool_gradient,
    "averagePool2d": average_pool,
    "averagePool2dGradient": average_pool_gradient,
    "upsampleNearest2d": lambda x, scale: F.interpolate(x, scale_factor=tuple(map(float, scale)), mode="nearest"),
}

# The generator is ours, so PyTorch has no such numbers; its statistics are tested instead. Labels are only checked.
WITHOUT_PEER = {"uniform", "classLabels"}


def number(value):
    """JSON has no notation for these numbers: they are strings there."""
    return float(value) if isinstance(value, str) else value


def written(value):
    short = float(f"{float(value):.9g}")  # nine digits are more than float32 holds
    return short if math.isfinite(short) else "NaN" if math.isnan(short) else "Infinity" if short > 0 else "-Infinity"


def run(case):
    inputs = [torch.tensor(list(map(number, i["data"])), dtype=DTYPES[i["dtype"]]).reshape(i["shape"]) for i in case["inputs"]]
    for x in inputs:
        x.requires_grad_(x.is_floating_point())
    attributes = {key: number(value) if value in ("NaN", "Infinity", "-Infinity") else value for key, value in case["attributes"].items()}
    output = ops[case["op"]](*inputs, **attributes)
    if isinstance(output, tuple):  # several outputs, laid end to end
        output = torch.cat([part.reshape(-1) for part in output])
    gradients = [None] * len(inputs)
    if output.requires_grad:
        flowing = torch.tensor([math.cos(1.7 * i + 0.3) for i in range(output.numel())], dtype=torch.float64)
        output.backward(flowing.reshape(output.shape))
        gradients = [None if x.grad is None else x.grad.reshape(-1).tolist() for x in inputs]
    short = lambda values: None if values is None else [written(v) for v in values]
    return {"op": case["op"], "index": case["index"], "inputs": [short(map(number, i["data"])) for i in case["inputs"]],
            "shape": list(output.shape), "output": short(output.detach().reshape(-1).tolist()),
            "gradients": [short(g) for g in gradients]}


if __name__ == "__main__":
    cases = [case for case in json.load(open(sys.argv[1])) if case["op"] not in WITHOUT_PEER]
    lines = ",\n".join(json.dumps(run(case)) for case in cases)
    print(json.dumps({"torch": torch.__version__})[:-1] + ', "cases": [\n' + lines + "\n]}")
