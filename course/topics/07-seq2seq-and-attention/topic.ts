// Days 17-18: from one sequence to another, through one vector, with attention, and by attention alone.
import type { Topic } from '../../topic.ts'
import { comparisons } from './comparisons.ts'
import { exercises } from './exercises/exercises.ts'
import { experiments } from './experiments.ts'
import { claims } from './published.ts'
import { recordings } from './recordings.ts'

export const seq2seqAndAttentionTopic: Topic = {
  slug: 'seq2seq-and-attention',
  title: 'Sequence to sequence and attention',
  days: [17, 18],
  permalink: '/30ddlf/seq2seq-and-attention',
  datasets: ['CMUdict', 'Multi30k', 'Tatoeba'],
  models: 'encoder-decoder, Bahdanau and Luong attention, Transformer',
  experiments,
  recordings,
  claims,
  comparisons,
  exercises,
}
