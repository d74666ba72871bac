// What of ours stands beside what others published for Days 17-18, and what was not run.
import type { PublishedRow } from '../../topic.ts'

export const comparisons: readonly PublishedRow[] = [
  {
    id: 'cmusphinx-wfst', experiment: 'sounds-of-words', arm: 'wide',
    note: 'another split, any listed pronunciation counts, a net with attention that follows eight beginnings; ' +
      'theirs is a weighted transducer',
  },
  {
    id: 'cmusphinx-transformer', experiment: 'sounds-of-words', arm: 'transformer',
    note: 'half as wide, on another split',
  },
  {
    id: 'joey-reverse', experiment: 'reverse-numbers', arm: 'joey',
    note: 'the best of five looks, one behind each epoch; batches of lists of like lengths',
  },
  {
    id: 'keras-add-2', experiment: 'add-numbers', arm: 'two',
    note: 'edits instead of wrong places, fillers counted as there; an end is learned beside the characters',
    reason: 'Its loss still falls fast where it ends. Keras has changed its LSTM since 2015, and the comment its file.',
  },
  {
    id: 'keras-add-3', experiment: 'add-numbers', arm: 'three', flop: 3e13,
    note: '35,000 small steps: its arm is defined, and not recorded yet',
  },
  {
    id: 'trevett-seq2seq-lstm', flop: 2.4e14,
    note: 'words of spaCy, two layers of LSTM, perplexity without teacher forcing',
  },
  {
    id: 'trevett-seq2seq-gru', flop: 2.4e14,
    note: 'the context is read at every step; perplexity without teacher forcing',
  },
  {
    id: 'trevett-seq2seq-attention', flop: 6.7e14,
    note: 'width 512; perplexity without teacher forcing, so that it does not compare with a forced one',
  },
  {
    id: 'trevett-seq2seq-masked', flop: 6.7e14,
    note: 'width 512, padding left out; perplexity without teacher forcing',
  },
  {
    id: 'trevett-seq2seq-masked-bleu', experiment: 'translate-captions', arm: 'bahdanau',
    note: 'half as wide, subwords, sacreBLEU; theirs reads words of spaCy',
  },
  { id: 'trevett-seq2seq-convolution', note: 'a translator of convolutions is not among ours' },
  { id: 'trevett-seq2seq-convolution-bleu', note: 'a translator of convolutions is not among ours' },
  {
    id: 'trevett-seq2seq-transformer-perplexity', experiment: 'translate-captions', arm: 'transformer',
    note: 'per word there, per subword here: the numbers do not compare, the order does',
  },
  {
    id: 'trevett-seq2seq-transformer-bleu', experiment: 'translate-captions', arm: 'transformer',
    note: 'three layers of 256 too, but 4 heads and a wider perceptron; subwords, sacreBLEU',
  },
  { id: 'wu-transformer-tiny', flop: 7.7e14, note: 'English to German, 44 passes' },
  {
    id: 'keras-lstm-seq2seq', flop: 1.3e14,
    note: "Tatoeba's pairs cannot be fetched by everybody; padding counts as right there",
  },
  {
    id: 'keras-transformer-seq2seq', flop: 1.2e14,
    note: "Tatoeba's pairs cannot be fetched by everybody; padding counts there, too",
  },
  {
    id: 'bahdanau-2015-length', experiment: 'reverse-letters', worse: 'plain', better: 'bahdanau',
    comparable: 'different', note: 'letters backwards instead of sentences, six seeds',
  },
  {
    id: 'luong-2015-products', experiment: 'reverse-letters', worse: 'bahdanau', better: 'luong',
    comparable: 'different', note: 'letters backwards: where order is everything',
    reason: 'With letters backwards the place to look at follows from the step alone; translation does not ask that.',
  },
  {
    id: 'vaswani-2017-alone', experiment: 'reverse-letters', worse: 'luong', better: 'transformer',
    comparable: 'different',
    note: 'letters backwards, not translation; a net that looks before each step is better still there',
  },
]
