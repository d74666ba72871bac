"""A perceptron written by PyTorch: its weights as safetensors (from the format's description), and its logits on made-up images.

    python3 make-mlp.py        writes mlp.safetensors and mlp.json here
"""
import json
import pathlib
import struct

import torch

HERE = pathlib.Path(__file__).parent


class Mlp(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = torch.nn.Linear(784, 16)
        self.fc2 = torch.nn.Linear(16, 10)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


def write(path, tensors):
    header, data = {'__metadata__': {'format': 'pt'}}, b''
    for name, tensor in sorted(tensors.items()):
        piece = tensor.contiguous().numpy().astype('<f4').tobytes()
        header[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [len(data), len(data) + len(piece)]}
        data += piece
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    path.write_bytes(struct.pack('<Q', len(text)) + text + data)


if __name__ == '__main__':
    torch.manual_seed(7)
    model = Mlp().double().float()
    images = torch.tensor([[(7 * p * p + 13 * i * p + 31 * i) % 256 for p in range(784)] for i in range(5)], dtype=torch.uint8).view(5, 1, 28, 28)
    with torch.no_grad():
        # In double precision: what float32 programs must agree with.
        logits = Mlp.forward(model.double(), images.double() / 255)
    write(HERE / 'mlp.safetensors', {name: value.float() for name, value in model.state_dict().items()})
    (HERE / 'mlp.json').write_text(json.dumps({'torch': torch.__version__, 'logits': logits.tolist()}) + '\n')
