// Days 7-10.
import type { Topic } from '../../topic.ts'
import { comparisons } from './comparisons.ts'
import { exercises } from './exercises/exercises.ts'
import { experiments } from './experiments.ts'
import { claims } from './published.ts'
import { recordings } from './recordings.ts'

export const deeperInCnnTopic: Topic = {
  slug: 'deeper-in-cnn',
  title: 'Deeper in CNN',
  days: [7, 10],
  permalink: '/30ddlf/lets-go-deeper-in-CNN',
  datasets: ['CIFAR-10', 'CIFAR-100', 'MNIST'],
  models: 'plain-20, ResNet-20/32/56, ResNet-18, Inception, a 94 % speed-run net',
  experiments,
  exercises,
  recordings,
  claims,
  comparisons,
}
