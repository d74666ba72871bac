// A process with eight processors for its own count that loads a folder of pictures and prints how much memory that
// took at most, in MiB.
import os from 'node:os'
import { syncBuiltinESMExports } from 'node:module'

os.availableParallelism = () => 8
syncBuiltinESMExports()
const { decodeImage, loadImageFolder } = await import('../src/node.ts')
const { makePng } = await import('./made-png.ts')

// Loads the decoder.
await decodeImage(
  makePng({ width: 8, height: 8, colourType: 2, depth: 8, sample: () => 7 }),
  { channels: 3 },
  'small.png',
)
const before = process.memoryUsage.rss()
let peak = before
const dataset = await loadImageFolder(process.argv[2] ?? '', {
  size: [8, 8],
  onItems: () => {
    peak = Math.max(peak, process.memoryUsage.rss())
  },
})
peak = Math.max(peak, process.resourceUsage().maxRSS * 1024)
console.log(JSON.stringify({ length: dataset.length, mebibytes: (peak - before) / 2 ** 20 }))
