// A table of short texts with two labels, easy to tell apart.
import fs from 'node:fs'
import path from 'node:path'

/** Writes the table into a folder and gives its path. */
export function writeTable(folder: string, rows = 120): string {
  const file = path.join(folder, 'texts.csv')
  const lines = Array.from(
    { length: rows },
    (_, i) => `${i % 2 === 0 ? 'lovely day number' : 'awful night number'} ${i % 7},${i % 2 === 0 ? 'good' : 'bad'}`,
  )
  fs.writeFileSync(file, ['text,label', ...lines, ''].join('\n'))
  return file
}
