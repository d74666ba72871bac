// Runs what a learner wrote and has it checked: the same check as in the terminal.
import { transform } from 'sucrase'
import type { Exercise } from '@ddlf/course'
import { cutText, shownValue } from '@ddlf/course/shown-value'
import { AT, EACH, guardLoops } from './loop-guard.ts'

/** What came of a try. */
export type Outcome =
  | { readonly kind: 'right' }
  /** The call, what it should have given, what it gave, and why that may be. */
  | {
      readonly kind: 'wrong'
      readonly call: string
      readonly expected: string
      readonly received: string
      readonly because: string
    }
  /** It does not read as TypeScript, it threw, or it did not end. */
  | { readonly kind: 'broken'; readonly message: string; readonly line: number | undefined }

/** Milliseconds after which a loop counts as endless. */
export const PATIENCE = 4000
const CHECK_EVERY = 2000

class Endless extends Error {
  readonly line: number

  constructor(line: number) {
    super(`This loop had not ended after ${PATIENCE / 1000} seconds.`)
    this.line = line
  }
}

/** Throws in the loop that runs too long. */
function watch(now: () => number) {
  const until = now() + PATIENCE
  let count = 0
  const at = (line: number): true => {
    if (++count % CHECK_EVERY === 0 && now() > until) throw new Endless(line)
    return true
  }
  function* each<T>(line: number, values: Iterable<T>): Generator<T> {
    for (const value of values) {
      at(line)
      yield value
    }
  }
  return { at, each }
}

const FILE = 'exercise.js'

/** A function of some code, that says its place in errors as `exercise.js:<line>`. */
const functionOf = (code: string) =>
  // The learner's own code, run at their wish in a worker of its own.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what this worker is for
  new Function('exports', AT, EACH, `${code}\n//# sourceURL=${FILE}`) as (
    exports: object,
    at: unknown,
    each: unknown,
  ) => void

/** WebKit names no file in the stack of such code, and the line at the error itself. */
const ofNoFile = /^[^@\n]*@(?:\n|$)/

const lineIn = (error: unknown): number | undefined => {
  const { stack = '', line: own } = error instanceof Error ? (error as Error & { readonly line?: unknown }) : {}
  const [, line] = new RegExp(`${FILE}:(\\d+)`).exec(stack) ?? []
  if (line !== undefined) return Number(line)
  return typeof own === 'number' && ofNoFile.test(stack) ? own : undefined
}

/** Lines that an engine puts before a function's body. */
function linesBefore(): number {
  try {
    functionOf('throw new Error()')({}, undefined, undefined)
  } catch (error) {
    return (lineIn(error) ?? 1) - 1
  }
  return 0
}

/** What a learner's code threw. It may be anything, and what is asked of it may throw as well. */
function thrown(error: unknown): Outcome {
  try {
    if (error instanceof Endless) return { kind: 'broken', message: error.message, line: error.line }
    const line = lineIn(error)
    const message = error instanceof Error ? `${error.name}: ${error.message}` : `It threw ${String(error)}`
    return { kind: 'broken', message: cutText(message), line: line === undefined ? undefined : line - linesBefore() }
  } catch {
    return { kind: 'broken', message: 'It threw something that cannot be put into words.', line: undefined }
  }
}

/** Types away, exports into an object, loops guarded; lines stay where they were. @throws what sucrase throws */
function compiled(source: string): string {
  const { code } = transform(source, { transforms: ['typescript', 'imports'], disableESTransforms: true })
  return guardLoops(code)
}

/** The place and the words of sucrase's error: `Error parsing ...: Unexpected token (3:5)`. */
function readingTrouble(error: unknown): Outcome {
  const text = error instanceof Error ? error.message : String(error)
  const [, words = text, line] = /^(?:Error transforming [^:]*: )?(.*?)\s*\((\d+):\d+\)/s.exec(text) ?? []
  return {
    kind: 'broken',
    message: `This is not TypeScript: ${words}`,
    line: line === undefined ? undefined : Number(line),
  }
}

/**
 * Tries a learner's file.
 * @param now milliseconds, for the patience with loops
 */
export function runExercise(
  { check }: Pick<Exercise, 'check'>,
  source: string,
  now = () => performance.now(),
): Outcome {
  let code: string
  try {
    code = compiled(source)
  } catch (error) {
    return readingTrouble(error)
  }
  const module: Record<string, unknown> = {}
  const { at, each } = watch(now)
  try {
    functionOf(code)(module, at, each)
    const finding = check(module)
    if (!finding) return { kind: 'right' }
    const { call, expected, received, because } = finding
    return { kind: 'wrong', call, expected: shownValue(expected), received: shownValue(received), because }
  } catch (error) {
    return thrown(error)
  }
}
