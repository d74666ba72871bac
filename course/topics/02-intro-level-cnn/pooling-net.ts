// A small network whose maps shrink in one way or another, with as many weights in each.
import type { Tensor } from '@ddlf/tensor'
import {
  AdaptiveAvgPool2d, AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, type Module,
} from '@ddlf/nn'

/** How maps shrink: by a pooling of windows of 2x2 or overlapping ones of 3x3, or by a convolution of stride 2. */
export const SHRINKINGS = ['max', 'overlapping max', 'average', 'stride'] as const
export type Shrinking = (typeof SHRINKINGS)[number]

/**
 * conv 3x3-16, shrink, conv 3x3-32, shrink, conv 3x3-64, mean, classes: [N, 1, 28, 28] to [N, classes]. 23,946
 * parameters, whatever shrinks the maps. A stride instead of a pooling: Springenberg et al., "Striving for simplicity:
 * the all convolutional net", 2015.
 */
export class PoolingNet implements Module {
  readonly features: Sequential
  readonly classifier: Linear

  /** @param options `padded`: zeros around the maps, so that a convolution keeps their size */
  constructor(classes = 10, { shrink = 'max', padded = true }: { shrink?: Shrinking; padded?: boolean } = {}) {
    const padding = padded ? 1 : 0
    const stride = shrink === 'stride' ? 2 : 1
    const pool = (): Module[] => {
      if (shrink === 'stride') return []
      if (shrink === 'average') return [new AvgPool2d(2)]
      return [shrink === 'max' ? new MaxPool2d(2) : new MaxPool2d(3, { stride: 2, padding })]
    }
    // #region model
    this.features = new Sequential(
      new Conv2d(1, 16, 3, { padding, stride }), new ReLU(), ...pool(),
      new Conv2d(16, 32, 3, { padding, stride }), new ReLU(), ...pool(),
      new Conv2d(32, 64, 3, { padding }), new ReLU(),
      new AdaptiveAvgPool2d(1), new Flatten(),
    )
    // #endregion
    this.classifier = new Linear(64, classes)
  }

  forward(images: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(images))
  }
}
