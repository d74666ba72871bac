# Golden values of mixed labels and of averaged views, by PyTorch: python3 classification.py > classification.json
import json
import torch
import torch.nn.functional as F

torch.manual_seed(3)
rounded = lambda t: [round(x, 6) for x in t.flatten().tolist()]

N, C = 5, 4
logits = (2 * torch.randn(N, C)).requires_grad_()
labels = torch.tensor([0, 1, 2, 3, 1])
mixed = torch.tensor([2, 1, 0, 0, 3])
lam = torch.tensor([1.0, 0.3, 0.5, 0.0, 0.85])
cases = []
for smoothing in (0.0, 0.2):
    logits.grad = None
    loss = (lam * F.cross_entropy(logits, labels, reduction='none', label_smoothing=smoothing)
            + (1 - lam) * F.cross_entropy(logits, mixed, reduction='none', label_smoothing=smoothing)).mean()
    loss.backward()
    cases.append(dict(smoothing=smoothing, loss=round(loss.item(), 6), gradient=rounded(logits.grad)))
predicted = logits.argmax(1)
correct = (lam * (predicted == labels) + (1 - lam) * (predicted == mixed)).sum().item()

images = torch.randn(2, 3, 4, 5)
weight = torch.randn(6, 60)
net = lambda x: torch.relu(x.flatten(1) @ weight.T)
mirror = lambda x: 0.5 * net(x) + 0.5 * net(x.flip(-1))
padded = F.pad(images, (1, 1, 1, 1), 'reflect')
views = [padded[:, :, 0:4, 0:5], padded[:, :, 2:6, 2:7]]
moved = lambda infer: 0.5 * infer(images) + 0.5 * torch.stack([infer(x) for x in views]).mean(0)
print(json.dumps(dict(
    mixing=dict(logits=rounded(logits.detach()), labels=labels.tolist(), mixedLabels=mixed.tolist(), lam=rounded(lam), cases=cases, correct=round(correct, 6)),
    views=dict(images=rounded(images), weight=rounded(weight), none=rounded(net(images)), flip=rounded(mirror(images)), shift=rounded(moved(net)), both=rounded(moved(mirror))),
)))
