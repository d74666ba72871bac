"""Losses of 20 steps of gradient descent on PyTorch's nn.RNN, nn.GRU and nn.LSTM, and the last weights, in float64.

Run by hand from the repository's root:
    python3 packages/tensor/test/golden/recurrent.py > packages/tensor/test/golden/recurrent.json
"""
import json
import math

import numpy
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
LENGTH, BATCH, FEATURES, SIZE, STEPS, RATE = 7, 3, 4, 5, 20, 0.2


def wave(shape, phase):
    """The numbers that the test makes too, rounded to float32."""
    count = math.prod(shape)
    values = numpy.float32([0.4 * math.sin(1.7 * i + phase) for i in range(count)])
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def train(make, directions=1):
    model = make(FEATURES, SIZE, bidirectional=directions == 2)
    for k, parameter in enumerate(model.parameters()):
        parameter.data = wave(parameter.shape, k)
    x, target = wave([LENGTH, BATCH, FEATURES], 30), wave([LENGTH, BATCH, directions * SIZE], 40)
    losses = []
    for _ in range(STEPS):
        output, state = model(x)
        last = state[0] if isinstance(state, tuple) else state
        loss = (output - target).square().mean() + 0.1 * last.square().sum()
        model.zero_grad()
        loss.backward()
        losses.append(loss.item())
        for parameter in model.parameters():
            parameter.data -= RATE * parameter.grad
    return {"losses": losses, "final": [parameter.detach().reshape(-1).tolist() for parameter in model.parameters()]}


runs = {"rnn": train(nn.RNN), "gru": train(nn.GRU), "lstm": train(nn.LSTM), "bidirectional lstm": train(nn.LSTM, 2)}
rounded = json.loads(json.dumps(runs), parse_float=lambda text: float(f"{float(text):.12g}"))
print(json.dumps({"torch": torch.__version__, "length": LENGTH, "batch": BATCH, "features": FEATURES, "size": SIZE,
                  "steps": STEPS, "rate": RATE, "runs": rounded}, separators=(",", ":")))
