// Softmax and cross-entropy for one example.
//
// p_k = exp(z_k) / sum_j exp(z_j);  loss = -log p_label;  the gradient by z_k is p_k minus 1 where k is the label.
// Logits may be in the thousands: exp(1000) is infinite. Subtracting the same number from all logits changes no p_k.

export function softmaxCrossEntropy(logits: readonly number[], label: number): { loss: number; gradient: number[] } {
  // Write the loss and its gradient here.
  return { loss: 0, gradient: logits.map(() => label * 0) }
}
