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

/** Whether two nested lists of numbers agree within a small tolerance. */
export function agrees(received: unknown, expected: unknown, tolerance = 1e-6): boolean {
  if (typeof expected === 'number')
    return typeof received === 'number' && Math.abs(received - expected) <= tolerance * Math.max(1, Math.abs(expected))
  if (Array.isArray(expected))
    return (
      Array.isArray(received) &&
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
