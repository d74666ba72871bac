"""PyTorch's side of mlp-step.ts: bursts of training steps of a dense network."""
import json
import sys
import time

import torch
import torch.nn as nn

sizes, batch, optimizer = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
mode = sys.argv[5]  # argv[4] is the layout, of which a dense network has one
torch.set_num_threads(2)
torch.manual_seed(1)
layers = []
for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
    layers += [nn.Linear(a, b)] + ([nn.ReLU()] if i < len(sizes) - 2 else [])
model = nn.Sequential(*layers)
Optimizer, rates = (torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}) if optimizer == "sgd" else (torch.optim.Adam, {"lr": 1e-3})
try:
    update = Optimizer(model.parameters(), **rates, fused=True)  # on the CPU since 2.4, and faster
except (RuntimeError, TypeError):
    update = Optimizer(model.parameters(), **rates)
loss_of = nn.CrossEntropyLoss()
images = torch.randint(0, 256, (64, batch, sizes[0]), dtype=torch.uint8)
labels = torch.randint(0, sizes[-1], (64, batch))


def objective(x, y):
    return loss_of(model(x.float() / 255), y)


if mode == "compiled":
    objective = torch.compile(objective)


def step(i):
    loss = objective(images[i % 64], labels[i % 64])
    update.zero_grad(set_to_none=True)
    loss.backward()
    update.step()
    return loss


step(0)
print(f"{torch.__version__}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    steps = json.loads(line)["steps"]
    started = time.perf_counter()
    for i in range(steps):
        loss = step(i)
    loss.item()
    print(json.dumps({"seconds": time.perf_counter() - started}), flush=True)
