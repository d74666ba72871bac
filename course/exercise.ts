// What an exercise is: a file with a hole, a check that says what is wrong with the learner's numbers, hints, and an
// answer.

/** What a check finds. */
export interface Finding {
  /** What was asked of the function, for example `softmaxCrossEntropy([1, 2, 3], 0)`. */
  readonly call: string
  readonly expected: unknown
  readonly received: unknown
  /** What the numbers suggest is wrong. */
  readonly because: string
}

export interface Exercise {
  /** As typed: `softmax-cross-entropy`; also the name of its two files. */
  readonly name: string
  readonly title: string
  /** From the gentle to the plain. */
  readonly hints: readonly string[]
  /** Looks at the module of the learner's file; undefined: it is right. May throw what the learner's code throws. */
  check(module: Readonly<Record<string, unknown>>): Finding | undefined
}

/** A list, or typed numbers as one: a learner's Float32Array says the same as an array. */
export const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))

/** Whether two nested lists of numbers agree within a small tolerance. */
export function agrees(received: unknown, expected: unknown, tolerance = 1e-6): boolean {
  if (typeof expected === 'number')
    return typeof received === 'number' && Math.abs(received - expected) <= tolerance * Math.max(1, Math.abs(expected))
  if (Array.isArray(expected))
    return (
      isList(received) &&
      received.length === expected.length &&
      expected.every((value, i) => agrees(received[i], value, tolerance))
    )
  if (typeof expected === 'object' && expected !== null) {
    return (
      typeof received === 'object' &&
      received !== null &&
      Object.entries(expected).every(([key, value]) =>
        agrees((received as Record<string, unknown>)[key], value, tolerance),
      )
    )
  }
  return Object.is(received, expected)
}

/** A value as a call shows it: a function by its name. */
const written = (value: unknown): string => (typeof value === 'function' ? value.name : JSON.stringify(value))

type Work = (...given: never[]) => unknown

/** The learner's function by name, or a finding that it is missing. */
function functionOf(
  module: Readonly<Record<string, unknown>>,
  name: string,
): ((...given: readonly unknown[]) => unknown) | undefined {
  const found = module[name]
  return typeof found === 'function' ? (found as Work as (...given: readonly unknown[]) => unknown) : undefined
}

/** What a function is given, and what it should give. */
export interface Case {
  readonly given: readonly unknown[]
  readonly expected: unknown
  /** What the received value suggests. */
  readonly because: (received: unknown) => string
}

/** An exercise about one function over cases; the first that fails is explained. */
export const about = (
  name: string,
  title: string,
  functionName: string,
  hints: readonly string[],
  cases: () => readonly Case[],
): Exercise => ({
  name,
  title,
  hints,
  check(module): Finding | undefined {
    const work = functionOf(module, functionName)
    if (!work)
      return {
        call: functionName,
        expected: 'an exported function',
        received: 'none',
        because: `The file must export a function named ${functionName}.`,
      }
    for (const { given, expected, because } of cases()) {
      // A function that is handed over cannot be copied, and need not be.
      const received = work(...given.map(value => (typeof value === 'function' ? value : structuredClone(value))))
      if (!agrees(received, expected, 1e-5))
        return {
          call: `${functionName}(${given.map(written).join(', ')})`,
          expected,
          received,
          because: because(received),
        }
    }
    return undefined
  },
})

/** The explanation of the first mistake whose result was received, else what is to be done. */
export const named = (mistakes: readonly (readonly [result: unknown, because: string])[], otherwise: string) =>
  (received: unknown): string => mistakes.find(([result]) => agrees(received, result, 1e-5))?.[1] ?? otherwise

/** A field of something that a learner's function gave. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
