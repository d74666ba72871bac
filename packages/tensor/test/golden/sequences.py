"""Golden values of einsum, prod, norm, sort, topK, any and all from PyTorch in float64.

Run by hand from the repository's root:
    python3 packages/tensor/test/golden/sequences.py > packages/tensor/test/golden/sequences.json
"""
import json
import math

import torch

N = torch.linalg.vector_norm

# name: function, shapes, positions that hold 0 (in the first input)
cases = {
    "einsum ij,jk->ik": [(3, 4), (4, 2)],
    "einsum ji,jk->ik": [(4, 3), (4, 2)],
    "einsum ij,kj->ki": [(3, 4), (2, 4)],
    "einsum ij->": [(3, 4)],
    "einsum ij->ji": [(3, 4)],
    "einsum ii->i": [(3, 3)],
    "einsum ii": [(3, 3)],
    "einsum iji->j": [(3, 2, 3)],
    "einsum i,j->ij": [(3,), (2,)],
    "einsum i,i->i": [(3,), (3,)],
    "einsum i,i": [(3,), (3,)],
    "einsum bqhd,bkhd->bhqk": [(2, 3, 2, 4), (2, 5, 2, 4)],
    "einsum bhqk,bkhd->bqhd": [(2, 2, 3, 5), (2, 5, 2, 4)],
    "einsum bti,io->bto": [(2, 3, 4), (4, 5)],
    "einsum bij,bjk": [(2, 3, 4), (2, 4, 2)],
    "einsum ...ij,...jk->...ik": [(2, 1, 3, 4), (5, 4, 2)],
    "einsum i...,i...->...": [(3, 2, 4), (3, 2, 4)],
    "einsum ij,jk,kl->il": [(2, 5), (5, 3), (3, 4)],
    "einsum ij,jk,kl,lm->mi": [(2, 5), (5, 3), (3, 4), (4, 2)],
    "einsum abc,cd,ad->bd": [(2, 3, 4), (4, 5), (2, 5)],
    "einsum bn,anm,bm->ba": [(2, 3), (4, 3, 5), (2, 5)],
    "einsum ij,kl->": [(2, 3), (4, 2)],
    "einsum bi,bi->b": [(3, 4), (3, 4)],
    "einsum bki,bji->bj": [(2, 1, 3), (2, 4, 3)],
}
functions = {name: (lambda equation: lambda *x: torch.einsum(equation, *x))(name[7:]) for name in cases}
zeros = {}


def case(name, function, shape, zero=()):
    cases[name], functions[name], zeros[name] = [shape], function, zero


def prod(x, dims):
    for dim in sorted(dims, reverse=True):
        x = x.prod(dim)
    return x


case("prod", lambda x: x.prod(), (2, 3))
case("prod over 0", lambda x: prod(x, [0]), (5, 3))
case("prod over 0 and 2", lambda x: prod(x, [0, 2]), (2, 2, 3))
case("prod with a zero", lambda x: prod(x, [1]), (3, 4), (1, 4, 6))
case("norm", lambda x: N(x), (2, 3))
case("norm over 1", lambda x: N(x, dim=1, keepdim=True), (3, 4))
case("norm of zeros", lambda x: N(x, dim=1), (2, 3), (0, 1, 2, 4))
case("norm 1", lambda x: N(x, 1, dim=0), (3, 4))
case("norm 3", lambda x: N(x, 3, dim=1), (3, 4), (1,))
case("norm 0.5", lambda x: N(x, 0.5, dim=1), (3, 4))
case("norm 0", lambda x: N(x, 0, dim=1) + 0 * x.sum(), (3, 4), (1, 2))
case("norm Infinity", lambda x: N(x, math.inf, dim=1), (3, 4))
case("norm -Infinity", lambda x: N(x, -math.inf, dim=1), (3, 4))
case("sort", lambda x: x.sort(dim=1).values, (3, 5))
case("sort descending over 0", lambda x: x.sort(dim=0, descending=True).values, (5, 2))
case("topK", lambda x: x.topk(2, dim=1).values, (3, 5))
case("topK smallest over 0", lambda x: x.topk(3, dim=0, largest=False).values, (5, 2))

short = lambda values: [float(f"{v:.9g}") for v in values.reshape(-1).tolist()]
results = []
for name, shapes in cases.items():
    torch.manual_seed(len(results))
    inputs = [(torch.rand(shape).float() * 2 - 1).double() for shape in shapes]
    for position in zeros.get(name, ()):
        inputs[0].view(-1)[position] = 0
    for x in inputs:
        x.requires_grad_()
    output = functions[name](*inputs)
    weights = torch.tensor([math.cos(1.7 * i + 0.3) for i in range(output.numel())], dtype=torch.float64)
    (output.reshape(-1) * weights).sum().backward()
    results.append({"name": name, "inputs": [{"shape": list(x.shape), "data": short(x.detach())} for x in inputs], "shape": list(output.shape),
                    "output": short(output.detach()), "gradients": [short(x.grad) for x in inputs]})
near = [1e-7, -3e-6, 1e-4, 0.01, -0.3]
near = torch.tensor(near, dtype=torch.float32)
print(json.dumps({"torch": torch.__version__, "near": short(near), "log1p": short(torch.log1p(near.double())), "expm1": short(torch.expm1(near.double()))})[:-1]
      + ', "cases": [\n' + ",\n".join(map(json.dumps, results)) + "\n]}")
