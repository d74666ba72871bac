// The convolution networks of cnn-step.ts, and what they multiply.
import { crossEntropy, sgd, trainingStep, withMode, withSeed, type Module, type TrainingStep } from '@ddlf/nn'
import { flopOf, input } from '@ddlf/tensor'
import { AlexNetLike } from '../../course/topics/02-intro-level-cnn/alexnet-like.ts'
import { ModernLeNet5 } from '../../course/topics/02-intro-level-cnn/modern-lenet5.ts'
import { Vgg16 } from '../../course/topics/02-intro-level-cnn/vgg.ts'
import { CifarResNet } from '../../course/topics/03-deeper-in-cnn/resnet-cifar.ts'

const NETWORKS: Readonly<Record<string, { readonly build: () => Module; readonly image: readonly number[] }>> = {
  lenet5: { build: () => new ModernLeNet5(), image: [1, 28, 28] },
  alexnet: { build: () => new AlexNetLike(), image: [3, 32, 32] },
  vgg16: { build: () => new Vgg16(), image: [3, 32, 32] },
  resnet20: { build: () => new CifarResNet(10, { depth: 20 }), image: [3, 32, 32] },
}

/** A network with its first weights, and the shape of a batch of its images. */
export function cnnModel(network: string, batch: number): { readonly model: Module; readonly shape: number[] } {
  const { build, image } = NETWORKS[network] as (typeof NETWORKS)[string]
  return { model: withSeed(1, build), shape: [batch, ...image] }
}

/** SGD with momentum and weight decay. */
export function cnnStep({ model, shape }: ReturnType<typeof cnnModel>): TrainingStep {
  return trainingStep({
    model,
    loss: (_, { images, labels }) => ({ loss: crossEntropy(model.forward(images), labels, { ignoreIndex: null }) }),
    batch: { images: { shape }, labels: { shape: shape.slice(0, 1), dtype: 'int32' } },
    optimizer: sgd({ momentum: 0.9, weightDecay: 1e-4 }),
  })
}

/** Floating-point operations of the products and direct convolutions of a step, or of a forward pass. */
export function cnnFlop(network: string, batch: number, mode: string): number {
  const { model, shape } = cnnModel(network, batch)
  if (mode === 'training') return flopOf(cnnStep({ model, shape }).graph)
  const { output } = withMode({ training: false }, () => model.forward(input('images', { shape, dtype: 'float32' })))
  return flopOf({ outputs: [output] })
}
