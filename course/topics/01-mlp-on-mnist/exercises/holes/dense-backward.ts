// Back-propagation through a dense layer y = x W^T + b.
//
// x is [batch][inputs], w is [outputs][inputs], g is the gradient of the loss by y: [batch][outputs].
// By the input: g W. By the weights: the sum over the batch of g_o x_i. By the bias: the sum over the batch of g_o.

export function denseBackward(
  x: number[][],
  w: number[][],
  g: number[][],
): { byInput: number[][]; byWeight: number[][]; byBias: number[] } {
  // Write the three gradients here.
  return { byInput: x, byWeight: w, byBias: g[0] ?? [] }
}
