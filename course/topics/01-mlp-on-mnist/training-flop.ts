// What a training of a perceptron costs, for the runs of others that were not repeated.

/**
 * Floating-point operations of a training: for each weight and example the forward pass takes 2 (a multiplication and
 * an addition), the gradient by the weights 2, and the gradient by the layer's inputs 2, which the first layer does
 * without. Biases, activations and updates are left out.
 * @param layers inputs, hidden units from the input on, outputs
 * @param examples how many examples are seen, all epochs together
 */
export const trainingFlop = (layers: readonly number[], examples: number): number =>
  examples * layers.slice(1).reduce((flop, units, i) => flop + (i === 0 ? 4 : 6) * units * (layers[i] ?? 0), 0)
