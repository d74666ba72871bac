"""Skip-gram over a text of three words whose n-grams have vectors: each pair a step of gradient descent, in PyTorch.

Run: python3 packages/lab/test/tasks/golden/ngram-steps.py   (needs torch; writes ngram-steps.json beside this file)

Word 2 is the only one that is drawn. A word is looked from by the mean of its own vector and those of its n-grams, and
as in fastText each of them takes the whole step of the mean: n times its gradient where n vectors are in the mean.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

SIZE, RATE, TOKENS, DRAWN = 6, 0.5, [0, 1, 0, 1], 2
GRAMS = [[0, 1, 1, 2], [1, 3], []]
torch.manual_seed(1)
draw = lambda rows: (torch.rand(rows, SIZE, dtype=torch.float64) * 2 - 1).round(decimals=3)
own, grams, output = draw(3), draw(4), draw(3)
given = {name: table.flatten().tolist() for name, table in (('own', own), ('grams', grams), ('output', output))}


def vector(word, own, grams):
    return torch.cat([own[word:word + 1], grams[GRAMS[word]]]).mean(0)


losses = []
for at, word in enumerate(TOKENS):
    rate = RATE * max(1e-4, 1 - at / len(TOKENS))
    for near in (at - 1, at + 1):
        if not 0 <= near < len(TOKENS):
            continue
        tables = [table.clone().requires_grad_() for table in (own, grams, output)]
        v = vector(word, *tables[:2])
        loss = F.softplus(-(v @ tables[2][TOKENS[near]])) + F.softplus(v @ tables[2][DRAWN])
        steps = torch.autograd.grad(loss, tables)
        whole = 1 + len(GRAMS[word])
        own, grams = own - rate * whole * steps[0], grams - rate * whole * steps[1]
        output = output - rate * steps[2]
        losses.append(loss.item())
found = {
    'input': torch.stack([vector(word, own, grams) for word in range(3)]), 'grams': grams, 'output': output,
}
text = json.dumps({
    'size': SIZE, 'rate': RATE, 'tokens': TOKENS, 'lists': GRAMS, 'given': given,
    'found': {name: [round(x, 7) for x in table.flatten().tolist()] for name, table in found.items()},
    'loss': round(sum(losses) / len(losses), 7),
})
pathlib.Path(__file__).with_suffix('.json').write_text(text + '\n')
