// What the paper reports for residual networks on CIFAR-10; test errors as fractions.
import type { PublishedReference } from '@ddlf/lab/experiments'
import type { PublishedClaim } from '../../topic.ts'

const he = {
  citation: 'He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015',
  url: 'https://arxiv.org/abs/1512.03385',
  table: 'table 6',
} as const

const akamaster = {
  citation: 'Idelbayev, Proper ResNet implementation for CIFAR10/CIFAR100 in PyTorch, 2018',
  url: 'https://github.com/akamaster/pytorch_resnet_cifar10',
  table: 'README',
} as const
const kuangliu = {
  citation: 'Kuang Liu, pytorch-cifar, 2017',
  url: 'https://github.com/kuangliu/pytorch-cifar',
  table: 'README',
} as const
const weiaicunzai = {
  citation: 'weiaicunzai, pytorch-cifar100, 2018',
  url: 'https://github.com/weiaicunzai/pytorch-cifar100',
  table: 'README, top-1 error',
} as const

/** ResNets of He et al., trained for 64,000 steps of 128, and the same by others. */
export const resnetPublished: readonly PublishedReference[] = [
  ...(
    [
      ['ResNet-20', 0.0875],
      ['ResNet-32', 0.0751],
      ['ResNet-44', 0.0717],
      ['ResNet-56', 0.0697],
      ['ResNet-110', 0.0643],
    ] as const
  ).map(
    ([model, value]) =>
      ({
        id: `he-2015-${model.toLowerCase()}`,
        source: he,
        protocol: `${model}, 64,000 steps of 128`,
        metric: 'error',
        value,
        comparable: 'shorter schedule',
      }) as const,
  ),
  ...(
    [
      ['ResNet-20', 0.0827],
      ['ResNet-32', 0.0737],
      ['ResNet-44', 0.069],
      ['ResNet-56', 0.0661],
      ['ResNet-110', 0.0632],
    ] as const
  ).map(
    ([model, value]) =>
      ({
        id: `akamaster-${model.toLowerCase()}`,
        source: akamaster,
        protocol: `${model}, 200 epochs, best epoch on the test set`,
        metric: 'error',
        value,
        comparable: 'shorter schedule',
      }) as const,
  ),
]

/** Wide ResNets and others on CIFAR-10. */
export const wideResnetPublished: readonly PublishedReference[] = [
  {
    id: 'kuangliu-resnet18',
    source: kuangliu,
    protocol: 'ResNet18, best epoch on the test set',
    metric: 'error',
    value: 0.0698,
    comparable: 'different',
  },
  {
    id: 'kuangliu-preactresnet18',
    source: kuangliu,
    protocol: 'PreActResNet18, best epoch on the test set',
    metric: 'error',
    value: 0.0489,
    comparable: 'different',
  },
]

/** Test errors on CIFAR-100. */
export const cifar100Published: readonly PublishedReference[] = [
  {
    id: 'weiaicunzai-vgg16-bn',
    source: weiaicunzai,
    protocol: 'VGG16 with batch norm, 200 epochs',
    metric: 'error',
    value: 0.2707,
    comparable: 'different',
  },
  {
    id: 'weiaicunzai-resnet18',
    source: weiaicunzai,
    protocol: 'ResNet18, 200 epochs',
    metric: 'error',
    value: 0.2439,
    comparable: 'different',
  },
  {
    id: 'weiaicunzai-resnet34',
    source: weiaicunzai,
    protocol: 'ResNet34, 200 epochs',
    metric: 'error',
    value: 0.2324,
    comparable: 'different',
  },
  {
    id: 'weiaicunzai-googlenet',
    source: weiaicunzai,
    protocol: 'GoogLeNet, 200 epochs',
    metric: 'error',
    value: 0.2197,
    comparable: 'different',
  },
]

const airbench = {
  citation: 'Jordan, 94% on CIFAR-10 in 3.29 seconds on a single GPU, 2024',
  url: 'https://github.com/KellerJordan/cifar10-airbench',
  table: 'README',
} as const

/** Speed-runs of CIFAR-10 to 94 %: 1 minus the mean accuracy. */
export const fastNetPublished: readonly PublishedReference[] = [
  {
    id: 'airbench94',
    source: airbench,
    protocol: 'airbench94, 9.9 epochs of 1024',
    metric: 'error',
    value: 0.0599,
    comparable: 'different',
  },
  {
    id: 'airbench94-muon',
    source: airbench,
    protocol: 'airbench94_muon, 8 epochs',
    metric: 'error',
    value: 0.0599,
    comparable: 'different',
  },
]

const problems = {
  citation: 'Schmidhuber problems, highway-networks, after Srivastava, Greff and Schmidhuber 2015, 2026',
  url: 'https://github.com/cybertronai/schmidhuber-problems',
  table: 'depth sweep of the README, one seed',
} as const

/** Spread of a share of 2,000 test digits. */
const spread = (error: number) => Math.sqrt((error * (1 - error)) / 2000)

/** Test errors of deep dense nets: 1 minus the accuracy on 2,000 digits. */
export const highwayPublished: readonly PublishedReference[] = (
  [
    [5, 0.143, 0.097],
    [10, 0.708, 0.087],
    [20, 0.902, 0.09],
    [30, 0.876, 0.074],
    [50, 0.876, 0.095],
  ] as const
).flatMap(([depth, plain, highway]) =>
  ([['plain', plain], ['highway', highway]] as const).map(([net, value]) => ({
    id: `problems-${net}-${depth}`,
    source: problems,
    protocol: `${net} net of ${depth} x 50 tanh, 6,000 digits, Adam, 12 epochs`,
    metric: 'error',
    value,
    tolerance: Number(spread(value).toFixed(4)),
    comparable: 'same protocol' as const,
  })),
)

/** What others claim of depth. */
export const claims: readonly PublishedClaim[] = [
  {
    id: 'he-2015-degradation',
    source: { ...he, table: 'figure 6' },
    claim: 'Of plain nets, the one with 56 layers errs more than the one with 20, in training and on the test set.',
  },
  {
    id: 'he-2015-shortcuts',
    source: { ...he, table: 'figure 6' },
    claim: 'With shortcuts, 56 layers err less than 56 layers without.',
  },
  {
    id: 'srivastava-2015-depth',
    source: {
      citation: 'Srivastava, Greff and Schmidhuber, Training very deep networks, 2015',
      url: 'https://arxiv.org/abs/1507.06228',
      table: 'figure 1',
    },
    claim: 'Plain nets of 50 layers hardly learn; with gates around their layers they do.',
  },
]
