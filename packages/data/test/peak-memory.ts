// A process that decodes one picture to 32 x 32 and prints what came of it and how much memory that took at most, in
// MiB.
import { readFileSync } from 'node:fs'
import { decodeImage } from '../src/node.ts'
import { makePng } from './made-png.ts'

const small = makePng({ width: 8, height: 8, colourType: 2, depth: 8, sample: () => 7 })
// Loads the decoder.
await decodeImage(small, { channels: 3 }, 'small.png')
const file = readFileSync(process.argv[2] ?? '')
const peak = () => process.resourceUsage().maxRSS / 1024
const before = peak()
const outcome = await decodeImage(file, { channels: 3, size: [32, 32] }, 'bomb.png').then(
  ({ width }) => `decoded ${width}`,
  (error: unknown) => String(error),
)
console.log(JSON.stringify({ outcome, mebibytes: peak() - before }))
