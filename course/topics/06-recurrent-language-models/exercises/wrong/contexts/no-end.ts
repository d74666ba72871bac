// Never learns where a name ends.
export const mistake = 'never learns where to stop'

export function contexts(name: string, size: number): [context: string, next: string][] {
  const padded = '.'.repeat(size) + name
  return Array.from({ length: name.length }, (_, i) => [padded.slice(i, i + size), padded[i + size] ?? ''])
}
