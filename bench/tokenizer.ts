// How fast is byte-level BPE learned and used? 10 MB of text to 8,192 entries, then the same text encoded and decoded.
// Run: npm run bench tokenizer (TEXT names a file to learn from instead of made text)
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { tokenizerTrainer } from '@ddlf/data/tokenizers'
import { integerAt, randomKey } from '@ddlf/tensor/random'
import { machine, median } from './alternate.ts'

const BYTES = 10_000_000
const rounds = Number(process.env['ROUNDS'] ?? 5)

/** Words of letters with frequencies as in a language (Zipf's law), in sentences and paragraphs. */
function madeText(): string {
  const key = randomKey(1, 'text')
  let draws = 0
  const draw = (n: number) => integerAt(key, draws++, n)
  const syllables = Array.from({ length: 400 }, () =>
    Array.from({ length: 2 + draw(2) }, () => 'etaoinshrdlucmfwypvbgk'.charAt(Math.min(draw(22), draw(22)))).join(''),
  )
  const words = Array.from({ length: 60_000 }, () =>
    Array.from({ length: 1 + draw(4) }, () => syllables[Math.min(draw(400), draw(400))] as string).join(''),
  )
  const parts: string[] = []
  for (let length = 0; length < BYTES;) {
    // Inverse of the cumulative of 1 / rank: rank = n^u.
    const word = words[Math.floor(words.length ** (draw(1_000_000) / 1_000_000))] as string
    const end = draw(14) === 0 ? (draw(8) === 0 ? '.\n\n' : '. ') : draw(20) === 0 ? ', ' : ' '
    parts.push(word, end)
    length += word.length + end.length
  }
  return parts.join('').slice(0, BYTES)
}

const file = process.env['TEXT']
const text = file === undefined ? madeText() : readFileSync(file, 'utf8').slice(0, BYTES)
const seconds = { count: [] as number[], merge: [] as number[], encode: [] as number[], decode: [] as number[] }
/** Seconds of processor, which other work on the machine lengthens less than those of the clock. */
const processor: Record<string, number[]> = {}
const timed = <T>(what: keyof typeof seconds, work: () => T): T => {
  const began = performance.now()
  const used = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(used)
  seconds[what].push((performance.now() - began) / 1000)
  processor[what] = [...(processor[what] ?? []), (user + system) / 1e6]
  return result
}
let entries = 0
let tokens = 0
for (let round = 0; round < rounds; round++) {
  const trainer = tokenizerTrainer({ vocabularySize: 8192 })
  timed('count', () => {
    trainer.add(text)
  })
  const tokenizer = timed('merge', () => trainer.train())
  const { ids } = timed('encode', () => tokenizer.encode(text))
  if (timed('decode', () => tokenizer.decode(ids)) !== text) throw new Error('The text did not come back.')
  entries = tokenizer.vocabularySize
  tokens = ids.length
}

console.log(
  `${machine()}; load ${loadavg()
    .map(load => load.toFixed(1))
    .join(' ')}; ${rounds} rounds\n`,
)
console.log(
  `${text.length.toLocaleString('en')} ` +
  `characters${file === undefined ? ', made' : ''}: ${entries.toLocaleString('en')} ` +
  `entries, ${tokens.toLocaleString('en')} tokens\n`,
)
console.log('| | seconds, median | min | max | of processor, median |\n| --- | --- | --- | --- | --- |')
const used = (what: string) => processor[what] ?? []
const both = (of: (what: 'count' | 'merge') => number[]) =>
  of('count').map((count, i) => count + (of('merge')[i] as number))
const rows: [string, number[], number[]][] = [
  ['training', both(what => seconds[what]), both(used)],
  ['of it, counting words', seconds.count, used('count')],
  ['of it, merging', seconds.merge, used('merge')],
  ['encoding, with places', seconds.encode, used('encode')],
  ['decoding', seconds.decode, used('decode')],
]
for (const [name, times, cpu] of rows) {
  const numbers = [median(times), Math.min(...times), Math.max(...times), median(cpu)]
  console.log(`| ${name} | ${numbers.map(number => number.toFixed(2)).join(' | ')} |`)
}
