"""Logits of the translator of Days 17-18's words in PyTorch, of weights that word-translator.test.ts makes too.

Run: python3 course/test/golden/word-translator.py   (needs torch; writes word-translator.json beside this file)
"""
import json
import math
import pathlib

import torch
import torch.nn as nn

torch.set_num_threads(1)
READ, WRITTEN, WIDTH, HEADS, HIDDEN, LAYERS, PLACES, START = 9, 7, 8, 2, 12, 2, 100, 1


class Reader(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.tokens = nn.Embedding(words, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)

    def forward(self, tokens):
        return self.tokens(tokens) * math.sqrt(WIDTH) + self.places(torch.arange(tokens.shape[1]))


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        how = {'dim_feedforward': HIDDEN, 'batch_first': True, 'norm_first': False}
        self.source, self.target = Reader(READ), Reader(WRITTEN)
        self.encoder = nn.ModuleList(nn.TransformerEncoderLayer(WIDTH, HEADS, **how) for _ in range(LAYERS))
        self.decoder = nn.ModuleList(nn.TransformerDecoderLayer(WIDTH, HEADS, **how) for _ in range(LAYERS))
        self.logits = nn.Linear(WIDTH, WRITTEN)

    def forward(self, source, target):
        source = torch.cat([torch.full((len(source), 1), START), source], 1)
        empty = source == 0
        h = self.source(source)
        for layer in self.encoder:
            h = layer(h, src_key_padding_mask=empty)
        w = self.target(target)
        later = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).triu(1)
        for layer in self.decoder:
            w = layer(w, h, tgt_mask=later, memory_key_padding_mask=empty)
        return self.logits(w)


model = Translator().eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        start = sum(map(ord, name))
        centre = 1 if 'norm' in name and name.endswith('weight') else 0
        values = [centre + math.sin(start + 0.7 * i) / 2 for i in range(p.numel())]
        p.copy_(torch.tensor(values).reshape(p.shape))
    source, target = [[4, 8, 5, 2], [7, 2, 0, 0]], [[1, 5, 6], [1, 4, 3]]
    logits = model(torch.tensor(source), torch.tensor(target))

found = {'source': source, 'target': target, 'parameters': sum(p.numel() for p in model.parameters()),
         'logits': [round(float(x), 6) for x in logits.flatten()]}
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(found) + '\n')
