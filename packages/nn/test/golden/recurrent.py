"""Recurrent layers by PyTorch, with packed sequences, and 20 steps of trainings with them.

Run: python3 packages/nn/test/golden/recurrent.py   (needs torch; writes recurrent.json beside this file)
"""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden import number, pack, random_key, uniforms, write

short = lambda tensor: {**pack(tensor), 'data': [float(f'{v:.7g}') for v in tensor.detach().flatten().tolist()]} if tensor.is_floating_point() else pack(tensor)


def case(kind, options, x, lengths=None, states=()):
    """State, outputs, and the gradients of sum(output * seed) for parameters and inputs."""
    keywords = {{'numLayers': 'num_layers', 'batchFirst': 'batch_first'}.get(k, k): v for k, v in options.items()}
    module = getattr(nn, kind)(3, 4, **keywords).double()
    batch_first = options.get('batchFirst', False)
    inputs = [t.float().double().requires_grad_() for t in (x, *states)]
    given = tuple(inputs[1:]) if len(states) > 1 else inputs[1] if states else None
    if lengths is None:
        output, last = module(inputs[0], given)
    else:
        packed = pack_padded_sequence(inputs[0], torch.tensor(lengths), batch_first=batch_first, enforce_sorted=False)
        output, last = module(packed, given)
        output, _ = pad_packed_sequence(output, batch_first=batch_first, total_length=x.shape[1 if batch_first else 0])
    outputs = [output, *(last if isinstance(last, tuple) else (last,))]
    seeds = [torch.randn_like(y).float().double() for y in outputs]
    sum((y * s).sum() for y, s in zip(outputs, seeds)).backward()
    return {'kind': kind, 'options': options, 'lengths': lengths, 'state': {k: short(v) for k, v in module.state_dict().items()},
            'inputs': [short(t) for t in inputs], 'outputs': [short(y) for y in outputs], 'seeds': [short(s) for s in seeds],
            'gradients': {k: short(p.grad) for k, p in module.named_parameters()}, 'inputGradients': [short(t.grad) for t in inputs]}


def layers():
    torch.manual_seed(1)
    r = torch.randn
    cases = []
    for kind in ('RNN', 'GRU', 'LSTM'):
        pair = 2 if kind == 'LSTM' else 1
        cases += [
            case(kind, {}, r(5, 2, 3)),
            case(kind, {'bias': False, 'batchFirst': True}, r(2, 5, 3)),
            case(kind, {'numLayers': 2, 'bidirectional': True}, r(5, 3, 3), [3, 5, 1]),
            case(kind, {'bidirectional': True, 'batchFirst': True}, r(2, 4, 3), [4, 2], tuple(r(2, 2, 4) for _ in range(pair))),
            case(kind, {'numLayers': 3}, r(4, 2, 3), None, tuple(r(3, 2, 4) for _ in range(pair))),
        ]
    cases.append(case('RNN', {'nonlinearity': 'relu', 'bidirectional': True}, r(5, 2, 3)))
    return cases


def cells():
    torch.manual_seed(2)
    found = []
    for kind in ('RNNCell', 'GRUCell', 'LSTMCell'):
        cell = getattr(nn, kind)(3, 4).double()
        x, *states = [torch.randn(2, n).float().double() for n in ((3, 4, 4) if kind == 'LSTMCell' else (3, 4))]
        y = cell(x, tuple(states) if len(states) > 1 else states[0])
        found.append({'kind': kind, 'state': {k: short(v) for k, v in cell.state_dict().items()}, 'inputs': [short(t) for t in (x, *states)],
                      'outputs': [short(t) for t in (y if isinstance(y, tuple) else (y,))]})
    return found


# Trainings: tokens and first weights come from the counter-based generator. --------------------------------------------

WORDS, TIME, BATCH, SIZE = 11, 9, 6, 16


class Lstm(nn.Module):
    """A language model: two layers of LSTM over embeddings."""

    def __init__(self):
        super().__init__()
        self.embedding, self.rnn, self.logits = nn.Embedding(WORDS, SIZE), nn.LSTM(SIZE, SIZE, 2, batch_first=True), nn.Linear(SIZE, WORDS)

    def loss(self, tokens, _):
        return F.cross_entropy(self.logits(self.rnn(self.embedding(tokens[:, :-1]))[0]).flatten(0, 1), tokens[:, 1:].flatten())


class Gru(nn.Module):
    """A classifier: a bidirectional GRU over sequences of several lengths, its last states joined."""

    def __init__(self):
        super().__init__()
        self.embedding, self.rnn, self.logits = nn.Embedding(WORDS, SIZE), nn.GRU(SIZE, SIZE, batch_first=True, bidirectional=True), nn.Linear(2 * SIZE, 3)

    def loss(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        return F.cross_entropy(self.logits(self.rnn(packed)[1].transpose(0, 1).flatten(1)), tokens[:, 0] % 3)


class Translator(nn.Module):
    """An encoder-decoder: bidirectional GRU, then a GRU cell that looks at the encoder's states (Bahdanau et al. 2015)."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, SIZE)
        self.encoder = nn.GRU(SIZE, SIZE // 2, batch_first=True, bidirectional=True)
        self.attention = nn.Module()
        self.attention.query, self.attention.key = nn.Linear(SIZE, 8, bias=False), nn.Linear(SIZE, 8, bias=False)
        self.attention.score = nn.Linear(8, 1, bias=False)
        self.cell, self.logits = nn.GRUCell(2 * SIZE, SIZE), nn.Linear(SIZE, WORDS)

    def loss(self, tokens, lengths):
        padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        keys, last = self.encoder(packed)
        keys, _ = pad_packed_sequence(keys, batch_first=True, total_length=tokens.shape[1])
        hidden = last.transpose(0, 1).flatten(1)
        target = tokens.flip(1)
        logits = []
        for step in range(target.shape[1] - 1):
            scores = self.attention.score(torch.tanh(self.attention.query(hidden)[:, None] + self.attention.key(keys)))[..., 0]
            weights = torch.softmax(scores.masked_fill(padding, -math.inf), 1)
            context = torch.einsum('bt,btk->bk', weights, keys)
            hidden = self.cell(torch.cat([self.embedding(target[:, step]), context], 1), hidden)
            logits.append(self.logits(hidden))
        return F.cross_entropy(torch.stack(logits, 1).flatten(0, 1), target[:, 1:].flatten())


def trainings():
    found = {}
    for name, model in (('lstm', Lstm()), ('gru', Gru()), ('translator', Translator())):
        with torch.no_grad():
            for key, p in model.named_parameters():
                p.copy_(torch.from_numpy(uniforms(random_key(5, key), p.numel(), -0.3, 0.3).reshape(p.shape)))
        optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
        losses = []
        for step in range(20):
            drawn = uniforms(random_key(7, 'tokens', step), BATCH * TIME).astype(np.float64)
            tokens = torch.from_numpy(np.floor(drawn ** 2 * WORDS).astype(np.int64).reshape(BATCH, TIME))
            lengths = torch.from_numpy(np.floor(uniforms(random_key(7, 'lengths', step), BATCH).astype(np.float64) * TIME).astype(np.int64) + 1)
            optimizer.zero_grad()
            loss = model.loss(tokens, lengths)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(number(loss))
        found[name] = losses
    return found


if __name__ == '__main__':
    torch.set_num_threads(1)
    write('recurrent', {'torch': torch.__version__, 'layers': layers(), 'cells': cells(), 'trainings': trainings()})
