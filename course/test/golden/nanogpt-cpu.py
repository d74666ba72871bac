"""nanoGPT's own model, trained as its README says for a computer without a GPU, on three seeds: held-out losses.

Run: python3 course/test/golden/nanogpt-cpu.py NANOGPT INPUT
     NANOGPT is a checkout of https://github.com/karpathy/nanoGPT, INPUT its tiny Shakespeare, input.txt
     (needs torch and numpy; some ten minutes; writes nanogpt-cpu.json beside this file)
"""
import json
import math
import pathlib
import statistics
import sys

import numpy as np
import torch

sys.path.insert(0, sys.argv[1])
from model import GPT, GPTConfig  # noqa: E402

torch.set_num_threads(1)
BATCH, BLOCK, STEPS, WARMUP, MOST, LEAST, LOOKS = 12, 64, 2000, 100, 1e-3, 1e-4, 20
text = open(sys.argv[2]).read()
places = {c: i for i, c in enumerate(sorted(set(text)))}
data = torch.from_numpy(np.array([places[c] for c in text], dtype=np.int64))
train, held = data[:int(len(data) * 0.9)], data[int(len(data) * 0.9):]


def batch(part):
    at = torch.randint(len(part) - BLOCK, (BATCH,))
    return torch.stack([part[i:i + BLOCK] for i in at]), torch.stack([part[i + 1:i + 1 + BLOCK] for i in at])


def rate(step):
    if step < WARMUP:
        return MOST * (step + 1) / (WARMUP + 1)
    done = (step - WARMUP) / (STEPS - WARMUP)
    return LEAST + 0.5 * (1 + math.cos(math.pi * done)) * (MOST - LEAST)


@torch.no_grad()
def estimate(model, part):
    model.eval()
    losses = [model(*batch(part))[1].item() for _ in range(LOOKS)]
    model.train()
    return sum(losses) / LOOKS


@torch.no_grad()
def over_all(model):
    model.eval()
    count = (len(held) - 1) // BLOCK
    x, y = held[:count * BLOCK].view(count, BLOCK), held[1:count * BLOCK + 1].view(count, BLOCK)
    sums = [model(x[i:i + 60], y[i:i + 60])[1].item() * len(x[i:i + 60]) for i in range(0, count, 60)]
    model.train()
    return sum(sums) / count


def trained(seed):
    torch.manual_seed(seed)
    model = GPT(GPTConfig(n_layer=4, n_head=4, n_embd=128, block_size=BLOCK, bias=False, vocab_size=len(places),
                          dropout=0.0))
    optimizer = model.configure_optimizers(0.1, MOST, (0.9, 0.99), 'cpu')
    x, y = batch(train)
    for step in range(STEPS + 1):
        for group in optimizer.param_groups:
            group['lr'] = rate(step)
        if step % 250 == 0:
            estimates = estimate(model, train), estimate(model, held)
        if step == STEPS:
            break
        _, loss = model(x, y)
        x, y = batch(train)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    again = [estimate(model, held) for _ in range(100)]
    return {'seed': seed, 'estimate': estimates[1], 'whole': over_all(model), 'deviation': statistics.stdev(again)}


runs = [trained(seed) for seed in (1337, 1, 2)]
target = pathlib.Path(__file__).with_name('nanogpt-cpu.json')
target.write_text(json.dumps({'torch': torch.__version__, 'runs': runs}, indent=2) + '\n')
