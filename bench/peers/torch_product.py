"""PyTorch's matrix product of 1024 x 1024 x 1024 on two threads, and which BLAS computes it."""
import json
import re
import time

import torch

torch.set_num_threads(2)
a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
PART = 0.6  # seconds of measuring, after as many of warming up
best, begun = float("inf"), time.perf_counter()
while (started := time.perf_counter()) - begun < 2 * PART:
    a @ b
    if started - begun > PART:
        best = min(best, time.perf_counter() - started)
blas = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
print(json.dumps({"description": f"{torch.__version__}, {blas.group(1) if blas else 'no'} BLAS", "gigaflops": 2 * 1024**3 / best / 1e9}))
