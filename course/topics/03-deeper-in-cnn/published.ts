// What the paper reports for residual networks on CIFAR-10; test errors as fractions.
import type { PublishedReference } from '@ddlf/lab'

const he = { citation: 'He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015', url: 'https://arxiv.org/abs/1512.03385', table: 'table 6' } as const

/** ResNets of He et al., trained for 64,000 steps of 128. */
export const resnetPublished: readonly PublishedReference[] = ([
  ['ResNet-20', 0.0875], ['ResNet-32', 0.0751], ['ResNet-44', 0.0717], ['ResNet-56', 0.0697], ['ResNet-110', 0.0643],
] as const).map(([model, value]) => ({ id: `he-2015-${model.toLowerCase()}`, source: he, protocol: `${model}, 64,000 steps of 128`, metric: 'error', value, comparable: 'shorter schedule' }))

const airbench = { citation: 'Jordan, 94% on CIFAR-10 in 3.29 seconds on a single GPU, 2024', url: 'https://github.com/KellerJordan/cifar10-airbench', table: 'README' } as const

/** Speed-runs of CIFAR-10 to 94 %: 1 minus the mean accuracy. */
export const fastNetPublished: readonly PublishedReference[] = [
  { id: 'airbench94', source: airbench, protocol: 'airbench94, 9.9 epochs of 1024', metric: 'error', value: 0.0599, comparable: 'different' },
  { id: 'airbench94-muon', source: airbench, protocol: 'airbench94_muon, 8 epochs', metric: 'error', value: 0.0599, comparable: 'different' },
]
