// A table of divisions that is made: every x / y modulo a prime number, half of it to learn from.
// Source: Power and others, "Grokking: generalization beyond overfitting on small algorithmic datasets", 2022.
import type { Dataset } from '@ddlf/data'
import type { DataPart, DataSource } from '@ddlf/lab/experiments'
import { UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey } from '@ddlf/tensor/random'

/** What the table follows from. */
export interface DivisionSettings {
  readonly prime: number
  readonly seed: number
}

/** Tokens behind the numbers: the sign between them, and the one behind which the answer stands. */
const SIGNS = ['/', '='] as const
/** x / y = */
export const DIVISION_LENGTH = 4

const isPrime = (value: number) =>
  value > 1 && Array.from({ length: Math.floor(Math.sqrt(value)) - 1 }, (_, i) => i + 2).every(by => value % by !== 0)
export const PRIMES = Array.from({ length: 200 }, (_, value) => value).filter(isPrime)

/** Tokens that there are. */
export const divisionTokens = (prime: number): readonly string[] =>
  [...Array.from({ length: prime }, (_, value) => String(value)), ...SIGNS]

/** The number that gives x when it is multiplied by y. */
export function quotient(x: number, y: number, prime: number): number {
  // y to the power of prime - 2 is 1 / y (Fermat).
  let inverse = 1
  for (let i = 0; i < prime - 2; i++) inverse = (inverse * y) % prime
  return (x * inverse) % prime
}

/** Half of the table, drawn by the seed: `tokens` int32 [4], `labels`. */
export function divisionTable(part: DataPart, { prime, seed }: DivisionSettings): Dataset {
  const count = prime * (prime - 1)
  const learned = Math.floor(count / 2)
  const order = permutation(randomKey(seed, 'divisions'), count)
  const own = Array.from(part === 'train' ? order.slice(0, learned) : order.slice(learned), place =>
    [Math.floor(place / (prime - 1)), 1 + (place % (prime - 1))] as const)
  return {
    name: `divisions/${part}`,
    length: own.length,
    columns: {
      tokens: {
        dtype: 'int32',
        shape: [DIVISION_LENGTH],
        data: Int32Array.from(own.flatMap(([x, y]) => [x, prime, y, prime + 1])),
      },
      labels: { dtype: 'int32', shape: [], data: Int32Array.from(own, ([x, y]) => quotient(x, y, prime)) },
    },
    classes: divisionTokens(prime),
  }
}

/** What a person asks, 3 / 4, as tokens. @throws UserError for what is no division of the table */
function askedDivision(text: string, prime: number): Int32Array {
  const [, x = '', y = ''] = /^\s*(\d+)\s*\/\s*(\d+)\s*=?\s*$/.exec(text) ?? []
  if (x !== '' && Number(x) < prime && Number(y) < prime && Number(y) > 0)
    return Int32Array.of(Number(x), prime, Number(y), prime + 1)
  throw new UserError({
    rule: `The table has divisions of 0 to ${prime - 1} by 1 to ${prime - 1}.`,
    received: JSON.stringify(text.slice(0, 60)),
    next: 'Write one like 3 / 4.',
  })
}

export const divisions: DataSource<DivisionSettings> = {
  name: 'made divisions',
  parts: ['train', 'test'],
  decides: ['prime'],
  form: ({ prime }) => ({
    columns: { tokens: { dtype: 'int32', shape: [DIVISION_LENGTH] }, labels: { dtype: 'int32', shape: [] } },
    classes: divisionTokens(prime),
    vocabulary: prime + SIGNS.length,
    examples: Math.floor((prime * (prime - 1)) / 2),
  }),
  load: (part, settings) => Promise.resolve(divisionTable(part, settings)),
  textForm: ({ prime }) => Promise.resolve({
    read: text => askedDivision(text, prime),
    counts: 'tokens that are not 0',
    told: `x / y = as four tokens: x, ${prime} for the division, y, ${prime + 1} for what asks for the answer`,
  }),
}
