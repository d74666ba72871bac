// Pairs of texts of one's own by commands: shown, trained on, asked for texts (one, several, lines, a table), judged,
// analysed and exported; and mistakes.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workFolder } from './command.ts'
import { called } from './in-process.ts'

const PATIENCE = 300_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string) => {
  const file = path.join(folder, name)
  fs.writeFileSync(file, text)
  return file
}
async function succeed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await called(...args)
  expect(code, stderr).toBe(0)
  return stdout
}
const asked = (...args: readonly string[]) => succeed('predict', 'latest', ...args, '--runs', runs)

/** Words of two to four of five letters. */
const words = Array.from({ length: 400 }, (_, i) => {
  const letters = Array.from({ length: 2 + (i % 3) }, (_letter, k) => 'abcde'[Math.floor((i * 7919) / 3 / 5 ** k) % 5])
  return letters.join('')
})
const reversed = (word: string) => Array.from(word).reverse().join('')
const table = write('pairs.tsv', [...new Set(words)].map(word => `${word}\t${reversed(word)}\n`).join(''))
const small = ['longest=6', 'width=24', 'dropout=0', 'learningRate=0.02', 'batchSize=16', 'splitSeed=3']
  .flatMap(setting => ['--set', setting])

let trained = ''
beforeAll(async () => {
  trained = await succeed('train', 'text-pairs', '--data', table, ...small, '--set', 'epochs=25', '--runs', runs)
}, PATIENCE)

describe('words and their letters backwards', () => {
  it('are shown with lengths, vocabulary and examples, and the training that goes on', async () => {
    const shown = await succeed('data', 'show', table)
    expect(shown).toMatch(/pairs\.tsv: \d+ pairs of \d+ sources; a training learns from \d+ and is tested on \d+/)
    expect(shown).toMatch(/column1 \(read\)\s+3\s+4\s+1\s+1\s+5/)
    expect(shown).toMatch(/first pairs[^]*aa → aa[^]*train text-pairs --data/)
  })
  it('are learned: those that were held out, one by one, by lines and by rows', async () => {
    expect(trained).toMatch(/Token error rate [0-9]\.\d\d % on the test part/)
    const { predictions } = JSON.parse(await asked(table, '--json')) as { predictions: { text: string }[] }
    const pairs = fs.readFileSync(table, 'utf8').trim().split('\n').map(line => line.split('\t'))
    const right = pairs.filter(([, target], i) => predictions[i]?.text === target).map(([word = '']) => word)
    expect(right.length / pairs.length).toBeGreaterThan(0.8)
    const [one = '', other = ''] = right.filter(word => word !== reversed(word))
    expect((await asked(one)).trim().split('\n').at(-1)).toBe(reversed(one))
    expect(JSON.parse(await asked(one, '--beams', '3', '--json'))).toMatchObject({
      input: one, text: expect.stringMatching(/^[a-e]+$/) as string,
    })
    const lines = write('lines.txt', `${one}\r\n\r\n${other}\r\nabz\r\nabcabcabc\r\n`)
    const { code, stdout, stderr } = await called('predict', 'latest', lines, '--csv', '--runs', runs)
    expect([code, stdout]).toEqual([0, `input,prediction\n${one},${reversed(one)}\n${other},${reversed(other)}\n`])
    expect(stderr).toMatch(/2 texts used, 3 left out[^]*abz: never seen: "z"[^]*abcabcabc: 9 tokens/)
  })
  it('are judged, analysed with what the model writes, and exported', async () => {
    const judged = JSON.parse(await succeed('evaluate', 'latest', '--json', '--runs', runs)) as {
      metrics: Record<string, number>
    }
    expect(judged.metrics['tokenError']).toBeLessThan(0.1)
    // Of single words, BLEU says nothing.
    expect(judged.metrics).not.toHaveProperty('bleu')
    const page = path.join(folder, 'page.html')
    await succeed('analyze', 'latest', '--out', page, '--runs', runs)
    expect(fs.readFileSync(page, 'utf8')).toContain('What it writes')
    const exported = await succeed('export', 'latest', '--out', path.join(folder, 'm.onnx'), '--runs', runs)
    expect(exported).toMatch(/tokens[^]*m\.vocabulary\.json: what its numbers stand for/)
    // What the numbers stand for goes along, and the file says how.
    const symbols = JSON.parse(fs.readFileSync(path.join(folder, 'm.vocabulary.json'), 'utf8')) as string[]
    expect(symbols).toEqual([...symbols].sort())
    expect(symbols).toContain('a')
    const told = 'entry i of vocabulary.json, from 0, is token 4 + i; 1 begins a target, 2 ends both sides'
    expect(fs.readFileSync(path.join(folder, 'm.onnx'), 'latin1')).toContain(told)
    const again = ['export', 'latest', '--format', 'safetensors', '--out', path.join(folder, 'm.safetensors')]
    const half = await called(...again, '--runs', runs)
    expect(half).toMatchObject({ code: 1, stderr: expect.stringMatching(/m\.vocabulary\.json is there/) as string })
    expect(fs.existsSync(path.join(folder, 'm.safetensors'))).toBe(false)
  }, PATIENCE)
  it.each([
    [['predict', 'latest', ''], /must hold text/],
    [['predict', 'latest', 'ab\u00f1'], /never shown[^]*"ñ"/],
    [['predict', 'latest', 'abcdeabcde'], /at most 5 tokens[^]*10 tokens[^]*--set longest=11/],
    [['predict', 'latest', 'gone.txt'], /lines of a \.txt file[^]*rows of a table[^]*gone\.txt, which/],
    [['predict', 'latest', 'gone.csv', '--csv'], /gone\.csv, which does not exist[^]*Check the path/],
    [['predict', 'latest', write('a.png', '')], /reads texts in quotes[^]*a\.png, a picture/],
    [['predict', 'latest', write('one.txt', 'ab\n'), 'ab'], /A file of texts is predicted by itself/],
    [['predict', 'latest', 'ab', '--beams', '0'], /--beams takes a whole number from 1 to 100/],
    [['predict', 'latest', 'ab', '--length-penalty', 'x'], /--length-penalty takes a number from -5 to 5/],
    [['sample', 'latest'], /predict text-pairs\//],
    [['train', 'text-pairs'], /needs data of your own[^]*train text-pairs --data <pairs\.tsv>/],
    [['train', 'text-pairs', '--data', write('lone.tsv', 'a\tb\n')], /examples to test on[^]*0 to test on/],
    [['train', 'text-pairs', '--data', write('column.csv', 'only\none\n')], /two columns[^]*one column/],
    [['train', 'text-pairs', '--data', table, '--set', 'longest=2'], /No pair of[^]*--set longest=6$/m],
    [['train', 'text-pairs', '--data', table, '--strict', '--set', 'longest=4'], /With --strict[^]*longest=5/],
  ])('%j is refused in words', async (args, message) => {
    const { code, stderr } = await called(...args, '--runs', runs)
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(message) as string })
    expect(stderr).not.toMatch(/\n\s+at /)
  }, PATIENCE)
})

it('what is too long, and what stands in two tables, is said; sentences are cut into subwords', async () => {
  const sentence = (i: number) => `cat ${i} sits on mat ${i % 7}`
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, k) => `${sentence(from + k)}\tKatze ${from + k} sitzt auf Matte\n`).join('')
  const train = write('train.tsv', `english\tgerman\n${rows(0, 40)}a\t${'lang '.repeat(30)}\n`)
  const test = write('test.tsv', `english\tgerman\n${rows(36, 46)}`)
  const said = await succeed(
    'train', 'text-pairs', '--data', train, '--set', `testData=${test}`, '--set', 'units=subwords',
    '--set', 'subwords=300', '--set', 'longest=24', '--set', 'width=8', '--set', 'epochs=1', '--runs', runs,
  )
  expect(said).toMatch(/1 of 41 training pairs has more than longest=24 tokens[^]*--set longest=\d+/)
  expect(said).toMatch(/4 examples stand in both the training and the test part, of the 10/)
  // Four words and more: BLEU counts.
  expect(said).toMatch(/BLEU/)
  expect(await asked('a dog ☂')).toMatch(/tokens/)
  // A sentence may end like a file, however long it is.
  expect(await asked('cat.txt sits on mat.txt')).toMatch(/tokens/)
  expect(await asked('cat sits on mat.png')).toMatch(/tokens/)
  expect(await asked(write('pictures.txt', 'mat.png\ncat.csv\n'))).toMatch(/mat\.png → [^]*cat\.csv → /)
  const long = await called('predict', 'latest', `${'cat '.repeat(1200)}mat.txt`, '--runs', runs)
  expect(long).toMatchObject({ code: 1, stderr: expect.stringMatching(/at most 23 tokens/) as string })
  const words = await called('predict', 'latest', 'cat 3 sits', '--words', '--runs', runs)
  expect(words).toMatchObject({ code: 1, stderr: expect.stringMatching(/on a class[^]*answers with a text/) as string })
  expect(words.stderr).not.toMatch(/\n\s+at /)
}, PATIENCE)
