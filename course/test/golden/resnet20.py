"""Losses of 8 training steps of ResNet-20 in PyTorch, from weights and batches that resnet20-parity.test.ts makes too.

Run by hand from the repository's root: python3 course/test/golden/resnet20.py   (needs torch and numpy; writes resnet20.json)
"""
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, STEPS, RATE = 16, 8, 0.005
MASK = np.uint64(0xFFFFFFFF)


def threefry(key, first, second):
    """Threefry-2x32 with 20 rounds (Salmon et al. 2011) over arrays of counters."""
    k = [np.uint64(key[0]), np.uint64(key[1])]
    k.append(k[0] ^ k[1] ^ np.uint64(0x1BD11BDA))
    x, y = (first + k[0]) & MASK, (second + k[1]) & MASK
    for group in range(5):
        for bits in ([13, 15, 26, 6], [17, 29, 16, 24])[group % 2]:
            x = (x + y) & MASK
            y = (((y << np.uint64(bits)) | (y >> np.uint64(32 - bits))) & MASK) ^ x
        x = (x + k[(group + 1) % 3]) & MASK
        y = (y + k[(group + 2) % 3] + np.uint64(group + 1)) & MASK
    return x, y


def random_key(seed, *path):
    key = (seed, 0)
    for part in path:
        if isinstance(part, str):
            word = 0x811C9DC5
            for letter in part.encode():
                word = ((word ^ letter) * 0x01000193) & 0xFFFFFFFF
            counter = (word, 1)
        else:
            counter = (part, 0)
        x, y = threefry(key, np.array([counter[0]], np.uint64), np.array([counter[1]], np.uint64))
        key = (int(x[0]), int(y[0]))
    return key


def uniforms(key, length, low=0.0, high=1.0):
    count = (length + 1) // 2
    x, y = threefry(key, np.arange(count, dtype=np.uint64), np.zeros(count, np.uint64))
    values = np.stack([x, y], 1).reshape(-1)[:length].astype(np.float64) / 2**32
    return (low + (high - low) * values).astype(np.float32)


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b)
        self.conv2, self.bn2 = nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b)
        self.stride, self.missing = stride, (b - a) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride != 1:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.missing, self.missing))
        return F.relu(x + y)


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        stage = lambda a, b, stride: nn.Sequential(Block(a, b, stride), Block(b, b, 1), Block(b, b, 1))
        self.layer1, self.layer2, self.layer3 = stage(16, 16, 1), stage(16, 32, 2), stage(32, 64, 2)
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


torch.set_num_threads(1)
model = ResNet20()
with torch.no_grad():
    for i, (name, parameter) in enumerate(model.named_parameters()):
        if parameter.dim() > 1:
            limit = math.sqrt(6 / parameter[0].numel())
            parameter.copy_(torch.from_numpy(uniforms(random_key(11, "weight", i), parameter.numel(), -limit, limit)).reshape(parameter.shape))
        elif "linear" in name:
            parameter.zero_()
update = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9, weight_decay=1e-4)
templates = uniforms(random_key(11, "template"), 10 * 3072, -1, 1).reshape(10, 3072)
losses = []
for step in range(STEPS):
    labels = np.floor(uniforms(random_key(11, "label", step), BATCH) * 10).astype(np.int64)
    noise = uniforms(random_key(11, "noise", step), BATCH * 3072, -1, 1).reshape(BATCH, 3072)
    images = torch.from_numpy(noise + np.float32(0.5) * templates[labels]).reshape(BATCH, 3, 32, 32)
    loss = F.cross_entropy(model(images), torch.from_numpy(labels))
    update.zero_grad()
    loss.backward()
    update.step()
    losses.append(float(f"{loss.item():.9g}"))
state = {name: [float(f"{value.float().mean():.9g}"), float(f"{value.float().norm():.9g}")] for name, value in model.state_dict().items()}
pathlib.Path(__file__).with_name("resnet20.json").write_text(
    json.dumps({"torch": torch.__version__, "batch": BATCH, "learningRate": RATE, "loss": losses, "state": state}, indent=1) + "\n")
print(losses)
