"""The block of Keras' miniature GPT, in PyTorch: its state, its logits and the loss with all positions counted.

Run: python3 course/test/golden/miniature-gpt.py   (needs torch; writes miniature-gpt.json beside this file)
"""
import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(11)
torch.set_num_threads(1)
WORDS, TIME, WIDTH, HEADS, INSIDE = 13, 6, 8, 2, 12


def drawn(*shape, centre=0.0):
    return (torch.randn(shape) * 0.5 + centre).mul(1000).round().div(1000)


state = {'tokens.weight': drawn(WORDS, WIDTH), 'positions.weight': drawn(TIME, WIDTH)}
for name, rows, columns in [
    ('query', WIDTH, WIDTH), ('key', WIDTH, WIDTH), ('value', WIDTH, WIDTH), ('combine', WIDTH, WIDTH),
    ('hidden', INSIDE, WIDTH), ('out', WIDTH, INSIDE), ('logits', WORDS, WIDTH),
]:
    state[f'{name}.weight'], state[f'{name}.bias'] = drawn(rows, columns), drawn(rows)
for name in ['norm1', 'norm2']:
    state[f'{name}.weight'], state[f'{name}.bias'] = drawn(WIDTH, centre=1.0), drawn(WIDTH)

block = torch.nn.TransformerEncoderLayer(WIDTH, HEADS, INSIDE, dropout=0.0, layer_norm_eps=1e-6, batch_first=True)
with torch.no_grad():
    joined = {kind: torch.cat([state[f'{n}.{kind}'] for n in ['query', 'key', 'value']]) for kind in ['weight', 'bias']}
    block.self_attn.in_proj_weight.copy_(joined['weight'])
    block.self_attn.in_proj_bias.copy_(joined['bias'])
    for name, layer in [('combine', block.self_attn.out_proj), ('hidden', block.linear1), ('out', block.linear2),
                        ('norm1', block.norm1), ('norm2', block.norm2)]:
        layer.weight.copy_(state[f'{name}.weight'])
        layer.bias.copy_(state[f'{name}.bias'])

row = torch.tensor([[4, 1, 9, 12, 3, 7, 2], [5, 6, 2, 0, 0, 0, 0]])
tokens, targets = row[:, :-1], row[:, 1:]
with torch.no_grad():
    read = F.embedding(tokens, state['tokens.weight']) + state['positions.weight']
    mask = torch.nn.Transformer.generate_square_subsequent_mask(TIME)
    logits = F.linear(block(read, src_mask=mask), state['logits.weight'], state['logits.bias'])
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())

pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps({
    'torch': torch.__version__,
    'state': {name: {'shape': list(value.shape), 'data': [round(v, 3) for v in value.flatten().tolist()]}
              for name, value in state.items()},
    'tokens': tokens.tolist(), 'targets': targets.tolist(),
    'logits': [round(v, 6) for v in logits.flatten().tolist()], 'loss': round(loss.item(), 6),
}) + '\n')
