// A residual block of two linear layers: y = max(0, x + W2 max(0, W1 x)).
// `w1` and `w2` are lists of rows; the shortcut passes x on as it is.

export function residualBlock(x: number[], w1: number[][], w2: number[][]): number[] {
  // Write the block here.
  return x.map((value, i) => value + (w1[i]?.[0] ?? 0) + (w2[i]?.[0] ?? 0))
}
