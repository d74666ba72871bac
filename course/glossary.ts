// The words of the course: what each means in a sentence, what else it is called, and where it is shown.

export interface GlossaryTerm {
  readonly term: string
  /** Other names and abbreviations, as somebody would search for them. */
  readonly aliases: readonly string[]
  readonly meaning: string
  /** Slug of the topic that explains it, and below it the part and the heading: `start-and-shape/#wide-or-deep`. */
  readonly topic: string
  readonly place: string
}

const PERCEPTRON = 'mlp-on-mnist'
const CONVOLUTION = 'intro-level-cnn'
const DEPTH = 'deeper-in-cnn'
const RECURRENCE = 'recurrent-language-models'
const TEXTS = 'text-classification'

const term = (
  topic: string,
  place: string,
  name: string,
  aliases: readonly string[],
  meaning: string,
): GlossaryTerm => ({
  term: name,
  aliases,
  meaning,
  topic,
  place,
})

export const glossary: readonly GlossaryTerm[] = [
  term(
    PERCEPTRON,
    '#what-is-a-multilayer-perceptron',
    'multilayer perceptron',
    ['MLP', 'feed-forward network', 'dense network', 'fully connected'],
    'A chain of dense layers with an activation between them.',
  ),
  term(
    PERCEPTRON,
    '#what-is-a-multilayer-perceptron',
    'dense layer',
    ['fully connected layer', 'linear layer', 'affine'],
    'Weighs every input for every output, adds a bias, and hands the sums on.',
  ),
  term(
    PERCEPTRON,
    '#what-is-a-multilayer-perceptron',
    'unit',
    ['neuron', 'node'],
    'One row of a layer: it weighs its inputs and sums them up.',
  ),
  term(
    PERCEPTRON,
    '#what-is-a-multilayer-perceptron',
    'logits',
    ['scores', 'unnormalised log probabilities'],
    'The outputs before softmax: how much speaks for each class.',
  ),
  term(
    PERCEPTRON,
    '#what-is-a-multilayer-perceptron',
    'softmax',
    ['soft max', 'normalised exponential'],
    'Turns logits into probabilities that add up to one.',
  ),
  term(
    PERCEPTRON,
    '#what-does-it-mean-to-train-it',
    'cross-entropy',
    ['log loss', 'negative log likelihood', 'NLL'],
    'Minus the logarithm of the probability given to what is right.',
  ),
  term(
    PERCEPTRON,
    '#what-does-it-mean-to-train-it',
    'gradient',
    ['derivative', 'backpropagation', 'backward pass', 'backprop'],
    'How much the loss changes with each weight: it points uphill.',
  ),
  term(
    PERCEPTRON,
    '#what-does-it-mean-to-train-it',
    'momentum',
    ['heavy ball', 'velocity'],
    'A running sum of gradients, so that steps agree with those before.',
  ),
  term(
    PERCEPTRON,
    '#what-is-a-step-and-what-an-epoch',
    'epoch',
    ['pass over the data'],
    'Every training example was looked at once.',
  ),
  term(
    PERCEPTRON,
    '#what-is-a-step-and-what-an-epoch',
    'batch',
    ['mini-batch', 'minibatch', 'batch size'],
    'The examples that one step looks at.',
  ),
  term(
    PERCEPTRON,
    'how-well/#how-sure-can-we-be',
    'seed',
    ['random seed', 'initialisation luck'],
    'Decides every random choice of a run; another seed is another draw.',
  ),
  term(
    PERCEPTRON,
    'how-well/#how-sure-can-we-be',
    'sign-flip test',
    ['permutation test', 'p value', 'significance', 'paired test'],
    'Asks how often chance alone would part paired seeds this far.',
  ),
  term(
    PERCEPTRON,
    'start-and-shape/#where-should-the-weights-start',
    'initialisation',
    ['He', 'Kaiming', 'Glorot', 'Xavier', 'initialization'],
    'How the first weights are drawn, so that signals neither fade nor grow.',
  ),
  term(
    PERCEPTRON,
    'start-and-shape/#which-activation',
    'activation',
    ['ReLU', 'rectifier', 'sigmoid', 'tanh', 'GELU', 'nonlinearity'],
    'The bend between layers; without one, layers collapse into one.',
  ),
  term(
    PERCEPTRON,
    'start-and-shape/#does-batch-normalisation-rescue-the-sigmoid',
    'batch normalisation',
    ['batch norm', 'BN', 'batchnorm', 'batch normalization'],
    'Shifts and scales each unit to mean 0 and deviation 1 over a batch.',
  ),
  term(
    PERCEPTRON,
    'start-and-shape/#how-do-learning-rate-and-batch-size-depend-on-each-other',
    'learning rate',
    ['step size', 'lr', 'alpha'],
    'How far a step goes along the gradient.',
  ),
  term(
    PERCEPTRON,
    'start-and-shape/#do-large-batches-generalise-worse',
    'sharpness',
    ['sharp minimum', 'flat minimum', 'generalisation gap'],
    'How far the loss can rise within a small box around the weights.',
  ),
  term(
    PERCEPTRON,
    'by-heart/#what-does-weight-decay-buy',
    'weight decay',
    ['L2 penalty', 'ridge', 'regularisation', 'regularization'],
    'Every step also shrinks each weight a little.',
  ),
  term(
    PERCEPTRON,
    'by-heart/#do-dropout-and-max-norm-help',
    'dropout',
    ['drop out', 'max-norm'],
    'Leaves out units at random in training, so that none relies on one partner.',
  ),
  term(
    PERCEPTRON,
    'by-heart/#what-are-distorted-digits-worth',
    'augmentation',
    ['distortion', 'elastic', 'affine', 'data augmentation'],
    'More examples from those there are: moved, turned, bent.',
  ),
  term(
    PERCEPTRON,
    'by-heart/#can-a-small-net-learn-from-a-large-one',
    'distillation',
    ['teacher', 'student', 'soft targets', 'temperature'],
    'A small net learns to say what a large one says.',
  ),
  term(
    PERCEPTRON,
    'claims/#which-optimizer-is-fastest',
    'optimizer',
    ['Adam', 'SGD', 'Adagrad', 'Nesterov', 'optimiser'],
    'How a step follows from gradients: with a memory, with a scale for each weight.',
  ),
  term(
    PERCEPTRON,
    'claims/#is-more-always-better-or-first-worse',
    'double descent',
    ['overfitting', 'interpolation threshold'],
    'The test error rises where a net can just fit its data, and falls again beyond.',
  ),
  term(
    CONVOLUTION,
    '#what-does-a-convolution-know',
    'convolution',
    ['conv', 'filter', 'kernel', 'weight sharing', 'CNN'],
    'A dense layer with a small window that uses the same weights at every place.',
  ),
  term(
    CONVOLUTION,
    '#what-are-padding-and-stride',
    'stride',
    ['padding', 'same padding'],
    'By how many pixels the window moves; padding surrounds the picture so that it fits.',
  ),
  term(
    CONVOLUTION,
    '#why-pool',
    'pooling',
    ['max pool', 'average pool', 'subsampling', 'downsampling'],
    'Keeps the largest or the mean of each small window: what was found, not exactly where.',
  ),
  term(
    DEPTH,
    '#what-does-a-shortcut-do',
    'shortcut',
    ['skip connection', 'residual', 'ResNet'],
    "Adds a block's input to its output, so that a block learns a change.",
  ),
  term(
    RECURRENCE,
    '#what-is-a-language-model',
    'language model',
    ['LM', 'next-token prediction', 'character-level model'],
    'A model of how likely each next letter or word is after what came before.',
  ),
  term(
    RECURRENCE,
    '#what-is-a-language-model',
    'perplexity',
    ['PPL', 'bits per character', 'BPC', 'nats'],
    'e to the power of the mean loss: among how many equally likely letters a model hesitates.',
  ),
  term(
    RECURRENCE,
    'reading-on/#how-far-does-counting-get',
    'n-gram',
    ['bigram', 'trigram', 'Markov model'],
    'A model that counts which token followed each run of a few.',
  ),
  term(
    RECURRENCE,
    'reading-on/#how-far-does-counting-get',
    'Kneser-Ney smoothing',
    ['back-off', 'continuation count'],
    'Counts less a discount, the rest guessed from shorter contexts by how many different ones they end.',
  ),
  term(
    RECURRENCE,
    'reading-on/#what-is-a-recurrent-net',
    'recurrent network',
    ['RNN', 'Elman network', 'char-rnn'],
    'A net that changes a state at each step of a sequence and hands it on to itself.',
  ),
  term(
    RECURRENCE,
    'reading-on/#what-is-left-of-a-gradient-after-a-hundred-steps',
    'vanishing gradient',
    ['exploding gradient', 'gradient clipping'],
    'A gradient that many factors below one have made too small to learn from; above one it explodes.',
  ),
  term(
    RECURRENCE,
    'reading-on/#what-do-the-gates-of-an-lstm-do',
    'LSTM',
    ['long short-term memory', 'GRU', 'gate', 'cell state'],
    'A recurrent unit with a cell that is added to, and gates that decide what is kept, let in and shown.',
  ),
  term(
    RECURRENCE,
    'reading-on/#how-far-back-must-the-gradient-go',
    'truncated back-propagation',
    ['BPTT', 'back-propagation through time', 'TBPTT'],
    'The state is handed on and the gradient cut after some steps.',
  ),
  term(
    RECURRENCE,
    'reading-on/#what-does-temperature-change',
    'temperature',
    ['sampling', 'softmax temperature'],
    'What logits are divided by before softmax: below one the likely gets likelier.',
  ),
  term(
    TEXTS,
    '#what-is-a-text-to-a-machine',
    'bag of words',
    ['BOW', 'vocabulary', 'word counts'],
    'How often each word of a vocabulary stands in a text; where it stands is forgotten.',
  ),
  term(
    TEXTS,
    '#how-does-counting-classify',
    'naive Bayes',
    ['Bayes classifier', 'log-odds', 'spam filter'],
    'Adds up what each word says of each class, as if words came independently of each other.',
  ),
  term(
    TEXTS,
    'how-far/#what-is-a-pair-of-words-worth',
    'pair of words',
    ['word bigram', 'run of words'],
    'Neighbouring words as one token, so that a little of the order is kept.',
  ),
  term(
    TEXTS,
    'how-far/#does-a-word-need-more-than-one-number',
    'fastText',
    ['bag of vectors', 'bag of tricks', 'embedding bag'],
    "One linear layer on the mean of the vectors of a text's words.",
  ),
  term(
    TEXTS,
    'order/#what-does-a-filter-of-three-words-look-for',
    'max over time',
    ['max-over-time pooling', 'Kim CNN', 'sentence CNN'],
    'Keeps the largest answer of a filter over all places of a text: that its pattern is there, not where.',
  ),
  term(
    TEXTS,
    'trust/#how-sure-may-a-model-be',
    'calibration',
    ['ECE', 'expected calibration error', 'overconfidence', 'Brier score'],
    'Whether answers with a probability of eight in ten are right in eight of ten cases.',
  ),
  term(
    TEXTS,
    'trust/#what-if-the-texts-come-from-somewhere-else',
    'domain shift',
    ['distribution shift', 'out of distribution', 'transfer to another site'],
    'A model is asked about another kind of examples than it learned from.',
  ),
]
