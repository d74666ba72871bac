// Named regions of the real source: `// #region name` to `// #endregion`.

/** A region of a file. */
export interface Region {
  /** Its lines without the markers, moved to the left edge. */
  readonly lines: readonly string[]
  /** Number of its first line in the file, from 1. */
  readonly first: number
}

/** Cuts a region out of a file; a page whose region is gone does not build. */
export function regionOf(path: string, text: string, name: string): Region {
  const lines = text.split('\n')
  const from = lines.findIndex(line => line.trim() === `// #region ${name}`)
  const to = lines.findIndex((line, i) => i > from && line.trim() === '// #endregion')
  if (from < 0 || to < 0) {
    const known = lines.flatMap(line => /^\s*\/\/ #region (.+)$/.exec(line)?.[1] ?? [])
    const has = known.length === 0 ? 'none' : known.join(', ')
    throw new Error(`'${path}' has no region '${name}' with an end. Its regions: ${has}.`)
  }
  const inner = lines.slice(from + 1, to)
  const indent = Math.min(...inner.filter(line => line.trim() !== '').map(line => line.search(/\S/)))
  return { lines: inner.map(line => line.slice(indent)), first: from + 2 }
}
