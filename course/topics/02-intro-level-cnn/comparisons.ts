// What of ours stands beside what others published for Days 3-6, and what was not run.
import type { PublishedRow } from '../../topic.ts'

export const comparisons: readonly PublishedRow[] = [
  { id: 'lecun-1998-lenet1', experiment: 'lenet5-on-mnist', arm: 'lenet1', note: 'ReLU and max pooling' },
  { id: 'lecun-1998-lenet4', experiment: 'lenet5-on-mnist', arm: 'lenet4', note: 'ReLU and max pooling' },
  { id: 'lecun-1998-lenet5', experiment: 'lenet5-on-mnist', arm: 'modern', note: 'ReLU and max pooling' },
  { id: 'lecun-1998-lenet5', experiment: 'lenet5-on-mnist', arm: '1998', note: 'the net of the paper, our optimizer' },
  { id: 'lecun-1998-lenet5-distorted', experiment: 'lenet5-on-mnist', arm: 'distorted', note: 'ReLU and max pooling' },
  { id: 'fashion-mlp', experiment: 'fashion-mlp', note: '20 epochs' },
  { id: 'fashion-two-convolutions', experiment: 'fashion-two-convolutions', note: '12 epochs, 50,186 parameters' },
  { id: 'fashion-resnet-18', flop: 3.0e16, note: '150 epochs' },
  { id: 'convnet-26', flop: 1.0e14, note: '30 epochs; npm run ddlf -- train convnet-on-cifar-10' },
  { id: 'convnet-18', flop: 4.9e14, note: '140 epochs; the same with normalized=true' },
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
