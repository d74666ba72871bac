// The farthest first.
export const mistake = 'smallest'

const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * (b[d] ?? 0), 0)
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))

export function nearest(word: number, vectors: number[][], count: number): number[] {
  const own = vectors[word] ?? []
  const near = vectors.map((vector, other) => ({ other, cosine: cosine(own, vector) }))
  return near
    .filter(({ other }) => other !== word)
    .sort((a, b) => a.cosine - b.cosine)
    .slice(0, count)
    .map(({ other }) => other)
}
