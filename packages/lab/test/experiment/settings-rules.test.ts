// Rules over several settings: told together with what is wrong with others, and never of what is wrong itself.
import { expect, it } from 'vitest'
import { z } from 'zod'
import { parseSettings } from '../../src/experiment/experiment.ts'
import { faultsOf } from '../../src/experiment/settings-error.ts'
import { trainingSettings } from '../../src/experiment/training-settings.ts'

const config = z
  .strictObject({
    ...trainingSettings.shape,
    heads: z.number().int().min(1).default(4),
    width: z.number().int().min(1).default(64),
    shortest: z.number().int().default(1),
    longest: z.number().int().default(9),
  })
  .refine(({ heads, width }) => width % heads === 0, {
    path: ['heads'],
    error: ({ input }) => `must divide width=${(input as { readonly width: number }).width}`,
  })
  .refine(({ shortest, longest }) => shortest < longest, { path: ['shortest'], error: 'must be below longest' })

const faultsWith = (given: Readonly<Record<string, unknown>>) => {
  try {
    return parseSettings({ name: 'ruled', config }, given)
  } catch (error) {
    return faultsOf(error)
  }
}

it.each([
  ['a rule that is broken beside a wrong setting', { epochs: 'many', heads: 3 },
    { epochs: 'epochs must be a number.', heads: 'heads must divide width=64.' }],
  ['two of them', { epochs: 'many', heads: 3, width: 10, shortest: 9 },
    { epochs: 'epochs must be a number.', heads: 'heads must divide width=10.',
      shortest: 'shortest must be below longest.' }],
  ['no rule of what is wrong itself, but the other', { width: 'wide', heads: 3, shortest: 10 },
    { width: 'width must be a number.', shortest: 'shortest must be below longest.' }],
  ['no rule of what is out of its range', { width: 0 }, { width: 'width must be at least 1.' }],
  ['a rule alone, once', { heads: 3 }, { heads: 'heads must divide width=64.' }],
  ['a setting out of its range beside a rule, each once', { epochs: 0, heads: 3 },
    { epochs: 'epochs must be at least 1.', heads: 'heads must divide width=64.' }],
  ['no rule that is kept', { epochs: 'many' }, { epochs: 'epochs must be a number.' }],
])('%s', (_, given, faults) => {
  expect(faultsWith(given)).toEqual(faults)
})

it('all faults stand in one refusal with what was received', () => {
  expect(() => parseSettings({ name: 'ruled', config }, ['epochs=many', 'heads=3'])).toThrow(
    /Settings of ruled: epochs must be a number; heads must divide width=64\.[^]*Received: epochs="many", heads=3/,
  )
})
