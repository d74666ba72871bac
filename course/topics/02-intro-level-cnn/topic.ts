// Days 3-6.
import type { Topic } from '../../topic.ts'
import { comparisons } from './comparisons.ts'
import { exercises } from './exercises/exercises.ts'
import { experiments } from './experiments.ts'
import { recordings } from './recordings.ts'

export const introLevelCnnTopic: Topic = {
  slug: 'intro-level-cnn',
  title: 'Introduction to CNN',
  days: [3, 6],
  permalink: '/30ddlf/intro-level-CNN',
  datasets: ['CIFAR-10', 'MNIST', 'Fashion-MNIST'],
  models: 'LeNet-5, AlexNet-like with LRN, VGG-like',
  experiments,
  recordings,
  exercises,
  comparisons,
}
