// The program that goes along with an exported model of language: it needs ONNX Runtime and nothing else. It is a text
// of plain JavaScript here, because it is handed on as it stands.

/** `generate.mjs`. */
export const GENERATE_SCRIPT = String.raw`// Goes on with a text:
//   node generate.mjs --prompt "Once" --tokens 200 --temperature 0.8 --top-k 40 --top-p 0.9 --seed 1
// Needs Node 20 or later and: npm install onnxruntime-node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import ort from 'onnxruntime-node'

const here = name => new URL(name, import.meta.url)
const json = name => JSON.parse(readFileSync(here(name), 'utf8'))
const { model, capacity, vocabulary, firstToken, state, words, inputs, outputs, defaults } = json('generator.json')
const tokenizer = json('tokenizer.json')

const OPTIONS = {
  prompt: { type: 'string', default: '' },
  ids: { type: 'string' },
  tokens: { type: 'string', default: String(defaults.tokens) },
  temperature: { type: 'string', default: String(defaults.temperature) },
  'top-k': { type: 'string' },
  'top-p': { type: 'string' },
  seed: { type: 'string', default: String(defaults.seed) },
  'print-ids': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
}

function refuse(message) {
  console.error(message)
  process.exit(1)
}

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (error) {
    return refuse(error.message + '\nWhat there is: node generate.mjs --help')
  }
}

const asked = readOptions()
if (asked.help) {
  const lines = Object.entries(OPTIONS).map(([name, { type, default: usual }]) =>
    '  --' + name + (type === 'string' ? ' <' + name + '>' : '') + (usual ? ' (default: ' + usual + ')' : ''))
  console.log(['Goes on with --prompt, or with tokens by their numbers: --ids 1,2,3', ...lines].join('\n'))
  process.exit(0)
}

/** Reads the number of an option. */
function numberOf(option, least, most, whole) {
  const value = Number(asked[option])
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  return refuse('--' + option + ' takes a ' + (whole ? 'whole ' : '') + 'number from ' + least + ' to ' + most + '.')
}

// Text to tokens and back -------------------------------------------------------------------------------------------

const { vocab, merges = [], type, unk_token: unknown } = tokenizer.model
const added = new Map(tokenizer.added_tokens.map(({ content, id }) => [content, id]))
const ids = new Map(Object.entries(vocab))
const tokenOf = new Map([...ids, ...added].map(([token, id]) => [id, token]))
const ranks = new Map(merges.map((pair, rank) => [Array.isArray(pair) ? pair.join(' ') : pair, rank]))
const byteLevel = JSON.stringify(tokenizer.pre_tokenizer ?? {}).includes('"ByteLevel"')
const lowercase = JSON.stringify(tokenizer.normalizer ?? {}).includes('"Lowercase"')

/** GPT-2's characters for bytes: those that can be printed stand for themselves. */
const byteCharacters = (() => {
  const printed = byte => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printed(byte) ? byte : next++))
})()
const byteOf = new Map(byteCharacters.map((character, byte) => [character, byte]))

/** Joins the pair that was learned first, again and again. */
function mergePairs(parts) {
  for (;;) {
    let best = -1
    let rank = Infinity
    for (let i = 0; i + 1 < parts.length; i++) {
      const found = ranks.get(parts[i] + ' ' + parts[i + 1]) ?? Infinity
      if (found < rank) [best, rank] = [i, found]
    }
    if (best < 0) return parts
    parts.splice(best, 2, parts[best] + parts[best + 1])
  }
}

function idOf(token) {
  const id = ids.get(token) ?? ids.get(unknown)
  return id ?? refuse('The model does not know ' + JSON.stringify(token) + '.')
}

/** The words of a text, with what stands between them where that counts. */
function cut(text) {
  if (words.pattern === null) return text === '' ? [] : [text]
  const found = []
  let end = 0
  for (const match of text.matchAll(new RegExp(words.pattern, 'gu'))) {
    if (words.between && match.index > end) found.push(text.slice(end, match.index))
    found.push(match[0])
    end = match.index + match[0].length
  }
  if (words.between && end < text.length) found.push(text.slice(end))
  return found
}

function encodePlain(text) {
  // Character by character, and before it is cut.
  const lower = text => text.replace(/\p{Changes_When_Lowercased}/gu, character => character.toLowerCase())
  return cut(lowercase ? lower(text) : text).flatMap(word => {
    if (type === 'WordLevel') return [idOf(word)]
    const characters = byteLevel ? Array.from(Buffer.from(word), byte => byteCharacters[byte]) : Array.from(word)
    return mergePairs(characters).map(idOf)
  })
}

function encode(text) {
  if (words === null) refuse('This tokenizer is not built in: encode the text elsewhere and give --ids 1,2,3.')
  // The longest of several that begin alike.
  const longestFirst = [...added.keys()].sort((a, b) => b.length - a.length)
  const special = longestFirst.map(token => token.replace(/[.*+?^$|()[\]{}\\]/g, '\\$&')).join('|')
  const parts = special === '' ? [text] : text.split(new RegExp('(' + special + ')'))
  return parts.flatMap(part => (added.has(part) ? [added.get(part)] : encodePlain(part)))
}

/** The numbers of tokens after --ids. */
function readIds(text) {
  const read = text.split(',').map(word => (word.trim() === '' ? NaN : Number(word)))
  const isToken = id => Number.isInteger(id) && id >= 0 && id < vocabulary
  if (read.every(isToken)) return read
  return refuse('--ids takes whole numbers from 0 to ' + (vocabulary - 1) + ' with commas between, not ' + text + '.')
}

/** As a terminal may get it: control characters but line ends and tabs are written out. */
function visible(text) {
  const written = one => '\\u' + one.charCodeAt(0).toString(16).padStart(4, '0')
  return text.replace(/(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, written)
}

/** Turns tokens into text one by one: a character whose bytes are not all there yet waits. */
function textStream() {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const blank = tokenizer.decoder?.type === 'Fuse' ? '' : ' '
  let count = 0
  return {
    push(id) {
      const token = tokenOf.get(id) ?? ''
      if (!byteLevel) return (count++ === 0 ? '' : blank) + token
      const bytes = added.has(token) ? Buffer.from(token) : Uint8Array.from([...token], one => byteOf.get(one))
      return decoder.decode(bytes, { stream: true })
    },
    end: () => decoder.decode(),
  }
}

// Random numbers: Threefry-2x32 of the seed, 'token' and the number of the token (Salmon et al. 2011) -----------------

function threefry([k0, k1], [c0, c1]) {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda]
  let [x0, x1] = [(c0 + k0) | 0, (c1 + k1) | 0]
  for (let group = 0; group < 5; group++) {
    for (const bits of group % 2 === 0 ? [13, 15, 26, 6] : [17, 29, 16, 24]) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << bits) | (x1 >>> (32 - bits))) ^ x0
    }
    x0 = (x0 + keys[(group + 1) % 3]) | 0
    x1 = (x1 + keys[(group + 2) % 3] + group + 1) | 0
  }
  return [x0 >>> 0, x1 >>> 0]
}

/** A number from 0 to 1 for the token of that number. */
function randomAt(seed, number) {
  let hash = 0x811c9dc5
  for (const character of 'token') hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  const stream = threefry([seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0], [hash >>> 0, 1])
  return threefry(threefry(stream, [number >>> 0, 0]), [0, 0])[0] / 2 ** 32
}

// The text, token by token --------------------------------------------------------------------------------------------

const session = await ort.InferenceSession.create(fileURLToPath(here(model)), { intraOpNumThreads: 1 })
const temperature = numberOf('temperature', 0, 1e6, false)
const topK = asked['top-k'] === undefined ? vocabulary : Math.min(numberOf('top-k', 1, 1e9, true), vocabulary)
const topP = asked['top-p'] === undefined ? 2 : numberOf('top-p', 0, 1, false)
const seed = numberOf('seed', 0, Number.MAX_SAFE_INTEGER, true)
const scalar = (dtype, array) => new ort.Tensor(dtype, array, [])
const fixed = {
  [inputs.inverseTemperature]: scalar('float32', Float32Array.of(temperature === 0 ? 1 : 1 / temperature)),
  // The likeliest of one is the likeliest.
  [inputs.topK]: scalar('int32', Int32Array.of(temperature === 0 ? 1 : topK)),
  [inputs.topP]: scalar('float32', Float32Array.of(topP)),
}

let kept = {}
let position = 0

/** Forgets all that was read. */
function reset() {
  position = 0
  const zeros = ({ shape }) => new Float32Array(shape.reduce((size, extent) => size * extent, 1))
  kept = Object.fromEntries(state.map(one => [one.input, new ort.Tensor('float32', zeros(one), one.shape)]))
}

/** Reads a token and draws the next one. */
async function read(token, made) {
  const results = await session.run({
    ...kept,
    ...fixed,
    [inputs.token]: new ort.Tensor('int32', Int32Array.of(token), [1]),
    [inputs.positions]: new ort.Tensor('int32', Int32Array.of(position), [1]),
    [inputs.random]: new ort.Tensor('float32', Float32Array.of(randomAt(seed, made)), [1]),
  })
  kept = Object.fromEntries(state.map(({ input, output }) => [input, results[output]]))
  position++
  return results[outputs.token].data[0]
}

if (asked.ids !== undefined && asked.prompt !== '') refuse('Give --prompt or --ids, not both.')
const given = asked.ids === undefined ? encode(asked.prompt) : readIds(asked.ids)
const text = given.length === 0 ? [firstToken] : given
const begun = text.length
// Where a text is as long as the model sees, its second half is read again.
const unread = () => (text.length < capacity ? [...text] : text.slice(-Math.max(1, Math.floor(capacity / 2))))
let queue = unread()
reset()
const written = textStream()
process.stdout.write(asked['print-ids'] ? '' : visible(asked.prompt))
for (let made = 0; made < numberOf('tokens', 1, 1e9, true); made++) {
  if (position === capacity) {
    reset()
    queue = unread()
  }
  let next
  for (const token of queue) next = await read(token, made)
  text.push(next)
  queue = [next]
  if (!asked['print-ids']) process.stdout.write(visible(written.push(next)))
}
console.log(asked['print-ids'] ? text.slice(begun).join(',') : visible(written.end()))
`
