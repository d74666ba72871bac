"""What PyTorch makes of the layers for sequences: attention, transformer layers, positions, convolution over time, tables.

Run: python3 packages/nn/test/golden/sequence_layers.py   (needs torch 2.5 or later; writes sequence-layers.json beside this file)
"""
import json
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
cases = []


def number(value):
    short = float(f'{float(value):.8g}')
    return short if math.isfinite(short) else '-Infinity' if short < 0 else 'Infinity'


def pack(tensor):
    tensor = tensor.detach()
    dtype = 'bool' if tensor.dtype == torch.bool else 'float32' if tensor.is_floating_point() else 'int32'
    read = number if dtype == 'float32' else int
    return {'shape': list(tensor.shape), 'dtype': dtype, 'data': [read(v) for v in tensor.flatten().tolist()]}


def case(name, module, run, *inputs):
    """State, inputs, outputs and the gradients of sum(output * seed) for every parameter and every input of fractions."""
    torch.manual_seed(len(cases))
    module = module if module is not None else nn.Module()
    inputs = [x.double() if x.is_floating_point() else x for x in (x() if callable(x) else x for x in inputs)]
    module = module.double().eval()
    for parameter in module.parameters():
        with torch.no_grad():
            padded = (parameter == 0).all(-1, keepdim=True) if parameter.dim() == 2 else torch.zeros(1, dtype=torch.bool)
            # Halves of small whole numbers would tie; float32 values are what the other side reads.
            parameter.copy_(torch.where(padded, 0, (torch.randn_like(parameter) * 0.5).float().double()))
    inputs = [x.float().double() if x.is_floating_point() else x for x in inputs]
    wanted = [x.requires_grad_() for x in inputs if x.is_floating_point() and torch.isfinite(x).all()]
    outputs = run(module, *inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    seeds = [torch.randn_like(y).float().double() for y in outputs]
    loss = sum((y * s).sum() for y, s in zip(outputs, seeds))
    if loss.requires_grad:
        loss.backward()
    cases.append({
        'name': name, 'state': {key: pack(value) for key, value in module.state_dict().items()}, 'inputs': [pack(x) for x in inputs],
        'outputs': [pack(y) for y in outputs], 'seeds': [pack(s) for s in seeds],
        'gradients': {key: pack(p.grad) for key, p in module.named_parameters()},
        'inputGradients': [pack(x.grad) if any(x is w for w in wanted) and x.grad is not None else None for x in inputs],
    })


normal = lambda *shape: lambda: torch.randn(*shape)
ints = lambda *values: torch.tensor(values)
mask = lambda *rows: torch.tensor(rows, dtype=torch.bool)
causal = lambda n: torch.triu(torch.ones(n, n, dtype=torch.bool), 1)
sdpa = F.scaled_dot_product_attention


def attention():
    q, k, v = normal(2, 4, 3, 5), normal(2, 4, 6, 5), normal(2, 4, 6, 2)
    case('sdpa', None, lambda m, q, k, v: sdpa(q, k, v), q, k, v)
    case('sdpa causal', None, lambda m, q, k, v: sdpa(q, k, v, is_causal=True), q, k, v)
    case('sdpa scale', None, lambda m, q, k, v: sdpa(q, k, v, scale=0.3), q, k, v)
    bool_mask = torch.tensor([[1, 0, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]], dtype=torch.bool)
    case('sdpa mask', None, lambda m, q, k, v, a: sdpa(q, k, v, attn_mask=a), q, k, v, bool_mask)
    case('sdpa bias', None, lambda m, q, k, v, a: sdpa(q, k, v, attn_mask=a), q, k, v, normal(4, 3, 6))
    bias = torch.zeros(3, 6).masked_fill(~bool_mask, -math.inf)
    case('sdpa infinite bias', None, lambda m, q, k, v, a: sdpa(q, k, v, attn_mask=a), q, k, v, bias)
    case('sdpa grouped', None, lambda m, q, k, v: sdpa(q, k, v, is_causal=True, enable_gqa=True), q, normal(2, 2, 6, 5), normal(2, 2, 6, 2))

    def mha(masks, **options):
        module = nn.MultiheadAttention(8, 2, **options)

        def run(m, q, k, v, *given):
            return m(q, k, v, average_attn_weights=False, need_weights=True, **dict(zip(masks, given)))
        return module, run

    x = normal(3, 2, 8)
    same = lambda run: lambda m, x, *rest: run(m, x, x, x, *rest)
    module, run = mha([])
    case('mha', module, same(run), x)
    module, run = mha(['attn_mask'], bias=False)
    case('mha causal without bias', module, same(run), x, causal(3))
    module, run = mha(['key_padding_mask'], batch_first=True)
    case('mha batch first with padding', module, run, normal(2, 3, 8), normal(2, 4, 8), normal(2, 4, 8), mask([0, 0, 0, 1], [0, 1, 1, 1]))
    module, run = mha(['key_padding_mask', 'attn_mask'], batch_first=True)
    case('mha with both masks', module, same(run), normal(2, 3, 8), mask([0, 0, 1], [0, 0, 0]), causal(3))
    module, run = mha(['attn_mask'], kdim=5, vdim=7)
    case('mha of other sizes with a bias a head', module, run, normal(3, 2, 8), normal(4, 2, 5), normal(4, 2, 7), normal(4, 3, 4))

    class Grouped(nn.Module):
        def __init__(self):
            super().__init__()
            self.in_proj_weight = nn.Parameter(torch.ones(8 + 2 * 4, 8))
            self.in_proj_bias = nn.Parameter(torch.ones(16))
            self.out_proj = nn.Linear(8, 8)

        def forward(self, x):
            q, k, v = F.linear(x, self.in_proj_weight, self.in_proj_bias).split([8, 4, 4], 2)
            q, k, v = [t.unflatten(2, (-1, 2)).transpose(1, 2) for t in (q, k, v)]
            return self.out_proj(sdpa(q, k, v, is_causal=True, enable_gqa=True).transpose(1, 2).flatten(2))
    case('mha grouped', Grouped(), lambda m, x: m(x), normal(2, 3, 8))


def transformers():
    x = normal(3, 2, 8)
    case('encoder layer', nn.TransformerEncoderLayer(8, 2, 12), lambda m, x: m(x), x)
    case('encoder layer norm first', nn.TransformerEncoderLayer(8, 2, 12, activation='gelu', norm_first=True, batch_first=True),
         lambda m, x, p: m(x, src_key_padding_mask=p, src_mask=causal(3)), normal(2, 3, 8), mask([0, 0, 0], [0, 0, 1]))
    case('encoder layer without bias', nn.TransformerEncoderLayer(8, 4, 12, bias=False, layer_norm_eps=1e-3), lambda m, x: m(x), x)
    memory = normal(4, 2, 8)
    case('decoder layer', nn.TransformerDecoderLayer(8, 2, 12), lambda m, x, y: m(x, y), x, memory)
    case('decoder layer norm first', nn.TransformerDecoderLayer(8, 2, 12, norm_first=True, batch_first=True),
         lambda m, x, y, p: m(x, y, tgt_mask=causal(3), memory_key_padding_mask=p), normal(2, 3, 8), normal(2, 4, 8), mask([0, 0, 0, 1], [0, 0, 1, 1]))


def positions():
    def sinusoids(length, size):
        position = torch.arange(length).double().unsqueeze(1)
        rate = torch.exp(torch.arange(0, size, 2).double() * (-math.log(10000.0) / size))
        table = torch.zeros(length, size, dtype=torch.float64)
        table[:, 0::2], table[:, 1::2] = torch.sin(position * rate), torch.cos(position * rate)
        return table
    case('sinusoids', None, lambda m, x: x + sinusoids(5, 6), normal(2, 5, 6))

    class Learned(nn.Embedding):
        def forward(self, x):
            return x + super().forward(torch.arange(x.shape[-2]))
    case('learned positions', Learned(7, 4), lambda m, x: m(x), normal(2, 5, 4))

    # Hugging Face's form: the two halves of a vector are the two elements of its pairs.
    def halves(x, at, base=10000.0):
        angles = at.double()[..., None] * base ** (-torch.arange(0, x.shape[-1], 2).double() / x.shape[-1])
        angles = torch.cat([angles, angles], -1)
        a, b = x.chunk(2, -1)
        return x * angles.cos() + torch.cat([-b, a], -1) * angles.sin()

    # Meta's form: pairs of neighbours are complex numbers.
    def complex_pairs(x):
        rates = 10000.0 ** (-torch.arange(0, x.shape[-1], 2).double() / x.shape[-1])
        turns = torch.polar(torch.ones(1, dtype=torch.float64), torch.outer(torch.arange(x.shape[-2]).double(), rates))
        return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous()) * turns).flatten(-2)
    x = normal(2, 3, 5, 6)
    case('rotary', None, lambda m, x: halves(x, torch.arange(5)), x)
    case('rotary interleaved', None, lambda m, x: complex_pairs(x), x)
    case('rotary at positions', None, lambda m, x, at: halves(x, at[:, None, :], 500.0), normal(2, 3, 2, 6), torch.tensor([[3, 7], [0, 100]]))

    # The slopes as in the authors' code (ofirpress/attention_with_linear_biases).
    def slopes(n):
        def power_of_2(n):
            start = 2 ** (-(2 ** -(math.log2(n) - 3)))
            return [start * start ** i for i in range(n)]
        if math.log2(n).is_integer():
            return power_of_2(n)
        closest = 2 ** math.floor(math.log2(n))
        return power_of_2(closest) + slopes(2 * closest)[0::2][:n - closest]

    def linear_biases(heads, queries):
        distance = (torch.arange(queries)[:, None] - torch.arange(queries)[None, :]).abs().double()
        return -torch.tensor(slopes(heads), dtype=torch.float64)[:, None, None] * distance
    case('alibi', None, lambda m, q: sdpa(q, q, q, attn_mask=linear_biases(6, 4).masked_fill(causal(4), -math.inf)), normal(2, 6, 4, 3))


def others():
    case('RmsNorm', nn.RMSNorm(6), lambda m, x: m(x), normal(3, 6))
    case('RmsNorm of two axes', nn.RMSNorm([2, 3], eps=1e-2), lambda m, x: m(x), normal(4, 2, 3))
    case('RmsNorm without scale', nn.RMSNorm(6, elementwise_affine=False), lambda m, x: m(x), normal(3, 6))

    class SwiGlu(nn.Module):
        def __init__(self):
            super().__init__()
            self.w1, self.w2, self.w3 = nn.Linear(4, 6, bias=False), nn.Linear(6, 4, bias=False), nn.Linear(4, 6, bias=False)

        def forward(self, x):
            return self.w2(F.silu(self.w1(x)) * self.w3(x))
    case('SwiGlu', SwiGlu(), lambda m, x: m(x), normal(2, 3, 4))
    points = torch.tensor([[-100.0, -1.5, -1e-4, 0.0, 1e-4, 2.0, 100.0]])
    case('SiLU', nn.SiLU(), lambda m, x: m(x), points)
    case('ELU', nn.ELU(), lambda m, x: m(x), points)
    case('ELU of half', nn.ELU(0.5), lambda m, x: m(x), points)
    x = normal(2, 4, 7)
    case('Conv1d', nn.Conv1d(4, 3, 3), lambda m, x: m(x), x)
    case('Conv1d with options', nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2, bias=False), lambda m, x: m(x), x)
    case('Conv1d same', nn.Conv1d(4, 3, 4, padding='same'), lambda m, x: m(x), x)
    case('Conv1d causal', nn.Conv1d(4, 3, 3, dilation=2), lambda m, x: m(F.pad(x, (4, 0))), x)
    case('MaxPool1d', nn.MaxPool1d(3, stride=2, padding=1), lambda m, x: m(x), x)
    case('AvgPool1d', nn.AvgPool1d(2), lambda m, x: m(x), x)
    case('AvgPool1d without padding', nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False), lambda m, x: m(x), x)
    case('AdaptiveMaxPool1d', nn.AdaptiveMaxPool1d(1), lambda m, x: m(x), x)
    case('AdaptiveAvgPool1d', nn.AdaptiveAvgPool1d(2), lambda m, x: m(x), normal(2, 4, 6))
    indices = torch.tensor([[1, 4, 0], [4, 4, 2]])
    case('Embedding with padding', nn.Embedding(5, 3, padding_idx=4), lambda m, i: m(i), indices)
    for mode in ('sum', 'mean', 'max'):
        case(f'EmbeddingBag {mode}', nn.EmbeddingBag(5, 3, mode=mode), lambda m, i: m(i), indices)
        case(f'EmbeddingBag {mode} with padding', nn.EmbeddingBag(5, 3, mode=mode, padding_idx=-1), lambda m, i: m(i), indices)
        case(f'EmbeddingBag {mode} with offsets', nn.EmbeddingBag(5, 3, mode=mode, padding_idx=4),
             lambda m, i, o: m(i, o), ints(1, 2, 0, 4, 3, 4), ints(0, 2, 2, 5))
    case('EmbeddingBag weighted', nn.EmbeddingBag(5, 3, mode='sum'), lambda m, i, w: m(i, per_sample_weights=w), indices, normal(2, 3))

    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(5, 3)
            self.logits = nn.Linear(3, 5, bias=False)
            self.logits.weight = self.embedding.weight

        def forward(self, i):
            return self.logits(torch.tanh(self.embedding(i)))
    case('tied', Tied(), lambda m, i: m(i), indices)


def recurrent_attentions():
    def look(scores, keys, padding):
        weights = torch.softmax(scores.masked_fill(padding, -math.inf), 1)
        return torch.einsum('bt,btk->bk', weights, keys), weights

    class Bahdanau(nn.Module):
        def __init__(self):
            super().__init__()
            self.query, self.key, self.score = nn.Linear(3, 5, bias=False), nn.Linear(4, 5, bias=False), nn.Linear(5, 1, bias=False)

        def forward(self, q, keys, padding):
            return look(self.score(torch.tanh(self.query(q)[:, None] + self.key(keys)))[..., 0], keys, padding)

    class Luong(nn.Module):
        def __init__(self, score, size):
            super().__init__()
            self.kind = score
            if score == 'concat':
                self.v = nn.Parameter(torch.ones(6))
            if score != 'dot':
                self.weight = nn.Linear(4, 3, bias=False) if score == 'general' else nn.Linear(7, 6, bias=False)

        def forward(self, q, keys, padding):
            if self.kind == 'dot':
                scores = torch.einsum('bk,btk->bt', q, keys)
            elif self.kind == 'general':
                scores = torch.einsum('bq,btq->bt', q, self.weight(keys))
            else:
                scores = torch.tanh(self.weight(torch.cat([q[:, None].expand(-1, keys.shape[1], -1), keys], 2))) @ self.v
            return look(scores, keys, padding)
    q, keys, padding = normal(2, 3), normal(2, 5, 4), mask([0, 0, 0, 0, 0], [0, 0, 1, 1, 1])
    case('Bahdanau', Bahdanau(), lambda m, *x: m(*x), q, keys, padding)
    case('Luong dot', Luong('dot', 4), lambda m, *x: m(*x), normal(2, 4), keys, padding)
    case('Luong general', Luong('general', 3), lambda m, *x: m(*x), q, keys, padding)
    case('Luong concat', Luong('concat', 3), lambda m, *x: m(*x), q, keys, padding)


if __name__ == '__main__':
    torch.set_num_threads(1)
    for group in (attention, transformers, positions, others, recurrent_attentions):
        group()
    (HERE / 'sequence-layers.json').write_text(json.dumps({'torch': torch.__version__, 'cases': cases}, separators=(',', ':')) + '\n')
