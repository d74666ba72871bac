"""Logits of the tree of pairs of Days 15-16 in PyTorch, of weights that wave-net.test.ts makes too.

The tree is built as makemore's notebook has it: FlattenConsecutive(2), Linear without a bias, BatchNorm1d, Tanh.
Source: Karpathy, nn-zero-to-hero, lectures/makemore/makemore_part5_cnn1.ipynb, 2022.

Run: python3 course/test/golden/wave-net.py   (needs torch; writes wave-net.json beside this file)
"""
import json
import math
import pathlib

import torch
import torch.nn as nn

torch.set_num_threads(1)
VOCABULARY, BLOCK, EMBEDDING, HIDDEN = 5, 8, 2, 3


class Pair(nn.Module):
    def __init__(self, width, places, per_place):
        super().__init__()
        self.weigh = nn.Linear(2 * width, HIDDEN, bias=False)
        self.norm = nn.BatchNorm1d(places * HIDDEN if per_place else HIDDEN)
        self.per_place = per_place

    def forward(self, x):
        count, length, width = x.shape
        x = self.weigh(x.reshape(count, length // 2, width * 2))
        if self.per_place:
            # Each place of a level and each of its numbers has a mean of its own.
            return torch.tanh(self.norm(x.flatten(1)).view(x.shape))
        # BatchNorm1d of [N, C, L] takes its means over dimensions 0 and 2.
        return torch.tanh(self.norm(x.transpose(1, 2)).transpose(1, 2))


class WaveNet(nn.Module):
    def __init__(self, per_place):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, EMBEDDING)
        levels = int(math.log2(BLOCK))
        widths = [EMBEDDING] + [HIDDEN] * (levels - 1)
        self.levels = nn.ModuleList(
            Pair(width, BLOCK // 2 ** (k + 1), per_place) for k, width in enumerate(widths))
        self.logits = nn.Linear(HIDDEN, VOCABULARY)

    def forward(self, tokens):
        h = self.tokens(tokens)
        for level in self.levels:
            h = level(h)
        return self.logits(h)


def set_weights(model):
    for name, p in [*model.named_parameters(), *model.named_buffers()]:
        if name.endswith('num_batches_tracked'):
            continue
        start = sum(map(ord, name))
        # What numbers are divided by, and what they are multiplied with, stays above 0.
        centre = 1 if name.endswith(('norm.weight', 'running_var')) else 0
        values = [centre + math.sin(start + 0.7 * i) / 2 for i in range(p.numel())]
        p.copy_(torch.tensor(values).reshape(p.shape))


tokens = [[0, 1, 2, 3, 4, 0, 1, 2], [4, 4, 3, 1, 0, 2, 2, 1], [1, 0, 0, 0, 3, 3, 4, 2]]
found = {'tokens': tokens, 'nets': []}
with torch.no_grad():
    for per_place in (False, True):
        model = WaveNet(per_place)
        set_weights(model)
        x = torch.tensor(tokens)
        by_batch = model.train()(x)
        set_weights(model)
        told = {'normPerPlace': per_place, 'parameters': sum(p.numel() for p in model.parameters())}
        for mode, logits in (('training', by_batch), ('evaluation', model.eval()(x))):
            told[mode] = [round(float(value), 6) for value in logits.flatten()]
        found['nets'].append(told)
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(found) + '\n')
