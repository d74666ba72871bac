// Exercises as the pages run them: right answers, typical mistakes, thrown errors with their line, loops that do not
// end.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topics } from '@ddlf/course'
import { guardLoops } from '../packages/site/src/exercises/loop-guard.ts'
import { runExercise } from '../packages/site/src/exercises/run-exercise.ts'
import { shutOut } from '../packages/site/src/exercises/shut-out.ts'

const exercises = topics.flatMap(topic => topic.exercises ?? [])
const folders = readdirSync(new URL('../course/topics/', import.meta.url))
  .map(name => new URL(`../course/topics/${name}/exercises/`, import.meta.url))
const read = (kind: 'holes' | 'answers', name: string) => {
  const file = folders.map(folder => new URL(`${kind}/${name}.ts`, folder)).find(one => existsSync(one))
  return readFileSync(file!, 'utf8')
}
const named = (name: string) => exercises.find(one => one.name === name)!

describe.each(exercises.map(({ name }) => name))('%s', name => {
  it('is right with its answer, and not with its hole', () => {
    expect(runExercise(named(name), read('answers', name))).toEqual({ kind: 'right' })
    expect(runExercise(named(name), read('holes', name)).kind).not.toBe('right')
  })
})

describe('a try', () => {
  const softmax = named('softmax-cross-entropy')
  const attempt = (body: string, now?: () => number) =>
    runExercise(
      softmax,
      `// a comment\nexport function softmaxCrossEntropy(logits: number[], label: number) {\n${body}\n}\n`,
      now,
    )

  it('that gives probabilities for gradients is told so', () => {
    const body =
      'const p = logits.map(z => Math.exp(z)); const s = p.reduce((a, b) => a + b)\nreturn { loss: ' +
      '-Math.log(p[label]! / s), gradient: p.map(x => x / s) }'
    expect(attempt(body)).toMatchObject({
      kind: 'wrong',
      call: 'softmaxCrossEntropy([1,2,3], 2)',
      because: expect.stringContaining('1 is still to be subtracted') as string,
    })
  })
  it('that forgets the sign is told so', () => {
    const body =
      'const p = logits.map(z => Math.exp(z)); const s = p.reduce((a, b) => a + b)\nreturn { loss: ' +
      'Math.log(p[label]! / s), gradient: p.map((x, k) => x / s - (k === label ? 1 : 0)) }'
    expect(attempt(body)).toMatchObject({ kind: 'wrong', because: expect.stringContaining('-log p') as string })
  })
  it('without the function is told its name', () => {
    expect(runExercise(softmax, 'export const other = 1')).toMatchObject({
      kind: 'wrong',
      call: 'softmaxCrossEntropy',
      received: 'none',
    })
  })
  it('that throws names the line', () => {
    expect(attempt('const x: number[] = []\nif (label >= 0) throw new Error("not yet")\nreturn x')).toEqual({
      kind: 'broken',
      message: 'Error: not yet',
      line: 4,
    })
    expect(attempt('return (undefined as any).x')).toMatchObject({
      kind: 'broken',
      line: 3,
      message: expect.stringContaining('TypeError') as string,
    })
  })
  it("that throws names the line in WebKit, whose stacks name no file of it", () => {
    // As MiniBrowser 2.50 has them, two lines before the body of a function.
    const thrown = (stack: string) => [
      "const e = Object.assign(new Error('x'), { line: 5 })",
      `Object.defineProperty(e, 'stack', { value: '${stack}' })`,
      'throw e',
    ].join('\n')
    const inTheirs = thrown('softmaxCrossEntropy@\\n@\\ncheck@http://localhost/worker.js:1:2')
    expect(attempt(inTheirs)).toMatchObject({ line: 3 })
    // An error of the check, or of the engine, is at no line of the learner's.
    expect(attempt(thrown('check@http://localhost/worker.js:1:2\\n@'))).toMatchObject({ line: undefined })
  })
  it.each([
    'Object.create(null)', '{ toString() { throw new Error("no") } }',
    'new (class extends Error { get message() { throw 1 } })()',
    'Object.assign(new Error("x"), { name: Symbol() })', 'new Proxy({}, { getPrototypeOf() { throw 1 } })',
  ])('is answered whatever it throws: %s', thrown => {
    expect(attempt(`throw ${thrown}`)).toEqual({
      kind: 'broken', message: 'It threw something that cannot be put into words.', line: undefined,
    })
  })
  it('that gives or throws very much is answered in a few words', () => {
    const outcome = (body: string) => runExercise({
      check: module => ({
        call: 'f()', expected: 1, received: (module['f'] as () => unknown)(), because: 'It is too much.',
      }),
    }, `export const f = (): unknown => { ${body} }`)
    expect(outcome('return new Array(100_000).fill(0)')).toMatchObject({
      received: expect.stringMatching(/^\[0,.*,"and 99800 more"\]$/) as string,
    })
    const lengthOf = (text: string) => expect.stringMatching(new RegExp(`^.{${text.length}} …$`)) as string
    const most = 'x'.repeat(2000)
    expect(outcome('return "x".repeat(100_000)')).toMatchObject({ received: lengthOf(most) })
    expect(outcome('return { a: "x".repeat(100_000) }')).toMatchObject({ received: lengthOf(most) })
    expect(outcome('throw new Error("x".repeat(100_000))')).toMatchObject({ message: lengthOf(most) })
    expect(outcome('return 3n')).toMatchObject({ received: '3n' })
    expect(outcome('return new Float32Array(1e7)')).toMatchObject({
      received: expect.stringMatching(/^\[0,.*,"and 9999800 more"\]$/) as string,
    })
    expect(outcome('return Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [i, 0]))')).toMatchObject({
      received: expect.stringMatching(/^\{"0":0,.*,"…":"and 99800 more"\}$/) as string,
    })
    // What is wide at every depth, and what holds itself.
    const nested = 'let all = [0]; for (let i = 0; i < 12; i++) all = new Array(150).fill(all); return all'
    expect(outcome(nested)).toMatchObject({ received: expect.stringMatching(/^\[{13}0\],.{1900,2000} …$/) as string })
    expect(outcome('const all = [1]; all.push(all); return all')).toMatchObject({
      kind: 'wrong', received: expect.stringMatching(/^\[1,\[1,\[1,/) as string,
    })
  })
  it.each([
    ['new Map([["good", 2], ["film", 1]])', 'Map {"good" => 2,"film" => 1}'],
    ['new Set(["a", new Map([[1, new Set()]])])', 'Set {"a",Map {1 => Set {}}}'],
    ['new Map(Array.from({ length: 1000 }, (_, i) => [i, 0]))', /^Map \{0 => 0,.*,"and 800 more"\}$/],
    ['[2n, NaN, Infinity, undefined, null, Symbol("x")]', '[2n,NaN,Infinity,undefined,null,Symbol(x)]'],
    ['[1 / 3, -0, "NaN", true]', '[0.333333,0,"NaN",true]'],
    ['{ at: /a/g, f: Math.max, g: (() => () => 1)(), [Symbol()]: 1 }', '{"at":/a/g,"f":function max,"g":a function}'],
    ['(async () => 1)()', 'a promise'],
    ['undefined', 'undefined'],
  ])('that gives what JSON has no words for is shown it: %s', (given, shown) => {
    const check = (module: Record<string, unknown>) =>
      ({ call: 'f()', expected: 1, received: (module['f'] as () => unknown)(), because: 'It is something else.' })
    expect(runExercise({ check }, `export const f = (): unknown => (${given})`)).toMatchObject({
      received: typeof shown === 'string' ? shown : expect.stringMatching(shown) as string,
    })
  })
  it('that is no TypeScript names the line', () => {
    expect(attempt('const = 3')).toMatchObject({
      kind: 'broken',
      line: 3,
      message: expect.stringContaining('This is not TypeScript') as string,
    })
  })
  it.each([
    ['while (true) {}', 4],
    ['for (;;) label++', 4],
    ['do label++; while (label > 0)', 4],
    ['for (const x of logits) logits.push(x)', 4],
    ['const s = "while (x) {"; while (s) { /* ) */ }', 4],
  ])('that does not end names the line of its loop: %s', (loop, line) => {
    let time = 0
    const outcome = attempt(`let i = 0\n${loop}\nreturn i`, () => (time += 3000))
    expect(outcome).toEqual({ kind: 'broken', message: 'This loop had not ended after 4 seconds.', line })
  })
})

describe('guarded loops', () => {
  const run = (code: string): unknown => {
    let calls = 0
    const at = () => ++calls > 0
    function* each(_: number, values: Iterable<unknown>) {
      yield* values
    }
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- as the worker evaluates
    return (new Function('__at', '__each', guardLoops(code)) as (...given: unknown[]) => unknown)(at, each)
  }
  it.each([
    ['let s = 0; for (let i = 0, n = "a;b".length; i < n; i++) s += i; return s', 3],
    ['let s = 0; for (const [k, v] of Object.entries({ a: 1, b: 2 })) s += v + k.length; return s', 5],
    ['let s = 0; for (const k in { a: 1, b: 2 }) s += k.length; return s', 2],
    ['let n = 10, s = 0; while (n --> 0) if (n % 2) continue; else s += n; return s', 20],
    ['let n = 3; do n--; while (n > 0); return n', 0],
    ['return [1, 2].map(x => { for (let i = 0; i < 2; i++) x += i; return x }).join()', '2,3'],
    [
      'const r = /[/)]while \\(/.test(")while ("); const t = `while (${[1].map(x => x)})`; return t + r',
      'while (1)true',
    ],
    ['let s = ""; for (const x of [1, 2]) for (const y of [3]) { // of (\n s += x * y } return s', '36'],
    ['const o = { while: (x) => x, for: 2 }; return o.while(3) + o.for', 5],
  ])('do what they did: %s', (code, expected) => {
    expect(run(code)).toBe(expected)
  })
  it('keep every line where it was, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'for (',
            'while (',
            ')',
            ';',
            'of ',
            "'",
            '"',
            '`',
            '${',
            '}',
            '{',
            '/',
            '//',
            '/*',
            '*/',
            '\n',
            'a',
            ' ',
          ),
          { maxLength: 40 },
        ),
        parts => {
          const code = parts.join('')
          expect(guardLoops(code).split('\n').length).toBe(code.split('\n').length)
        },
      ),
      { numRuns: 500 },
    )
  })
})

it('the thread of a try loses network, storage, other threads and its word, wherever they are, and no more', () => {
  // As in browsers: some are the global object's own, some getters of its prototypes.
  const kept = { get indexedDB() { return 'all drafts' }, get caches() { return 'all pages' }, setTimeout: () => 1 }
  const between = Object.create(kept, { navigator: { get: () => 'storage', configurable: true } }) as object
  const scope = Object.create(between, {
    BroadcastChannel: { value: () => 'other pages', configurable: true },
    fetch: { value: () => 'the lab', configurable: true, writable: true },
    Worker: { value: () => 'another thread', configurable: true },
    postMessage: { value: () => 'the page', configurable: true },
    close: { value: () => 'no more word', configurable: true },
    Math: { value: Math, configurable: true },
  }) as Record<string, unknown>
  shutOut(scope)
  const gone = ['indexedDB', 'caches', 'navigator', 'BroadcastChannel', 'fetch', 'Worker', 'postMessage', 'close']
  for (const name of gone) {
    expect(scope[name], name).toBeUndefined()
    expect((kept as Record<string, unknown>)[name], name).toBeUndefined()
    expect((between as Record<string, unknown>)[name], name).toBeUndefined()
  }
  expect(scope['Math']).toBe(Math)
  expect(scope['setTimeout']).toBe(kept.setTimeout)
})
