// Options of ddlf sample that the model makes nothing of are refused, those that have defaults too.
import { expect, it } from 'vitest'
import { checkGiven } from '../src/actions/sample.ts'
import { givenNames, sampleCommand } from '../src/commands/sample.ts'

/** The names of what was written. */
async function given(...words: readonly string[]): Promise<readonly string[]> {
  const command = sampleCommand().exitOverride().action(() => undefined)
  await command.parseAsync(['made/20260101-000000-aaaa', ...words], { from: 'user' })
  return givenNames(command)
}

it.each([
  ['--prompt', 'ROMEO:'], ['--tokens', '300'], ['--temperature', '0.8'], ['--top-k', '3'], ['--top-p', '0.5'],
  ['--stop', 'x'],
])('%s %s is for a model of texts', async (option, value) => {
  const names = await given(option, value)
  expect(() => checkGiven(names, 'made/a', 'pictures')).toThrow(`${option} is for a model of texts.`)
  expect(() => checkGiven(names, 'made/a', 'text')).not.toThrow()
})

it.each([['--count', '3'], ['--out', 'x.png'], ['--judge', 'made/b']])(
  '%s %s is for a model that makes pictures',
  async (option, value) => {
    const names = await given(option, value)
    expect(() => checkGiven(names, 'made/a', 'text')).toThrow(`${option} is for a model that makes pictures.`)
    expect(() => checkGiven(names, 'made/a', 'pictures')).not.toThrow()
  },
)

it('what both know, and defaults, are refused by neither', async () => {
  const names = await given('--seed', '2')
  expect(() => checkGiven(names, 'made/a', 'text')).not.toThrow()
  expect(() => checkGiven(names, 'made/a', 'pictures')).not.toThrow()
})

it.each([
  ['--out', ''], ['--tokens', '0'], ['--temperature', 'NaN'], ['--top-p', '0'], ['--count', '0'], ['--stop', ''],
])("%s '%s' is refused with what to write instead", async (option, value) => {
  await expect(given(option, value)).rejects.toMatchObject({
    parts: { next: expect.stringContaining(option) as string },
  })
})
