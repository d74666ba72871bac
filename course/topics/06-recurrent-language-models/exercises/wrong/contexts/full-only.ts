// Begins where a whole context is there.
export const mistake = 'beginnings of names'

export function contexts(name: string, size: number): [context: string, next: string][] {
  const all = name + '.'
  return Array.from({ length: Math.max(0, all.length - size) }, (_, i) => [all.slice(i, i + size), all[i + size] ?? ''])
}
