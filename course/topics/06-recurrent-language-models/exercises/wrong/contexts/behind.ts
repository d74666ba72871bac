// Dots behind the letters instead of in front of them.
export const mistake = 'The dots stand in front'

export function contexts(name: string, size: number): [context: string, next: string][] {
  const text = `${name}.`
  return Array.from(text, (next, i) => [text.slice(Math.max(0, i - size), i).padEnd(size, '.'), next])
}
