"""Muon, the schedules of language models, and 20 steps of GPT small, by PyTorch and Hugging Face.

Run: python3 packages/nn/test/golden/language_training.py   (needs torch 2.9 or later and transformers; writes muon.json,
language-schedules.json and gpt.json beside this file)
"""
import inspect
import json
import math
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import _muon

from golden import number, pack, random_key, uniforms, write


def float64_muon():
    """PyTorch's own iteration, in double precision instead of bfloat16."""
    source = inspect.getsource(_muon._zeropower_via_newtonschulz)
    assert 'torch.bfloat16' in source
    scope = dict(_muon.__dict__)
    exec(source.replace('torch.bfloat16', 'torch.float64'), scope)
    _muon._zeropower_via_newtonschulz = scope['_zeropower_via_newtonschulz']


def muon():
    torch.manual_seed(3)
    float64_muon()
    shapes = {'hidden.weight': (6, 4), 'wide.weight': (3, 5), 'hidden.bias': (6,), 'embedding.weight': (5, 3)}
    weights = {name: torch.randn(shape).double() for name, shape in shapes.items()}
    steps = 10
    gradients = [{name: (torch.randn(shape) * scale).double() for name, shape in shapes.items()} for scale in (1, 0.1, 5, 1, 1e-3, 0.5, 2, 1, 1, 0.1)]
    rates = [0.05 * 0.9 ** i for i in range(steps)]
    cases = []
    for options, keywords in [
        ({}, {}),
        ({'momentum': 0.8, 'nesterov': False, 'weightDecay': 0}, {'momentum': 0.8, 'nesterov': False, 'weight_decay': 0}),
        ({'adjust': 'matchAdamW', 'steps': 3}, {'adjust_lr_fn': 'match_rms_adamw', 'ns_steps': 3}),
        ({'adjust': 'spectral', 'weightDecay': 0.3}, {'adjust_lr_fn': 'spectral_unclamped', 'weight_decay': 0.3}),
    ]:
        parameters = {name: nn.Parameter(w.clone()) for name, w in weights.items()}
        matrices = [parameters['hidden.weight'], parameters['wide.weight']]
        others = [parameters['hidden.bias'], parameters['embedding.weight']]
        optimizers = [torch.optim.Muon(matrices, lr=1, **keywords), torch.optim.AdamW(others, lr=1)]
        curve = []
        for gradient, rate in zip(gradients, rates):
            for name, parameter in parameters.items():
                parameter.grad = gradient[name].clone()
            for optimizer, factor in zip(optimizers, (1, 0.1)):
                optimizer.param_groups[0]['lr'] = rate * factor
                optimizer.step()
            curve.append({name: pack(parameter.float())['data'] for name, parameter in parameters.items()})
        cases.append({'options': options, 'curve': curve})
    matrix = torch.randn(4, 7).double()
    write('muon', {
        'weights': {name: pack(w.float()) for name, w in weights.items()}, 'rates': [number(r) for r in rates], 'othersRate': 0.1,
        'gradients': [{name: pack(g.float())['data'] for name, g in gradient.items()} for gradient in gradients], 'cases': cases,
        'matrix': pack(matrix.float()), 'orthogonalized': pack(_muon._zeropower_via_newtonschulz(matrix, (3.4445, -4.775, 2.0315), 5, 1e-7).float()),
    })


def schedules():
    from transformers.optimization import get_wsd_schedule

    def rates(make, steps):
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler = make(optimizer)
        found = []
        for _ in range(steps):
            found.append(float(f"{optimizer.param_groups[0]['lr']:.12g}"))
            optimizer.step()
            scheduler.step()
        return found

    # get_lr of karpathy/nanoGPT:train.py with a base rate of 1, max_iters = lr_decay_iters.
    def nanogpt(it, warmup, total, minimum):
        if it < warmup:
            return (it + 1) / (warmup + 1)
        if it > total:
            return minimum
        ratio = (it - warmup) / (total - warmup)
        return minimum + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (1 - minimum)

    cases = [{'name': 'warmupCosine', 'options': {'steps': 4}, 'factors': [nanogpt(i, 4, 20, 0.1) for i in range(20)]},
             {'name': 'warmupCosine', 'options': {'steps': 0, 'minimum': 0}, 'factors': [nanogpt(i, 0, 9, 0) for i in range(9)]}]
    for shape in ('linear', 'cosine', '1-sqrt'):
        for warmup, decay, minimum in ((5, 8, 0.1), (0, 4, 0.0)):
            cases.append({
                'name': 'warmupStableDecay', 'options': {'warmup': warmup, 'decay': decay, 'minimum': minimum, 'shape': shape},
                'factors': rates(lambda o: get_wsd_schedule(o, warmup, decay, num_training_steps=24, decay_type=shape, min_lr_ratio=minimum), 24)})
    write('language-schedules', cases)


# GPT small ------------------------------------------------------------------------------------------------------------
# karpathy/nanoGPT's model without biases, its output tied to its table of tokens.

WORDS, TIME, BATCH, LAYERS, HEADS, SIZE = 65, 64, 12, 4, 4, 128


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = (nn.LayerNorm(SIZE, bias=False) for _ in range(2))
        self.attn = nn.MultiheadAttention(SIZE, HEADS, bias=False, batch_first=True)
        self.c_fc, self.c_proj = nn.Linear(SIZE, 4 * SIZE, bias=False), nn.Linear(4 * SIZE, SIZE, bias=False)

    def forward(self, x):
        h = self.ln_1(x)
        q, k, v = [t.unflatten(2, (HEADS, -1)).transpose(1, 2) for t in F.linear(h, self.attn.in_proj_weight).chunk(3, 2)]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        x = x + self.attn.out_proj(y)
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(WORDS, SIZE), nn.Embedding(TIME, SIZE)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(SIZE, bias=False)

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe.weight[:tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return F.linear(self.ln_f(x), self.wte.weight)


def gpt():
    model = Gpt()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() > 1:
                p.copy_(torch.from_numpy(uniforms(random_key(5, name), p.numel(), -0.05, 0.05).reshape(p.shape)))

    def tokens_of(step):
        drawn = uniforms(random_key(7, 'tokens', step), BATCH * (TIME + 1)).astype(np.float64)
        # Squared, so that some tokens are frequent and the loss falls.
        return torch.from_numpy(np.floor(drawn ** 2 * WORDS).astype(np.int64).reshape(BATCH, TIME + 1))

    matrices = [p for p in model.parameters() if p.dim() >= 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW([{'params': matrices, 'weight_decay': 0.1}, {'params': vectors, 'weight_decay': 0}], lr=1e-3, betas=(0.9, 0.99))
    losses = []
    for step in range(20):
        tokens = tokens_of(step)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(number(loss))
    write('gpt', {'torch': torch.__version__, 'rate': 1e-3, 'losses': losses, 'checksum': int(tokens_of(3).sum())})


if __name__ == '__main__':
    torch.set_num_threads(1)
    muon()
    schedules()
    gpt()
