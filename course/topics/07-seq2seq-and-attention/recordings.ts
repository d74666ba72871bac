// Which runs stand behind the figures of Days 17-18. One run tells of several widths of search: for them nothing is
// trained again.
import type { Arm, Recording } from '@ddlf/lab'

const arm = (id: string, label: string, settings: Arm['settings'] = {}, count?: number): Arm =>
  ({ id, label, settings, ...(count !== undefined && { seeds: count }) })
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

const TRANSLATORS = [
  ['plain', 'one vector'], ['bahdanau', 'looks before each step'], ['luong', 'looks behind each step'],
  ['transformer', 'attention alone'],
] as const
/** Of one size, for one experiment. */
const each = (settings: Readonly<Record<string, unknown>> = {}, count?: number): Arm[] =>
  TRANSLATORS.map(([translator, label]) => arm(translator, label, { translator, ...settings }, count))
/** Told of at the end of each run. */
const searched = { beams: [1, 2, 4, 8], penalties: [0, 0.5, 1, 1.5] } as const
/** The largest of the nets that say sounds. */
const wide = {
  dictionary: 'cmudict', translator: 'luong', width: 256, epochs: 9, dropout: 0.2, learningRate: 0.002, byLength: 2,
  ...searched,
} as const

/** Small enough that three are compared on captions over seeds. */
const small: readonly Arm[] = each({
  byLength: 4, width: 128, epochs: 4, learningRate: 0.002, warmupEpochs: 0.5, dropout: 0.1,
}).filter(({ id }) => id !== 'luong').map(one => ({ ...one, id: `small-${one.id}`, label: `${one.label}, 128 wide` }))

export const recordings: readonly Recording[] = [
  { experiment: 'read-dates', seeds: seeds(1), details: true, arms: [arm('default', 'dates')] },
  // Claims rest on these: six pairs can reach p = 0.03, three no less than 0.25.
  { experiment: 'reverse-letters', seeds: seeds(6), details: true, arms: each() },
  {
    experiment: 'reverse-numbers',
    seeds: seeds(3),
    // Looked at ten times, as the tutorial does.
    arms: [arm('steps', 'reads again what it saw', { steps: 10_000, evaluateEvery: 1000 })],
  },
  {
    experiment: 'add-numbers',
    seeds: seeds(3),
    arms: [
      arm('two', 'two digits'),
      arm('two-long', 'two digits, 200 epochs', { epochs: 200 }, 1),
      arm('three', 'three digits', { digits: 3, pairs: 50_000, epochs: 100 }, 1),
    ],
  },
  {
    experiment: 'sounds-of-words',
    seeds: seeds(3),
    details: true,
    arms: [
      arm('wide', 'looks behind each step, 256 wide, 9 epochs', wide, 1),
      arm('stress', 'with stress, 256 wide, 9 epochs', { ...wide, stress: true }, 1),
      ...each({ dictionary: 'cmudict', byLength: 2 }),
    ],
  },
  {
    experiment: 'translate-captions',
    seeds: seeds(3),
    details: true,
    arms: [
      // An hour each.
      ...each({ byLength: 4, ...searched }, 1).map(one =>
        (one.id === 'transformer' ? { ...one, settings: { ...one.settings, layers: 3, learningRate: 0.0005 } } : one)),
      ...small,
    ],
  },
  { experiment: 'translate-words', seeds: seeds(1), details: true, arms: [arm('trevett', 'by words')] },
  // As their pages have them; on one core each takes most of an hour.
  {
    experiment: 'translate-characters', seeds: seeds(1), details: true,
    arms: [arm('keras', 'two LSTMs of 256, 100 epochs')],
  },
  {
    experiment: 'translate-spanish', seeds: seeds(1), details: true,
    arms: [arm('keras', 'Transformer of one layer, one epoch')],
  },
]
