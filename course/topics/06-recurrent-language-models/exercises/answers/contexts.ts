// Examples for a net that sees a few letters.

export function contexts(name: string, size: number): [context: string, next: string][] {
  const padded = '.'.repeat(size) + name + '.'
  return Array.from({ length: name.length + 1 }, (_, i) => [padded.slice(i, i + size), padded[i + size] ?? ''])
}
