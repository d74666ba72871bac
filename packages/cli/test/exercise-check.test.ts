// A learner's file that loops, throws, exits or takes all memory is explained, and takes nothing else with it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkFile } from '../src/exercises/check-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'ddlf-exercise-'))
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
afterAll(() => rmSync(folder, { recursive: true }))

const topic = { slug: 'mlp-on-mnist' }
const exercise = { name: 'momentum' }
const head = '// The first line.\ninterface Unused { readonly a: number }\n\nexport function momentumStep(parameter: ' +
  'number[], velocity: number[], gradient: number[]): unknown {\n'

test.each([
  [
    'a loop without an end',
    `${head}  for (;;) parameter[0] = 1\n}\n`,
    /did not come to an end in 2 s/,
    /loop whose condition/,
  ],
  [
    'a loop at the top',
    'let a = 0\nwhile (a < 1) a *= 2\nexport const momentumStep = () => a\n',
    /did not come to an end in 2 s/,
    /loop/,
  ],
  [
    'an error',
    `${head}  const missing = undefined as unknown as { a: { b: number } }\n  return missing.a.b + gradient.length + ` +
    `velocity.length\n}\n`,
    /throws an error/,
    /line 6: TypeError: Cannot read properties of undefined/,
  ],
  ['an error that is none', `${head}  throw 'no'\n}\n`, /throws an error/, /It threw "no"/],
  [
    'a promise that never settles', `await new Promise(() => undefined)\n${head}  return 1\n}\n`,
    /waits for a promise that never settles/, /resolve or reject/,
  ],
  ['process.exit', `${head}  process.exit(3)\n}\n`, /ends the program/, /process\.exit\(3\)/],
  [
    'a list that grows',
    `${head}  const all: number[][] = []\n  for (;;) all.push(new Array<number>(1000).fill(0))\n}\n`,
    /more than 512 MB|did not come to an end/,
    /grows|loop/,
  ],
  [
    'very many numbers', `${head}  return new Float32Array(1e7)\n}\n`,
    /./, /received {2}\[0,[^]{1,2000}"and 9999800 more"\]$/,
  ],
  [
    'very many fields', `${head}  return Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [i, 0]))\n}\n`,
    /./, /received {2}\{"0":0,[^]{1,2000} …$|"…":"and 99800 more"\}$/,
  ],
  ['very many words', `${head}  throw new Error('x'.repeat(1e6))\n}\n`, /throws an error/, /Error: x{1,2000} …$/],
  [
    'an error that says nothing', `${head}  throw Object.assign(new Error('x'), { name: Symbol() })\n}\n`,
    /throws an error/, /cannot be put into words/,
  ],
  [
    'a word of its own', `import { parentPort } from 'node:worker_threads'\nparentPort?.postMessage(null)\n` +
    `parentPort?.postMessage({ loss: 1 })\n${head}  return 1n\n}\n`, /./, /received {2}1n$/,
  ],
  [
    'a verdict of its own',
    `import { MessagePort, parentPort, workerData } from 'node:worker_threads'
const right = { kind: 'right', ...(workerData as object) }
parentPort?.postMessage(right)
const send = MessagePort.prototype.postMessage
MessagePort.prototype.postMessage = function (message: object) { send.call(this, { ...message, ...right }) }
if (parentPort) parentPort.postMessage = message => send.call(parentPort, { ...message, ...right })
${head}  return 2n
}
`,
    /./, /received {2}2n$/,
  ],
  ['what does not compile', 'export function momentumStep( {\n', /does not compile/, /line 2: /],
  ['a missing function', 'export const other = 1\n', /must export a function named momentumStep/, /received/],
] as const)(
  '%s',
  async (name, code, because, details) => {
    const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.ts`)
    writeFileSync(file, code)
    const wrong = await checkFile(file, topic, exercise, { seconds: /grows|many/.test(name) ? 20 : 2 })
    expect(wrong).toEqual({
      because: expect.stringMatching(because) as string,
      details: expect.stringMatching(details) as string,
    })
  },
  600_000,
)

test('a right answer is right', async () => {
  const file = join(folder, 'right.ts')
  writeFileSync(file, `export const momentumStep = (
    parameter: number[], velocity: number[], gradient: number[],
    { learningRate, momentum }: { learningRate: number; momentum: number },
  ) => {
  const next = velocity.map((v, i) => momentum * v + gradient[i]!)
  return { velocity: next, parameter: parameter.map((p, i) => p - learningRate * next[i]!) }
}
`)
  expect(await checkFile(file, topic, exercise)).toBeUndefined()
}, 600_000)
