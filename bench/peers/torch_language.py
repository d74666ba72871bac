"""PyTorch's side of gpt-step.ts: bursts of training steps of a model of language."""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

given = json.loads(sys.argv[1])
mode = sys.argv[3]  # argv[2] is the layout, of which these models have one
torch.set_num_threads(2)
torch.manual_seed(1)
WORDS, SIZE, TIME, BATCH = (given[key] for key in ("words", "size", "time", "batch"))


class LayerNorm(nn.Module):
    """Without a bias, which nn.LayerNorm can leave out since 2.1."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(SIZE))

    def forward(self, x):
        return F.layer_norm(x, (SIZE,), self.weight, None, 1e-5)


causal = torch.full((TIME, TIME), float("-inf")).triu(1)


def attention(q, k, v):
    if hasattr(F, "scaled_dot_product_attention"):  # since 2.0
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1) + causal, -1) @ v


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = LayerNorm(), LayerNorm()
        self.c_attn, self.proj = nn.Linear(SIZE, 3 * SIZE, bias=False), nn.Linear(SIZE, SIZE, bias=False)
        self.c_fc, self.c_proj = nn.Linear(SIZE, 4 * SIZE, bias=False), nn.Linear(4 * SIZE, SIZE, bias=False)

    def forward(self, x):
        q, k, v = (t.unflatten(2, (given["heads"], -1)).transpose(1, 2) for t in self.c_attn(self.ln_1(x)).split(SIZE, 2))
        x = x + self.proj(attention(q, k, v).transpose(1, 2).flatten(2))
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(WORDS, SIZE), nn.Embedding(TIME, SIZE)
        self.blocks = nn.ModuleList(Block() for _ in range(given["layers"]))
        self.ln_f = LayerNorm()

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe.weight
        for block in self.blocks:
            x = block(x)
        return F.linear(self.ln_f(x), self.wte.weight)


class Characters(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.logits = nn.Embedding(WORDS, SIZE), nn.Linear(SIZE, WORDS)
        self.rnn = (nn.LSTM if given["kind"] == "lstm" else nn.GRU)(SIZE, SIZE, batch_first=True)

    def forward(self, tokens):
        return self.logits(self.rnn(self.embedding(tokens))[0])


class KimCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.dropout, self.logits = nn.Embedding(WORDS, SIZE), nn.Dropout(0.5), nn.Linear(3 * given["channels"], 2)
        self.convolutions = nn.ModuleList(nn.Conv1d(SIZE, given["channels"], kernel) for kernel in (3, 4, 5))

    def forward(self, tokens):
        x = self.embedding(tokens).transpose(1, 2)
        return self.logits(self.dropout(torch.cat([F.relu(convolution(x)).amax(2) for convolution in self.convolutions], 1)))


sentences = given["kind"] == "cnn"
model = {"gpt": Gpt, "cnn": KimCnn}.get(given["kind"], Characters)()
groups = [{"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.1},
          {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0}]
try:
    update = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), fused=True)  # on the CPU since 2.4, and faster
except (RuntimeError, TypeError):
    update = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99))
tokens = torch.randint(0, WORDS, (16, BATCH, TIME if sentences else TIME + 1))
labels = torch.randint(0, 2, (16, BATCH))


def objective(x, y):
    if sentences:
        return F.cross_entropy(model(x), y)
    return F.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())


if mode == "compiled":
    objective = torch.compile(objective)


def step(i):
    loss = objective(tokens[i % 16], labels[i % 16])
    update.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
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
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
