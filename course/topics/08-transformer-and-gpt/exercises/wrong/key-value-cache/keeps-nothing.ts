// Forgets to hand on its own key and value.
export const mistake = 'handed on'

const softmax = (scores: number[]): number[] => {
  const most = Math.max(...scores)
  const powers = scores.map(score => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
const mix = (weights: number[], values: number[][]) =>
  (values[0] ?? []).map((_, i) => weights.reduce((sum, weight, j) => sum + weight * (values[j]?.[i] ?? 0), 0))

const attend = (query: number[], keys: number[][], values: number[][]) =>
  mix(softmax(keys.map(key => dot(query, key) / Math.sqrt(query.length))), values)

export function step(
  kept: { keys: number[][]; values: number[][] },
  now: { query: number[]; key: number[]; value: number[] },
): { output: number[]; keys: number[][]; values: number[][] } {
  const output = attend(now.query, [...kept.keys, now.key], [...kept.values, now.value])
  return { output, keys: kept.keys, values: kept.values }
}
