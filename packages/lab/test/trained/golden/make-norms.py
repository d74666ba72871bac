"""Writes a small network with batch norm as PyTorch's users save it, and its logits.

Run: python3 packages/lab/test/train/golden/make-norms.py   (needs torch and safetensors; writes norms.* beside this file)
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

HERE = pathlib.Path(__file__).parent
torch.manual_seed(7)
net = nn.Sequential(
    nn.Conv2d(3, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
pixels = torch.tensor([[(7 * p * p + 13 * i * p + 31 * i) % 256 for p in range(3 * 64)] for i in range(4)]).reshape(4, 3, 8, 8)
x = (pixels / 255 - 0.5) / 0.25
with torch.no_grad():
    for parameter in net.parameters():
        parameter.copy_(torch.randn_like(parameter))
for _ in range(3):
    net(x)
net.eval()
save_file(net.state_dict(), HERE / 'norms.safetensors')
with torch.no_grad():
    logits = net(x)
(HERE / 'norms.json').write_text(json.dumps({'logits': [[float(f'{v:.9g}') for v in row] for row in logits.tolist()]}) + '\n')
