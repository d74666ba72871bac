"""Safetensors written by an independent program, from the format's description alone, with PyTorch's tensors.

    python3 safetensors_golden.py                     writes mlp.safetensors, dtypes.safetensors and safetensors.json here

The description: https://github.com/huggingface/safetensors#format
"""
import json
import pathlib
import struct

import torch

TYPES = {
    'F64': torch.float64, 'F32': torch.float32, 'F16': torch.float16, 'BF16': torch.bfloat16,
    'I64': torch.int64, 'I32': torch.int32, 'I16': torch.int16, 'I8': torch.int8, 'U8': torch.uint8, 'BOOL': torch.bool,
}
NAMES = {dtype: name for name, dtype in TYPES.items()}


def raw(tensor):
    return bytes(tensor.contiguous().view(-1).view(torch.uint8).tolist() if tensor.dtype != torch.bool else map(int, tensor.view(-1).tolist()))


def write(path, tensors, metadata=None):
    header = {'__metadata__': metadata} if metadata else {}
    data = b''
    for name in sorted(tensors, key=lambda n: (-tensors[n].element_size(), n)):
        piece = raw(tensors[name])
        header[name] = {'dtype': NAMES[tensors[name].dtype], 'shape': list(tensors[name].shape), 'data_offsets': [len(data), len(data) + len(piece)]}
        data += piece
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    path.write_bytes(struct.pack('<Q', len(text)) + text + data)


def listing(tensors):
    return {name: {'stored': NAMES[t.dtype], 'shape': list(t.shape), 'values': [float(v) for v in t.view(-1).tolist()]} for name, t in tensors.items()}


if __name__ == '__main__':
    here = pathlib.Path(__file__).parent
    torch.manual_seed(0)
    mlp = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.BatchNorm1d(5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    mlp(torch.randn(8, 6))
    weights = {name: value for name, value in mlp.state_dict().items() if value.dtype == torch.float32}
    weights['mask'] = torch.tensor([True, False, True])
    weights['pixels'] = torch.arange(250, 256, dtype=torch.uint8).reshape(2, 3)
    weights['steps'] = torch.tensor([-3, 2**31 - 1], dtype=torch.int32)
    write(here / 'mlp.safetensors', weights, {'format': 'pt'})
    odd = torch.tensor([0.1, -2.5, 65504.0, 6e-8, 1 / 3])
    every = {f'x.{name}': odd.to(dtype) for name, dtype in TYPES.items() if dtype.is_floating_point}
    every |= {f'x.{name}': torch.tensor([0, 1, 100]).to(dtype) for name, dtype in TYPES.items() if not dtype.is_floating_point}
    every |= {'negative.I64': torch.tensor(-(2**31)), 'empty': torch.empty(0, 3), 'num_batches_tracked': mlp.state_dict()['1.num_batches_tracked']}
    write(here / 'dtypes.safetensors', every)
    (here / 'safetensors.json').write_text(json.dumps({'mlp': listing(weights), 'dtypes': listing(every)}, indent=1) + '\n')
