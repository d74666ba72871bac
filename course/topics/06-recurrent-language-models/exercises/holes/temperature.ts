// The probabilities to draw the next letter by: softmax of the logits at a temperature. Below 1 the likely becomes
// likelier, above 1 all letters come closer together. Logits may be in the thousands.

export function atTemperature(logits: number[], temperature: number): number[] {
  // Write it here.
  return logits.map(logit => logit + temperature)
}
