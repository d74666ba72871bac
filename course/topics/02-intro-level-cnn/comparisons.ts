// What of ours stands beside what others published for Days 3-6, and what was not run.
import type { PublishedRow } from '../../topic.ts'

const ALL_DIGITS = 'judged by all 10,000 test digits; Karpathy took 2,007 of them'
const MORE_PICTURES = 'all 60,000 pictures; the page holds 2,000 out'

export const comparisons: readonly PublishedRow[] = [
  { id: 'lecun-1998-lenet1', experiment: 'lenet5-on-mnist', arm: 'lenet1', note: 'ReLU and max pooling' },
  { id: 'lecun-1998-lenet4', experiment: 'lenet5-on-mnist', arm: 'lenet4', note: 'ReLU and max pooling' },
  { id: 'lecun-1998-lenet5', experiment: 'lenet5-on-mnist', arm: 'modern', note: 'ReLU and max pooling' },
  { id: 'lecun-1998-lenet5', experiment: 'lenet5-on-mnist', arm: '1998', note: 'the net of the paper, our optimizer' },
  { id: 'lecun-1998-lenet5-distorted', experiment: 'lenet5-on-mnist', arm: 'distorted', note: 'ReLU and max pooling' },
  {
    id: 'karpathy-1989', experiment: 'lenet-of-1989', arm: '1989', flop: 6.4e10,
    note: ALL_DIGITS,
  },
  { id: 'karpathy-softmax', experiment: 'lenet-of-1989', arm: 'softmax', flop: 6.4e10, note: ALL_DIGITS },
  { id: 'karpathy-adamw', experiment: 'lenet-of-1989', arm: 'adamw', flop: 1.3e11, note: ALL_DIGITS },
  { id: 'karpathy-shifts', experiment: 'lenet-of-1989', arm: 'shifts', flop: 1.7e11, note: ALL_DIGITS },
  { id: 'karpathy-modern', experiment: 'lenet-of-1989', arm: 'modern', flop: 2.2e11, note: ALL_DIGITS },
  ...['dense', 'one', 'two', 'relu'].map((net, i): PublishedRow => ({
    id: `nielsen-${net}`, arm: `nielsen-${net}`,
    flop: [1.4e12, 1.2e13, 2.9e13, 2.9e13][i] ?? 0,
    experiment: `${net === 'dense' ? 'published' : 'longer'}-convnets-on-mnist`,
    note: 'the last of 60 epochs; the book gives the one that was best on held-out digits',
    ...(net === 'dense' && { reason: 'Its two seeds lie close together, and the last epoch is not the best.' }),
  })),
  {
    id: 'keras-convnet', experiment: 'published-convnets-on-mnist', arm: 'keras', flop: 1.2e13,
    reason: 'Two seeds that lie close together, and whose interval reaches the published figure: more would decide.',
  },
  {
    id: 'caffe-lenet', experiment: 'published-convnets-on-mnist', arm: 'caffe', flop: 9e12,
    note: 'the rate falls to the same end along a cosine; biases learn as fast as weights',
  },
  {
    id: 'tutorials-lenet', experiment: 'longer-convnets-on-mnist', arm: 'tutorials', flop: 1.2e14,
    note: 'the last of 178 epochs; theirs is the best on held-out digits',
  },
  { id: 'cntk-one', experiment: 'published-convnets-on-mnist', arm: 'cntk', flop: 2e12 },
  { id: 'cntk-dropout', experiment: 'published-convnets-on-mnist', arm: 'cntk-dropout', flop: 2e12 },
  { id: 'cntk-norm', experiment: 'published-convnets-on-mnist', arm: 'cntk-norm', flop: 2e12 },
  { id: 'fashion-mlp', experiment: 'fashion-mlp', note: '20 epochs' },
  { id: 'fashion-two-convolutions', experiment: 'fashion-two-convolutions', note: '12 epochs, 50,186 parameters' },
  ...['constant', 'root', 'steps', 'cosine', 'warm'].map((how): PublishedRow => ({
    id: `d2l-${how}`, experiment: 'published-convnets-on-fashion', arm: `d2l-${how}`, flop: 4.5e12,
    ...(how === 'steps' && {
      note: 'the page draws the schedule first, which uses its two halvings up: it trains at 0.125',
    }),
  })),
  {
    id: 'keras-without-mixup', experiment: 'published-convnets-on-fashion', arm: 'plain', flop: 4e12,
    note: MORE_PICTURES,
  },
  {
    id: 'keras-mixup', experiment: 'published-convnets-on-fashion', arm: 'mixup', flop: 4e12, note: MORE_PICTURES,
    reason: 'Two seeds, whose interval holds the published figure: more would decide.',
  },
  ...['adam', 'sgd', 'momentum'].map((optimizer): PublishedRow => ({
    id: `deepobs-${optimizer}`, experiment: 'deepobs-on-fashion', arm: `deepobs-${optimizer}`, flop: 5e13,
    note: 'biases begin at 0 instead of 0.05; ten seeds are published',
  })),
  { id: 'fashion-resnet-18', flop: 3.0e16, note: '150 epochs' },
  {
    id: 'convnet-26', experiment: 'convnet-on-cifar-10', arm: 'twenty-six', flop: 1.0e14,
    note: '30 epochs, He\'s first weights, cosine',
  },
  { id: 'convnet-18', flop: 4.9e14, note: '140 epochs; convnet-on-cifar-10 with normalized=true' },
  { id: 'convnet-13', note: 'locally connected layers are not built' },
  { id: 'convnet-11', note: 'locally connected layers are not built' },
  {
    id: 'tensorflow-tutorial', experiment: 'alexnet-like-on-cifar-10', arm: 'local-response',
    note: '200 steps instead of 100,000, which would be 2.5e15 FLOP on whole pictures',
  },
  { id: 'liu-2015-vgg-16', flop: 2.3e16, note: '250 epochs' },
  { id: 'cifar-vgg', flop: 2.3e16, note: '250 epochs' },
  { id: 'kuangliu-vgg16', flop: 2.3e16, note: '250 epochs' },
]
