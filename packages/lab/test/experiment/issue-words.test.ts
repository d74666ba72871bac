// What a schema finds wrong, in words: every kind of issue says what the value must be, and none in the schema's own.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { placedIssue } from '../../src/experiment/issue-words.ts'

const wordsFor = (schema: z.ZodType, value: unknown) => {
  const { error } = z.object({ setting: schema }).safeParse({ setting: value })
  return error?.issues.map(placedIssue).join('; ')
}

describe('an issue', () => {
  it.each<[z.ZodType, unknown, string]>([
    [z.number(), 'many', 'setting must be a number'],
    [z.number().int(), 'many', 'setting must be a number'],
    [z.number().int(), 1.5, 'setting must be a whole number'],
    [z.number().min(1), 0, 'setting must be at least 1'],
    [z.number().positive(), 0, 'setting must be more than 0'],
    [z.number().max(1), 2, 'setting must be at most 1'],
    [z.number().lt(1), 1, 'setting must be less than 1'],
    [z.number(), NaN, 'setting must be a number'],
    [z.number().multipleOf(8), 12, 'setting must be a multiple of 8'],
    [z.string(), 1, 'setting must be a text'],
    [z.string().min(2), '', 'setting must have at least 2 letters'],
    [z.boolean(), 'yes', 'setting must be true or false'],
    [z.array(z.number()).min(2), [1], 'setting must have at least 2 entries'],
    [z.array(z.number()), [1, 'x'], 'setting.1 must be a number'],
    [z.array(z.number()), 1, 'setting must be a list'],
    [z.enum(['sgd', 'adam']), 'adm', 'setting must be one of sgd, adam'],
    [z.literal('auto'), 'manual', 'setting must be auto'],
    [z.union([z.number(), z.literal('auto')]), 'x', 'setting must be a number, or be auto'],
    [z.number().refine(value => value % 2 === 0, 'an even number'), 3, 'setting: an even number'],
  ])('%#: says what the value must be', (schema, value, words) => {
    expect(wordsFor(schema, value)).toBe(words)
  })

  it('of a whole that has no place stands by itself', () => {
    expect(z.strictObject({}).safeParse({ x: 1 }).error?.issues.map(placedIssue)).toEqual(['Unrecognized key: "x"'])
  })
})
