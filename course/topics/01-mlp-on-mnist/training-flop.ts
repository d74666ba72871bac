// What a training of a perceptron costs, for the runs of others that were not repeated.

/**
 * Floating-point operations of a training: 6 for each weight and example, of which the forward pass takes 2 (a multiplication
 * and an addition), the gradient of the inputs 2 and that of the weights 2. Biases, activations and updates are left out.
 * @param layers inputs, hidden units from the input on, outputs
 * @param examples how many examples are seen, all epochs together
 */
export const trainingFlop = (layers: readonly number[], examples: number): number =>
  6 * examples * layers.slice(1).reduce((weights, units, i) => weights + units * (layers[i] ?? 0), 0)
