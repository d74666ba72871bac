// What others reported for small convolution networks; errors and accuracies as fractions.
import type { PublishedReference } from '@ddlf/lab/experiments'

const lecun = {
  citation: 'LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998',
  url: 'http://yann.lecun.com/exdb/mnist/',
  table: 'table of test errors',
} as const
const fashion = {
  citation: 'Xiao, Rasul and Vollgraf, Fashion-MNIST, 2017',
  url: 'https://github.com/zalandoresearch/fashion-mnist',
  table: 'benchmark table of the README',
} as const
const convnet = {
  citation: 'Krizhevsky, cuda-convnet, 2012',
  url: 'https://code.google.com/archive/p/cuda-convnet/',
  table: 'example configurations',
} as const

const tutorial = {
  citation: 'TensorFlow, Convolutional neural networks (CIFAR-10 tutorial), 2016',
  url: 'https://github.com/tensorflow/models/tree/archive/tutorials/image/cifar10',
  table: 'cifar10_train.py',
} as const
const liu = { citation: 'Liu and Deng, Very deep convolutional neural network based image classification using small ' +
  'training sample size, 2015', url: 'https://ieeexplore.ieee.org/document/7486599', table: 'CIFAR-10' } as const
const geifman = {
  citation: 'Geifman, cifar-vgg, 2017',
  url: 'https://github.com/geifmany/cifar-vgg',
  table: 'README',
} as const
const kuangliu = {
  citation: 'Kuang Liu, pytorch-cifar, 2017',
  url: 'https://github.com/kuangliu/pytorch-cifar',
  table: 'README',
} as const

/** Test errors of LeNets on MNIST. */
export const lenetPublished: readonly PublishedReference[] = [
  {
    id: 'lecun-1998-lenet1',
    source: lecun,
    protocol: 'LeNet-1',
    metric: 'error',
    value: 0.017,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-lenet4',
    source: lecun,
    protocol: 'LeNet-4',
    metric: 'error',
    value: 0.011,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-lenet5',
    source: lecun,
    protocol: 'LeNet-5, no distortions',
    metric: 'error',
    value: 0.0095,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-lenet5-distorted',
    source: lecun,
    protocol: 'LeNet-5, distortions',
    metric: 'error',
    value: 0.008,
    comparable: 'different',
  },
]

/** Test errors on Fashion-MNIST: 1 minus the published accuracy. */
export const fashionPublished: readonly PublishedReference[] = [
  {
    id: 'fashion-mlp',
    source: fashion,
    protocol: 'MLP 256-128-64',
    metric: 'error',
    value: 0.1,
    comparable: 'different',
  },
  {
    id: 'fashion-two-convolutions',
    source: fashion,
    protocol: '2 convolutions, fewer than 100,000 parameters',
    metric: 'error',
    value: 0.075,
    comparable: 'different',
  },
  {
    id: 'fashion-resnet-18',
    source: fashion,
    protocol: 'ResNet-18',
    metric: 'error',
    value: 0.051,
    comparable: 'different',
  },
]

/** Test errors on CIFAR-10. */
export const cifarPublished: readonly PublishedReference[] = [
  {
    id: 'convnet-26',
    source: convnet,
    protocol: 'three convolutions, 80 s of training, no augmentation',
    metric: 'error',
    value: 0.26,
    comparable: 'different',
  },
  {
    id: 'convnet-18',
    source: convnet,
    protocol: 'three convolutions with LRN, no augmentation',
    metric: 'error',
    value: 0.18,
    comparable: 'different',
  },
  {
    id: 'convnet-13',
    source: convnet,
    protocol: 'locally connected layers, translations and flips',
    metric: 'error',
    value: 0.13,
    comparable: 'different',
  },
  {
    id: 'convnet-11',
    source: convnet,
    protocol: 'locally connected layers with LRN, translations and flips',
    metric: 'error',
    value: 0.11,
    comparable: 'different',
  },
  {
    id: 'tensorflow-tutorial',
    source: tutorial,
    protocol: 'two convolutions with LRN, 24x24 crops, 100,000 steps of 128',
    metric: 'error',
    value: 0.14,
    tolerance: 0.03,
    comparable: 'shorter schedule',
  },
  {
    id: 'liu-2015-vgg-16',
    source: liu,
    protocol: 'modified VGG-16 with batch norm',
    metric: 'error',
    value: 0.0845,
    comparable: 'different',
  },
  {
    id: 'cifar-vgg',
    source: geifman,
    protocol: 'VGG-16 with batch norm and dropout, 250 epochs',
    metric: 'error',
    value: 0.0644,
    comparable: 'different',
  },
  {
    id: 'kuangliu-vgg16',
    source: kuangliu,
    protocol: 'VGG16, best epoch on the test set',
    metric: 'error',
    value: 0.0736,
    comparable: 'different',
  },
]
