// Days 23-24: autoencoders and the VAE.
import type { Topic } from '../../topic.ts'
import { experiments } from './experiments.ts'
import { recordings } from './recordings.ts'

export const autoencodersAndVaeTopic: Topic = {
  slug: 'autoencoders-and-vae',
  title: 'Autoencoders and VAE',
  days: [23, 24],
  permalink: '/30ddlf/autoencoders-and-vae',
  datasets: ['MNIST', 'Fashion-MNIST'],
  models: 'AE, VAE, IWAE',
  experiments,
  recordings,
}
