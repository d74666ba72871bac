"""Computes what PyTorch makes of the layers, losses, optimizers and schedules, and of a whole training.

Run: python3 packages/nn/test/golden/golden.py   (needs torch, scipy and numpy; writes *.json beside this file)
"""
import json
import math
import pathlib

import numpy as np
import scipy.stats
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent


def number(value):
    return float(f'{float(value):.9g}')


def pack(tensor):
    """A tensor as {shape, dtype, data}; int64 becomes int32, which holds the same values here."""
    tensor = tensor.detach()
    dtype = 'float32' if tensor.is_floating_point() else 'int32'
    return {'shape': list(tensor.shape), 'dtype': dtype, 'data': [number(v) if dtype == 'float32' else int(v) for v in tensor.flatten().tolist()]}


def write(name, value):
    (HERE / f'{name}.json').write_text(json.dumps(value, separators=(',', ':')) + '\n')


# Layers ---------------------------------------------------------------------------------------------------------------

def layer_case(name, module, x, training=True):
    """State before and after, output, and the gradients of sum(output * seed)."""
    for parameter in module.parameters():
        with torch.no_grad():
            parameter.copy_(torch.randn_like(parameter))
    for key, value in module.state_dict().items():
        if 'running' in key:
            value.copy_(torch.rand_like(value) + 0.5)
    module.train(training)
    before = {key: pack(value.clone()) for key, value in module.state_dict().items()}
    if x.is_floating_point():
        x.requires_grad_(True)
    y = module(x)
    seed = torch.randn_like(y)
    (y * seed).sum().backward()
    case = {
        'name': name, 'training': training, 'state': before, 'x': pack(x), 'seed': pack(seed), 'y': pack(y),
        'gradients': {key: pack(p.grad) for key, p in module.named_parameters()},
        'after': {key: pack(module.state_dict()[key]) for key, _ in module.named_buffers()},
    }
    if x.is_floating_point():
        case['xGradient'] = pack(x.grad)
    return case


def layers():
    torch.manual_seed(1)
    cases = []
    for training in (True, False):
        suffix = '' if training else ', evaluation'
        for name, module, shape in [
            ('BatchNorm1d', nn.BatchNorm1d(3), (5, 3)),
            ('BatchNorm1d of sequences', nn.BatchNorm1d(3), (4, 3, 2)),
            ('BatchNorm1d with options', nn.BatchNorm1d(3, eps=1e-2, momentum=0.3, affine=False), (5, 3)),
            ('BatchNorm1d cumulative', nn.BatchNorm1d(3, momentum=None), (5, 3)),
            ('BatchNorm2d', nn.BatchNorm2d(2), (3, 2, 2, 3)),
        ]:
            cases.append(layer_case(name + suffix, module, torch.randn(*shape) * 2 + 1, training))
    cases += [
        layer_case('Linear', nn.Linear(5, 3), torch.randn(4, 5)),
        layer_case('Linear without bias', nn.Linear(5, 3, bias=False), torch.randn(4, 5)),
        layer_case('Linear of sequences', nn.Linear(5, 3), torch.randn(2, 3, 5)),
        layer_case('LayerNorm', nn.LayerNorm(6), torch.randn(3, 6) * 3),
        layer_case('LayerNorm over two axes', nn.LayerNorm([2, 3], eps=1e-3), torch.randn(4, 2, 3)),
        layer_case('LayerNorm without affine', nn.LayerNorm(6, elementwise_affine=False), torch.randn(2, 2, 6)),
        layer_case('Embedding', nn.Embedding(7, 3), torch.tensor([[1, 6, 1], [0, 2, 1]])),
        layer_case('ReLU', nn.ReLU(), torch.tensor([[-1.5, 0.0, 2.0]])),
        layer_case('Tanh', nn.Tanh(), torch.randn(2, 3)),
        layer_case('Sigmoid', nn.Sigmoid(), torch.randn(2, 3) * 4),
        layer_case('GELU', nn.GELU(), torch.randn(2, 4) * 2),
        layer_case('GELU by tanh', nn.GELU(approximate='tanh'), torch.randn(2, 4) * 2),
        layer_case('LeakyReLU', nn.LeakyReLU(0.2), torch.tensor([[-1.5, 0.0, 2.0]])),
        layer_case('Flatten', nn.Flatten(), torch.randn(2, 3, 2)),
        layer_case('Sequential', nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Sequential(nn.Linear(4, 2))), torch.randn(5, 2, 3)),
    ]
    write('layers', cases)


# Losses ---------------------------------------------------------------------------------------------------------------

def loss_case(name, f, x, target, **options):
    x.requires_grad_(True)
    y = f(x, target)
    y.sum().backward()
    return {'name': name, 'x': pack(x), 'target': pack(target), 'y': pack(y), 'xGradient': pack(x.grad), 'options': options}


def losses():
    torch.manual_seed(2)
    cases = []
    labels = torch.tensor([2, 0, 3, 3, 1])
    weight = [0.5, 1.0, 2.0, 0.25]
    w = torch.tensor(weight)
    for reduction in ('mean', 'sum', 'none'):
        for options, keywords in [
            ({}, {}),
            ({'labelSmoothing': 0.1}, {'label_smoothing': 0.1}),
            ({'weight': weight}, {'weight': w}),
            ({'weight': weight, 'labelSmoothing': 0.3}, {'weight': w, 'label_smoothing': 0.3}),
            ({'ignoreIndex': 3}, {'ignore_index': 3}),
            ({'ignoreIndex': 3, 'weight': weight, 'labelSmoothing': 0.2}, {'ignore_index': 3, 'weight': w, 'label_smoothing': 0.2}),
        ]:
            cases.append(loss_case('crossEntropy', lambda x, t: F.cross_entropy(x, t, reduction=reduction, **keywords), torch.randn(5, 4) * 3, labels, reduction=reduction, **options))
        for options, keywords in [({}, {}), ({'labelSmoothing': 0.1}, {'label_smoothing': 0.1}), ({'weight': weight}, {'weight': w})]:
            soft = torch.softmax(torch.randn(5, 4), 1)
            cases.append(loss_case('crossEntropy', lambda x, t: F.cross_entropy(x, t, reduction=reduction, **keywords), torch.randn(5, 4), soft, reduction=reduction, **options))
        cases.append(loss_case('meanSquaredError', lambda x, t: F.mse_loss(x, t, reduction=reduction), torch.randn(3, 4), torch.randn(3, 4), reduction=reduction))
        for positive in (None, 2.5):
            pos = None if positive is None else torch.tensor(positive)
            options = {} if positive is None else {'positiveWeight': positive}
            cases.append(loss_case('binaryCrossEntropyWithLogits', lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction=reduction, pos_weight=pos),
                                   torch.randn(3, 4) * 20, torch.rand(3, 4), reduction=reduction, **options))
    # A sequence of labels: classes on the last axis here, on axis 1 in PyTorch.
    cases.append(loss_case('crossEntropy', lambda x, t: F.cross_entropy(x.transpose(1, 2), t), torch.randn(2, 3, 4), torch.tensor([[0, 3, 1], [2, 2, 0]]), reduction='mean'))
    cases.append(loss_case('crossEntropy', F.cross_entropy, torch.tensor([[1000.0, -1000.0, 0.0]]), torch.tensor([1]), reduction='mean'))
    write('losses', cases)


# Optimizers -----------------------------------------------------------------------------------------------------------

STEPS = 10


def optimizer_case(name, options, make, weight, bias, gradients, rates, clip=None, limit=None, ema=None, exclude=False, lookahead=None):
    """Ten steps with given gradients and a learning rate that changes; the weights after each."""
    w, b = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())
    decay = options.get('weightDecay')
    if exclude:
        optimizer = make([{'params': [w]}, {'params': [b], 'weight_decay': 0}])
    else:
        optimizer = make([w, b])
    average = [w.detach().clone(), b.detach().clone()]
    slow = [w.detach().clone(), b.detach().clone()]
    curve, norms = [], []
    for i, ((gw, gb), rate) in enumerate(zip(gradients, rates)):
        w.grad, b.grad = gw.clone(), gb.clone()
        if clip is not None:
            norms.append(number(nn.utils.clip_grad_norm_([w, b], clip)))
        for group in optimizer.param_groups:
            group['lr'] = rate
        optimizer.step()
        with torch.no_grad():
            if lookahead is not None:
                every, share, steps = (lookahead.get(key) for key in ('every', 'share', 'steps'))
                t = i + 1
                if steps is not None:
                    share = 1 - (1 - share) * min(t / steps, 1) ** 3
                if t % every == 0 or t == steps:
                    for s, p in zip(slow, (w, b)):
                        s.lerp_(p, share)
                        p.copy_(s)
            if limit is not None:
                w.copy_(torch.renorm(w, 2, 0, limit))
            if ema is not None:
                for a, p in zip(average, (w, b)):
                    a.mul_(ema).add_(p, alpha=1 - ema)
        curve.append([pack(w)['data'], pack(b)['data']])
    case = {'name': name, 'options': options, 'step': {}, 'exclude': exclude, 'curve': curve}
    if lookahead is not None:
        case['lookahead'] = lookahead
    if clip is not None:
        case['step']['clipNorm'] = clip
        case['norms'] = norms
    if limit is not None:
        case['step']['maxNorm'] = limit
    if ema is not None:
        case['step']['ema'] = ema
        case['average'] = [pack(average[0])['data'], pack(average[1])['data']]
    return case


def optimizers():
    torch.manual_seed(3)
    weight, bias = torch.randn(3, 4), torch.randn(3)
    gradients = [(torch.randn(3, 4) * scale, torch.randn(3) * scale) for scale in (1, 0.1, 5, 1, 1e-3, 0.5, 2, 1, 1, 0.1)]
    rates = [0.05 * 0.9 ** i for i in range(STEPS)]
    o = torch.optim

    def case(name, options, cls, keywords, **extra):
        return optimizer_case(name, options, lambda params: cls(params, lr=rates[0], **keywords), weight, bias, gradients, rates, **extra)

    cases = [
        case('sgd', {}, o.SGD, {}),
        case('sgd', {'weightDecay': 0.1}, o.SGD, {'weight_decay': 0.1}),
        case('sgd', {'momentum': 0.9}, o.SGD, {'momentum': 0.9}),
        case('sgd', {'momentum': 0.9, 'weightDecay': 0.01}, o.SGD, {'momentum': 0.9, 'weight_decay': 0.01}),
        case('sgd', {'momentum': 0.9, 'dampening': 0.3}, o.SGD, {'momentum': 0.9, 'dampening': 0.3}),
        case('sgd', {'momentum': 0.8, 'nesterov': True, 'weightDecay': 0.02}, o.SGD, {'momentum': 0.8, 'nesterov': True, 'weight_decay': 0.02}),
        case('adam', {}, o.Adam, {}),
        case('adam', {'beta1': 0.8, 'beta2': 0.95, 'eps': 1e-3, 'weightDecay': 0.1}, o.Adam, {'betas': (0.8, 0.95), 'eps': 1e-3, 'weight_decay': 0.1}),
        case('adam', {'beta1': 0, 'beta2': 0.9}, o.Adam, {'betas': (0.0, 0.9)}),
        case('adamW', {}, o.AdamW, {}),
        case('adamW', {'weightDecay': 0.3, 'eps': 1e-5}, o.AdamW, {'weight_decay': 0.3, 'eps': 1e-5}),
        case('adamW', {'weightDecay': 0.3}, o.AdamW, {'weight_decay': 0.3}, exclude=True),
        case('rmsProp', {}, o.RMSprop, {}),
        case('rmsProp', {'alpha': 0.9, 'momentum': 0.7, 'weightDecay': 0.05}, o.RMSprop, {'alpha': 0.9, 'momentum': 0.7, 'weight_decay': 0.05}),
        case('rmsProp', {'alpha': 0.95, 'centered': True, 'eps': 1e-4, 'momentum': 0.5}, o.RMSprop, {'alpha': 0.95, 'centered': True, 'eps': 1e-4, 'momentum': 0.5}),
        case('adagrad', {}, o.Adagrad, {}),
        case('adagrad', {'learningRateDecay': 0.1, 'initialAccumulator': 0.5, 'weightDecay': 0.05}, o.Adagrad, {'lr_decay': 0.1, 'initial_accumulator_value': 0.5, 'weight_decay': 0.05}),
        case('adadelta', {}, o.Adadelta, {}),
        case('adadelta', {'rho': 0.95, 'eps': 1e-4, 'weightDecay': 0.05}, o.Adadelta, {'rho': 0.95, 'eps': 1e-4, 'weight_decay': 0.05}),
        case('sgd', {'momentum': 0.9}, o.SGD, {'momentum': 0.9}, clip=1.5),
        case('sgd', {'momentum': 0.9}, o.SGD, {'momentum': 0.9}, limit=1.2),
        case('sgd', {'momentum': 0.9}, o.SGD, {'momentum': 0.9}, ema=0.8),
        case('adamW', {}, o.AdamW, {}, clip=0.7, limit=1.5, ema=0.9),
        case('sgd', {'momentum': 0.9, 'nesterov': True}, o.SGD, {'momentum': 0.9, 'nesterov': True}, lookahead={'every': 3, 'share': 0.5}),
        case('sgd', {'momentum': 0.8}, o.SGD, {'momentum': 0.8}, lookahead={'every': 4, 'share': 0.25, 'steps': 10}),
        case('adam', {}, o.Adam, {}, lookahead={'every': 2, 'share': 0.4, 'steps': 7}),
    ]
    write('optimizers', {
        'weight': pack(weight), 'bias': pack(bias), 'rates': [number(r) for r in rates],
        'gradients': [[pack(gw)['data'], pack(gb)['data']] for gw, gb in gradients], 'cases': cases,
    })


# Schedules ------------------------------------------------------------------------------------------------------------

def schedules():
    def rates(make, steps):
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler = make(optimizer)
        found = []
        for i in range(steps):
            found.append(float(f"{optimizer.param_groups[0]['lr']:.12g}"))
            optimizer.step()
            if i < steps - 1:
                scheduler.step()
        return found

    s = torch.optim.lr_scheduler
    write('schedules', [
        {'name': 'step', 'options': {'every': 3, 'gamma': 0.5}, 'factors': rates(lambda o: s.StepLR(o, 3, 0.5), 12)},
        {'name': 'multiStep', 'options': {'milestones': [2, 5, 9], 'gamma': 0.3}, 'factors': rates(lambda o: s.MultiStepLR(o, [2, 5, 9], 0.3), 12)},
        {'name': 'exponential', 'options': {'gamma': 0.8}, 'factors': rates(lambda o: s.ExponentialLR(o, 0.8), 12)},
        {'name': 'cosine', 'options': {}, 'factors': rates(lambda o: s.CosineAnnealingLR(o, 12), 12)},
        {'name': 'cosine', 'options': {'minimum': 0.1}, 'factors': rates(lambda o: s.CosineAnnealingLR(o, 12, eta_min=0.1), 12)},
        {'name': 'oneCycle', 'options': {}, 'factors': rates(lambda o: s.OneCycleLR(o, 1.0, total_steps=20, cycle_momentum=False), 20)},
        {'name': 'oneCycle', 'options': {'rising': 0.45, 'initialDivisor': 10, 'finalDivisor': 100, 'anneal': 'linear'},
         'factors': rates(lambda o: s.OneCycleLR(o, 1.0, total_steps=17, pct_start=0.45, div_factor=10, final_div_factor=100, anneal_strategy='linear', cycle_momentum=False), 17)},
        {'name': 'linearWarmup', 'options': {'steps': 4, 'from': 0.25}, 'factors': rates(lambda o: s.LinearLR(o, 0.25, 1.0, 4), 12)},
        {'name': 'linearWarmup', 'options': {'steps': 4, 'from': 0.25}, 'then': 'cosine',
         'factors': rates(lambda o: s.SequentialLR(o, [s.LinearLR(o, 0.25, 1.0, 4), s.CosineAnnealingLR(o, 8)], milestones=[4]), 12)},
    ])


# Initialisation -------------------------------------------------------------------------------------------------------

def initialisation():
    gains = {name: number(nn.init.calculate_gain(name)) for name in ('linear', 'sigmoid', 'tanh', 'relu', 'leaky_relu', 'selu')}
    fans = [{'shape': list(shape), 'fans': list(nn.init._calculate_fan_in_and_fan_out(torch.zeros(shape)))} for shape in ((7, 5), (16, 3, 5, 5), (4, 6, 3))]
    levels = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    truncated = []
    for mean, deviation, low, high in ((0, 1, -2, 2), (0.5, 0.2, 0.4, 1.0), (0, 0.02, -2, 2)):
        distribution = scipy.stats.truncnorm((low - mean) / deviation, (high - mean) / deviation, mean, deviation)
        truncated.append({'mean': mean, 'standardDeviation': deviation, 'low': low, 'high': high, 'quantiles': [number(distribution.ppf(q)) for q in levels]})
    write('initialisation', {'gains': gains, 'fans': fans, 'levels': levels, 'truncated': truncated})


# A whole training -----------------------------------------------------------------------------------------------------
# The data and the first weights come from the counter-based generator of @ddlf/tensor/random, written again here.

MASK = 0xFFFFFFFF


def threefry(key, c0, c1):
    """Threefry-2x32, 20 rounds, on arrays of counters."""
    word = np.uint64
    mask = word(MASK)
    ks = [word(k) for k in (key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA)]
    x0 = (np.atleast_1d(np.asarray(c0, word)) + ks[0]) & mask
    x1 = (np.atleast_1d(np.asarray(c1, word)) + ks[1]) & mask
    for group in range(5):
        for bits in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
            x0 = (x0 + x1) & mask
            x1 = (((x1 << word(bits)) | (x1 >> word(32 - bits))) & mask) ^ x0
        x0 = (x0 + ks[(group + 1) % 3]) & mask
        x1 = (x1 + ks[(group + 2) % 3] + word(group + 1)) & mask
    return x0, x1


def hash_name(name):
    value = 0x811C9DC5
    for character in name:
        value = ((value ^ ord(character)) * 0x01000193) & MASK
    return value


def random_key(seed, *path):
    key = (seed, 0)
    for part in path:
        c = (hash_name(part), 1) if isinstance(part, str) else (part, 0)
        key = tuple(int(v[0]) for v in threefry(key, *c))
    return key


def uniforms(key, length, low=0.0, high=1.0):
    a, b = threefry(key, np.arange((length + 1) // 2), np.zeros((length + 1) // 2, np.uint64))
    pairs = np.stack([a, b], 1).reshape(-1)[:length].astype(np.float64)
    return (low + (high - low) * (pairs / 2 ** 32)).astype(np.float32)


def parity():
    batch, steps, every = 64, 100, 97

    def batch_of(step):
        labels = np.floor(uniforms(random_key(7, 'label', step), batch).astype(np.float64) * 10).astype(np.int64)
        templates = uniforms(random_key(7, 'template'), 10 * 784).reshape(10, 784)
        noise = uniforms(random_key(7, 'noise', step), batch * 784).reshape(batch, 784)
        images = (np.float32(0.25) * templates[labels] + np.float32(0.75) * noise).astype(np.float32)
        # One label in eight is wrong, so that the loss does not go to zero.
        labels = np.where(np.arange(batch) % 8 == 0, (labels + 1) % 10, labels)
        return torch.from_numpy(images), torch.from_numpy(labels)

    def model():
        net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 10))
        with torch.no_grad():
            for i, p in enumerate(net.parameters()):
                fan_in = (784, 784, 128, 128, 32, 32)[i]
                limit = 1 / math.sqrt(fan_in)
                p.copy_(torch.from_numpy(uniforms(random_key(5, 'parameter', i), p.numel(), -limit, limit).reshape(p.shape)))
        return net

    runs = []
    for name, make in [('sgd', lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9)), ('adamW', lambda p: torch.optim.AdamW(p, lr=1e-3))]:
        net = model()
        first = [p.detach().clone() for p in net.parameters()]
        optimizer = make(net.parameters())
        curve = []
        for step in range(steps):
            x, y = batch_of(step)
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            curve.append(number(loss))
        final = [{
            'norm': number(p.detach().double().norm()),
            'moved': number((p.detach() - before).double().norm()),
            'samples': [number(v) for v in p.detach().flatten()[::every if p.numel() > 1000 else 1].tolist()],
        } for p, before in zip(net.parameters(), first)]
        runs.append({'optimizer': name, 'firstSums': [number(before.double().sum()) for before in first], 'loss': curve, 'final': final})
    x, y = batch_of(3)
    write('parity', {'batch': batch, 'steps': steps, 'every': every, 'checksum': {'image': number(x.double().sum()), 'label': int(y.sum())}, 'runs': runs})


if __name__ == '__main__':
    torch.set_num_threads(1)
    layers()
    losses()
    optimizers()
    schedules()
    initialisation()
    parity()
