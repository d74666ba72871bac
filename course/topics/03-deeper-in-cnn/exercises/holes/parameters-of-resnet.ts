// How many numbers does a residual network for CIFAR-10 learn? One convolution of 3 to 16 channels, three stages with
// 16, 32 and 64 channels of (depth - 2) / 6 blocks each (two 3x3 convolutions a block), one linear layer with biases.
// Convolutions have no bias; each is followed by batch norm. Shortcuts cost nothing.

export function parametersOfResNet(depth: number, classes: number): number {
  // Count them here.
  return depth * classes
}
