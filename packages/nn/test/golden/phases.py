"""Golden values of training steps with several phases and with parameter groups, from PyTorch in float64.

Run by hand from the repository's root:
    python3 packages/nn/test/golden/phases.py > packages/nn/test/golden/phases.json
"""
import json
import math

import numpy
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
STEPS = 20
BATCH = 6


def wave(shape, phase):
    """The numbers that the test makes too, rounded to float32."""
    count = math.prod(shape)
    values = numpy.float32([0.5 * math.sin(1.3 * i + phase) for i in range(count)])
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def fill(module):
    """Weights by their place; those of normalisations around 1."""
    for k, (name, parameter) in enumerate(module.named_parameters()):
        values = wave(parameter.shape, k)
        parameter.data = 1 + values if "norm.weight" in name else values
    return module


def column(name, shape, step):
    return wave(shape, {"x": 10, "z1": 20, "z2": 30, "mix": 40, "y": 50}[name] + 0.7 * step)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(2, 8), nn.Linear(8, 3)

    def forward(self, z):
        return self.out(torch.tanh(self.hidden(z)))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.deep, self.out = nn.Linear(3, 8), nn.Linear(8, 8), nn.Linear(8, 1)

    def forward(self, x):
        return self.out(F.relu(self.deep(F.softplus(self.hidden(x)))))


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.generator, self.critic = Generator(), Critic()


def final(module):
    return {name: parameter.detach().reshape(-1).tolist() for name, parameter in module.named_parameters()}


def gan():
    pair = fill(Pair())
    generator, critic = pair.generator, pair.critic
    for_critic = torch.optim.Adam(critic.parameters(), lr=0.02, betas=(0.5, 0.999))
    for_generator = torch.optim.Adam(generator.parameters(), lr=0.01, betas=(0.5, 0.999))
    bce = lambda logits, target: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
    losses = []
    for step in range(STEPS):
        x, z1, z2 = (column(name, [BATCH, n], step) for name, n in [("x", 3), ("z1", 2), ("z2", 2)])
        for_critic.zero_grad()
        first = bce(critic(x), 1.0) + bce(critic(generator(z1).detach()), 0.0)
        first.backward()
        for_critic.step()
        for_generator.zero_grad()
        second = bce(critic(generator(z2)), 1.0)
        second.backward()
        for_generator.step()
        losses.append([first.item(), second.item()])
    return {"losses": losses, "final": final(pair)}


def wgan_gp():
    pair = fill(Pair())
    generator, critic = pair.generator, pair.critic
    for_critic = torch.optim.Adam(critic.parameters(), lr=0.005, betas=(0.0, 0.9))
    for_generator = torch.optim.Adam(generator.parameters(), lr=0.01, betas=(0.0, 0.9))
    losses, penalties = [], []
    for step in range(STEPS):
        x, z1, z2 = (column(name, [BATCH, n], step) for name, n in [("x", 3), ("z1", 2), ("z2", 2)])
        share = column("mix", [BATCH, 1], step) + 0.5
        fake = generator(z1).detach()
        between = (share * x + (1 - share) * fake).requires_grad_()
        slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
        penalty = ((slope.square().sum(1) + 1e-12).sqrt() - 1).square().mean()
        for_critic.zero_grad()
        first = critic(fake).mean() - critic(x).mean() + 10 * penalty
        first.backward()
        for_critic.step()
        penalties.append(penalty.item())
        second = -critic(generator(z2)).mean()
        if (step + 1) % 5 == 0:
            for_generator.zero_grad()
            second.backward()
            for_generator.step()
        losses.append([first.item(), second.item()])
    return {"losses": losses, "penalties": penalties, "final": final(pair)}


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.norm, self.head = nn.Linear(3, 8), nn.LayerNorm(8), nn.Linear(8, 2)

    def forward(self, x):
        return self.head(torch.tanh(self.norm(self.hidden(x))))


def groups():
    model = fill(Regressor())
    plain = [model.hidden.weight]
    spared = [model.hidden.bias, model.norm.weight, model.norm.bias]
    head = [model.head.weight, model.head.bias]
    optimizer = torch.optim.AdamW([
        {"params": plain},
        {"params": spared, "weight_decay": 0.0},
        {"params": head, "lr": 0.002, "betas": (0.8, 0.95), "weight_decay": 0.5},
    ], lr=0.02, weight_decay=0.1)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = F.mse_loss(model(column("x", [BATCH, 3], step)), column("y", [BATCH, 2], step))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "final": final(model)}


def written(value):
    if isinstance(value, dict):
        return {key: written(entry) for key, entry in value.items()}
    return [written(entry) for entry in value] if isinstance(value, list) else float(f"{value:.9g}")


print(json.dumps({"torch": torch.__version__, "steps": STEPS, "batch": BATCH,
                  **{f.__name__: written(f()) for f in (gan, wgan_gp, groups)}}, separators=(",", ":")))
