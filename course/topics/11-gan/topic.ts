// Days 25-26: generative adversarial networks.
import type { Topic } from '../../topic.ts'
import { experiments } from './experiments.ts'
import { recordings } from './recordings.ts'

export const ganTopic: Topic = {
  slug: 'gan',
  title: 'GAN',
  days: [25, 26],
  permalink: '/30ddlf/gan',
  datasets: ['MNIST', 'Fashion-MNIST'],
  models: 'GAN, DCGAN, WGAN-GP',
  experiments,
  recordings,
}
