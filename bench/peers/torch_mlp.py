"""PyTorch's side of mlp-step.ts: bursts of training steps of a dense network."""
import json
import sys
import time

import torch
import torch.nn as nn

sizes, batch, optimizer = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(2)
torch.manual_seed(1)
layers = []
for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
    layers += [nn.Linear(a, b)] + ([nn.ReLU()] if i < len(sizes) - 2 else [])
model = nn.Sequential(*layers)
update = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9) if optimizer == "sgd" else torch.optim.Adam(model.parameters(), lr=1e-3)
loss_of = nn.CrossEntropyLoss()
images = torch.randint(0, 256, (64, batch, sizes[0]), dtype=torch.uint8)
labels = torch.randint(0, sizes[-1], (64, batch))


def step(i):
    x = images[i % 64].float() / 255
    loss = loss_of(model(x), labels[i % 64])
    update.zero_grad(set_to_none=True)
    loss.backward()
    update.step()
    return loss


print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    steps = json.loads(line)["steps"]
    started = time.perf_counter()
    for i in range(steps):
        loss = step(i)
    loss.item()
    print(json.dumps({"seconds": time.perf_counter() - started}), flush=True)
