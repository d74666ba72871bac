// Random programs of exported functions, gradients included, mean on every runtime what they mean in PyTorch.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  cast, differentiate, evaluate, graph, mul, sum, tensor, UserError, type Graph, type Tensor, type TypedArray,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { allocate, type DType } from '../src/ir/dtype.ts'
import { apiProgram, trace, type ApiProgram, type Argument } from './api-programs.ts'
import { cotangent } from './op-cases.ts'

type Numbers = readonly number[]
/** What PyTorch makes of a program at one precision, or why it refuses. */
type Meaning = { readonly values: readonly Numbers[]; readonly gradients: readonly (
  Numbers | null
)[] } | { readonly refused: string }
interface Golden {
  readonly leaves: readonly { readonly shape: Numbers; readonly dtype: DType; readonly data: Numbers }[]
  readonly calls: ApiProgram['calls']
  readonly float32: Meaning
  readonly float64: Meaning
}

/** Numbers that JSON has no notation for are strings in the file. */
const NOTATIONS: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity, '-0': -0 }
const parse = (text: string) => JSON.parse(
  text, (_, value: unknown) => (typeof value === 'string' ? (NOTATIONS[value] ?? value) : value),
) as { programs: Golden[] }
const written = (_: string, value: unknown) =>
  (Object.is(value, -0) ? '-0' : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)

/** The programs of the golden file; or others, where DDLF_PYTHON names a Python with PyTorch. */
function goldenPrograms(): Golden[] {
  const python = process.env['DDLF_PYTHON']
  if (python === undefined) return parse(readFileSync(new URL('./golden/programs.json', import.meta.url), 'utf8'))
    .programs
  const [count, seed] = [Number(process.env['DDLF_PROGRAMS'] ?? 300), Number(process.env['DDLF_SEED'] ?? 1)]
  const programs = Array.from({ length: count }, (_, i) => apiProgram(seed, i)).filter(({ calls }) => calls.length > 0)
    .map(({ leaves, calls }) => ({ leaves: leaves.map(leaf => ({ ...leaf, data: [...leaf.data] })), calls }))
  const folder = mkdtempSync(join(tmpdir(), 'ddlf-programs-'))
  try {
    writeFileSync(join(folder, 'programs.json'), JSON.stringify(programs, written))
    const script = new URL('./golden/programs.py', import.meta.url).pathname
    return parse(execFileSync(
      python, ['-B', '-W', 'ignore', script, join(folder, 'programs.json')], { encoding: 'utf8', maxBuffer: 2 ** 30 },
    )).programs
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const close = (a: number, b: number, tolerance: number) =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))

/**
 * Where a list differs from PyTorch's: not where double precision gives other values, since rounding decides there.
 * PyTorch multiplies what is not finite by the zeros of a mask or of a step function, and divides a product that is
 * infinite by its factor, and gets NaN; here a gradient is chosen, and a product's is made of its factors.
 */
function differences(actual: ArrayLike<number>, single: Numbers, double: Numbers, exact: ArrayLike<number>, spare: (
  got: number,
) => boolean): string[] {
  if (actual.length !== single.length) return [`${actual.length} elements instead of ${single.length}`]
  return single.flatMap((want, i) => Number.isNaN(want) && spare(actual[i]!) ? [] :
    close(want, double[i]!, 1e-5) && (close(actual[i]!, exact[i]!, 1e-5) || close(exact[i]!, want, 1e-5)) && !close(
      actual[i]!, want, 1e-3,
    )
      ? [`element ${i}: ${actual[i]} instead of ${want}`] : [])
}

const runtime = onnxNodeRuntime({ threads: 1 })

/** A program as a graph of its results and of the gradients of the last one. */
function graphOf(program: ApiProgram): { whole: Graph; results: number; differentiated: readonly number[] } {
  const { inputs, made } = trace(program)
  const last = made.at(-1)!
  const wanted = inputs.flatMap(({ dtype }, i) => (dtype === 'float32' ? [i] : []))
  let gradients: Tensor[] = []
  try {
    if (last.dtype === 'float32') gradients = differentiate(
      sum(mul(last, tensor(cotangent(last.size), { shape: last.shape }))), wanted.map(i => inputs[i]!),
    )
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
  const outputs = [...made.map(value => (value.dtype === 'bool' ? cast(value, 'uint8') : value)), ...gradients]
  return {
    whole: graph('program', inputs, outputs), results: made.length, differentiated: gradients.length > 0 ? wanted : [],
  }
}

/** Nothing where a user's error refuses, as an integer divided by 0 is. */
function refused(error: unknown): undefined {
  if (error instanceof UserError) return undefined
  throw error
}

function valuesOrRefusal<T>(compute: () => T): T | undefined {
  try {
    return compute()
  } catch (error) {
    refused(error)
    return undefined
  }
}

/** All differences of a program from PyTorch, on both runtimes. */
async function differencesOf({ leaves, calls, float32, float64 }: Golden): Promise<string[]> {
  if ('refused' in float32 || 'refused' in float64) return []
  const program = {
    leaves: leaves.map(({ shape, dtype, data }) => ({ shape, dtype, data: filled(dtype, data) })), calls,
  }
  const { whole, results, differentiated } = graphOf(program)
  const data = program.leaves.map(leaf => leaf.data)
  const doubled =
    new Map(whole.inputs.map((leaf, i) => [leaf, leaf.dtype === 'float32' ? Float64Array.from(data[i]!) : data[i]!]))
  const executable = await runtime.compile(whole)
  const native = await executable.run(data).catch(refused).finally(() => executable.release())
  const reference =
    valuesOrRefusal(() => evaluate(whole.outputs, new Map(whole.inputs.map((leaf, i) => [leaf, data[i]!]))))
  if (!reference || !native) return Boolean(reference) === Boolean(native) ? []
    : ['one runtime refuses what the other computes']
  const exact = evaluate(whole.outputs, doubled, 'float64')
  return [['reference', reference] as const, ['native', native] as const].flatMap(([name, values]) =>
    (values as TypedArray[]).flatMap((list, i) => {
      const of = (meaning: Exclude<Meaning, { refused: string }>) =>
        (i < results ? meaning.values[i] : meaning.gradients[differentiated[i - results]!])
      const [single, double] = [of(float32), of(float64)]
      const what = i < results ? `result ${i}, ${calls[i]!.name}`
        : `gradient of ${calls.map(({ name: call }) => call).join(' > ')}`
      // PyTorch gives no gradient where a result does not depend on what has one.
      return single && double ? differences(
        list, single, double, exact[i]!, got => i >= results && (got === 0 || calls.some(call => call.name === 'prod')),
      ).slice(0, 1).map(difference => `${name}, ${what}: ${difference}`) : []
    }))
}

function filled(dtype: DType, values: Numbers): TypedArray {
  const data = allocate(dtype, values.length)
  data.set(values)
  return data
}

const shown = (argument: Argument | ApiProgram) => JSON.stringify(argument, written)

describe('programs of exported functions', () => {
  const programs = goldenPrograms()

  it('mean what they mean in PyTorch', { timeout: 60_000 + programs.length * 1000 }, async () => {
    const found: string[] = []
    for (const golden of programs) {
      const { leaves, calls } = golden
      for (const difference of await differencesOf(golden)) found.push(
        `${difference}\n  ${shown({ leaves, calls } as unknown as Argument)}`,
      )
    }
    expect(found.slice(0, Number(process.env['DDLF_SHOWN'] ?? 5))).toEqual([])
  })

  it('cover most functions, and PyTorch refuses few of them', () => {
    expect(programs.filter(({ float32 }) => 'refused' in float32).length).toBeLessThan(programs.length / 4)
    expect(new Set(programs.flatMap(({ calls }) => calls.map(({ name }) => name))).size).toBeGreaterThan(40)
  })
})
