"""Golden values of functions that are composed of other ops, from PyTorch in float64.

Run by hand from the repository's root:
    python3 packages/tensor/test/golden/composed.py > packages/tensor/test/golden/composed.json
"""
import json
import math

import torch
import torch.nn.functional as F

cases = {
    "convTranspose2d": (lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1), [(2, 3, 4, 3), (3, 2, 3, 3), (2,)]),
    "convTranspose2dGroups": (lambda x, w: F.conv_transpose2d(x, w, stride=(2, 1), dilation=2, groups=2), [(1, 4, 3, 3), (4, 2, 2, 3)]),
    "groupNorm": (lambda x: F.group_norm(x, 2), [(2, 4, 3, 2)]),
    "localResponseNorm": (lambda x: F.local_response_norm(x, 5, alpha=0.5, beta=0.75, k=2.0), [(2, 7, 2, 3)]),
    "localResponseNormEven": (lambda x: F.local_response_norm(x, 2, alpha=1.0, beta=0.6, k=1.0), [(1, 4, 2, 2)]),
    "bilinear": (lambda x: F.interpolate(x, size=(7, 3), mode="bilinear", align_corners=False), [(2, 2, 4, 5)]),
    "bilinearCorners": (lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True), [(1, 2, 3, 4)]),
    "pixelShuffle": (lambda x: F.pixel_shuffle(x, 2), [(2, 8, 2, 3)]),
    "pixelUnshuffle": (lambda x: F.pixel_unshuffle(x, 2), [(2, 2, 4, 6)]),
    "reflect": (lambda x: F.pad(x, (2, 0, 1, 2), mode="reflect"), [(1, 2, 4, 3)]),
    "replicate": (lambda x: F.pad(x, (3, 0, 1, 2), mode="replicate"), [(1, 2, 2, 3)]),
    "circular": (lambda x: F.pad(x, (2, 1, 1, 2), mode="circular"), [(1, 2, 3, 3)]),
    "adaptiveAveragePool2d": (lambda x: F.adaptive_avg_pool2d(x, 2), [(2, 2, 4, 6)]),
}

short = lambda values: [float(f"{v:.9g}") for v in values.reshape(-1).tolist()]
results = []
for name, (function, shapes) in cases.items():
    torch.manual_seed(len(results))
    inputs = [(torch.rand(shape).float() * 2 - 1).double().requires_grad_() for shape in shapes]
    output = function(*inputs)
    weights = torch.tensor([math.cos(1.7 * i + 0.3) for i in range(output.numel())], dtype=torch.float64)
    (output.reshape(-1) * weights).sum().backward()
    results.append({"name": name, "inputs": [{"shape": list(x.shape), "data": short(x.detach())} for x in inputs], "shape": list(output.shape),
                    "output": short(output.detach()), "gradients": [short(x.grad) for x in inputs]})
print(json.dumps({"torch": torch.__version__})[:-1] + ', "cases": [\n' + ",\n".join(map(json.dumps, results)) + "\n]}")
