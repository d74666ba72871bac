// Days 1-2.
import type { Topic } from '../../topic.ts'
import { exercises } from './exercises/exercises.ts'
import { comparisons } from './comparisons.ts'
import { experiments } from './experiments.ts'
import { claims } from './published.ts'
import { recordings } from './recordings.ts'

export const mlpOnMnistTopic: Topic = {
  slug: 'mlp-on-mnist',
  title: 'Multilayer perceptron on MNIST',
  days: [1, 2],
  permalink: '/30ddlf/mlp-on-mnist',
  datasets: ['MNIST', 'CIFAR-10'],
  models: 'softmax regression, 300 and 800 hidden, 4 layers, 5x512 with batch norm, dropout and max-norm, maxout',
  experiments,
  recordings,
  claims,
  comparisons,
  exercises,
}
