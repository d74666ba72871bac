// Small data made on the spot: pictures of shapes in folders by class, and a table of reviews. The same seed, the same
// bytes.
import fs from 'node:fs'
import path from 'node:path'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { encode } from 'fast-png'

/** Writes `perClass` colour pictures of each shape, 20 to 31 pixels wide, as `<folder>/<shape>/<n>.png`. */
export function writeShapes(folder: string, perClass: number): void {
  const inside: Record<string, (x: number, y: number) => boolean> = {
    disc: (x, y) => x * x + y * y < 0.5,
    cross: (x, y) => Math.abs(x) < 0.2 || Math.abs(y) < 0.2,
    frame: (x, y) => Math.max(Math.abs(x), Math.abs(y)) > 0.5 && Math.max(Math.abs(x), Math.abs(y)) < 0.8,
  }
  for (const [name, contains] of Object.entries(inside)) {
    fs.mkdirSync(path.join(folder, name), { recursive: true })
    for (let i = 0; i < perClass; i++) {
      const draw = (index: number) => uniformAt(randomKey(1, name, i), index)
      const size = 20 + Math.floor(12 * draw(0))
      const colour = [draw(1), draw(2), draw(3)]
      const data = new Uint8Array(3 * size * size)
      for (let p = 0; p < size * size; p++) {
        const x = (2 * ((p % size) + 0.5)) / size - 1 + 0.3 * (draw(4) - 0.5)
        const y = (2 * (Math.floor(p / size) + 0.5)) / size - 1 + 0.3 * (draw(5) - 0.5)
        colour.forEach((value, c) => (data[3 * p + c] = 255 * (contains(x, y) ? 0.5 + 0.5 * value : 0.3 * draw(6 + p))))
      }
      fs.writeFileSync(
        path.join(folder, name, `${i}.png`),
        encode({ width: size, height: size, channels: 3, depth: 8, data }),
      )
    }
  }
}

/** Writes a table with the columns `review` and `stars` (good or bad), as many of each. */
export function writeReviews(file: string, rows: number): void {
  const good = ['great', 'lovely', 'brilliant', 'moving', 'not boring']
  const bad = ['dull', 'awful', 'boring', 'tedious', 'not great']
  const about = ['film', 'plot', 'cast', 'ending', 'music', 'dialogue']
  const lines = Array.from({ length: rows }, (_, i) => {
    const pick = (list: readonly string[], index: number) =>
      list[Math.floor(uniformAt(randomKey(2, 'row', i), index) * list.length)] ?? ''
    const opinion = i % 2 === 0 ? good : bad
    return `"The ${pick(about, 0)} was ${pick(opinion, 1)}, the ${pick(about, 2)} ` +
      `""${pick(opinion, 3)}""",${i % 2 === 0 ? 'good' : 'bad'}`
  })
  fs.writeFileSync(file, ['review,stars', ...lines, ''].join('\n'))
}
