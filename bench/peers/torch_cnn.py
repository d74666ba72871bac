"""PyTorch's side of cnn-step.ts: bursts of training steps, or of inference, of a convolution network."""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


def peak_megabytes():
    """Most memory so far, what its files map included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


loaded = peak_megabytes()
network, batch, mode, layout = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
compiled = sys.argv[5] == "compiled"
threads = int(sys.argv[6]) if len(sys.argv) > 6 else 2
torch.set_num_threads(threads)
torch.manual_seed(1)


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


def resnet(n):
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    for a, b, stride in [(16, 16, 1), (16, 32, 2), (32, 64, 2)]:
        layers += [Block(a if i == 0 else b, b, stride if i == 0 else 1) for i in range(n)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def vgg():
    layers, a = [], 3
    for b in [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0]:
        layers += [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU()] if b else [nn.MaxPool2d(2)]
        a = b or a
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


def alexnet():
    pool = lambda: nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.MaxPool2d(3, 2))
    lrn = lambda: nn.LocalResponseNorm(9, 0.001, 0.75, 1)
    return nn.Sequential(nn.Conv2d(3, 64, 5, padding=2), nn.ReLU(), pool(), lrn(), nn.Conv2d(64, 64, 5, padding=2), nn.ReLU(), lrn(), pool(),
                         nn.Flatten(), nn.Linear(4096, 384), nn.ReLU(), nn.Linear(384, 192), nn.ReLU(), nn.Linear(192, 10))


def lenet():
    return nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


model = {"lenet5": lenet, "alexnet": alexnet, "vgg16": vgg, "resnet20": lambda: resnet(3)}[network]()
x = torch.randn(batch, *((1, 28, 28) if network == "lenet5" else (3, 32, 32)))
labels = torch.arange(batch) * 31 % 10
if layout == "channels_last":
    model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
rates = {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-4}
try:
    update = torch.optim.SGD(model.parameters(), **rates, fused=True)  # on the CPU since 2.4, and faster
except (RuntimeError, TypeError):
    update = torch.optim.SGD(model.parameters(), **rates)


def objective():
    return F.cross_entropy(model(x), labels)


forward = model
if compiled:
    forward, objective = torch.compile(model), torch.compile(objective)


def training():
    loss = objective()
    update.zero_grad(set_to_none=True)
    loss.backward()
    update.step()
    return loss.item()


def inference():
    with torch.no_grad():
        return forward(x).numpy()


if mode == "inference":
    model.eval()
step = training if mode == "training" else inference
step()
print(f"{torch.__version__}, {threads} threads", flush=True)
for line in sys.stdin:
    steps = json.loads(line)["steps"]
    started, processor = time.perf_counter(), time.process_time()
    for _ in range(steps):
        step()
    print(json.dumps({"seconds": time.perf_counter() - started, "processorSeconds": time.process_time() - processor,
                      "loadedMegabytes": loaded, "peakMegabytes": peak_megabytes()}), flush=True)
