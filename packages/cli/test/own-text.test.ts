// A text of one's own by commands: looked at, trained on, stopped and resumed, gone on with, and begun from; and
// mistakes.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ddlf, eventsOf, start, workFolder, type Ran } from './command.ts'
import { called } from './in-process.ts'

const PATIENCE = 600_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const expectSuccess = ({ code, stderr, stdout }: Ran): string => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}
const nameOf = (ran: Ran) => String(eventsOf(ran).find(({ kind }) => kind === 'start')?.['run'])
const write = (name: string, text: string | Uint8Array) => {
  const file = path.join(folder, name)
  fs.writeFileSync(file, text)
  return file
}
const small = ['layers=1', 'heads=2', 'width=16', 'blockSize=16', 'evaluateEvery=20'].flatMap(word => ['--set', word])
const book = write('book.txt', Array.from({ length: 60 }, (_, i) => `The ${i}th cat sat on the mat.`).join('\n'))

describe('a text', () => {
  test('is shown, trained on, stopped, resumed and gone on with; another run begins from it', async () => {
    const shown = expectSuccess(await ddlf('data', 'show', book))
    expect(shown).toMatch(
      /1 document, 1,\d+ characters[^]*train[^]*test[^]*different characters[^]*train gpt-on-text --data/,
    )
    const training = start([
      'train',
      'gpt-on-text',
      '--data',
      book,
      ...small,
      '--set',
      'steps=4000',
      '--json',
      '--runs',
      runs,
    ])
    await training.seen(/"kind":"evaluation"/)
    training.interrupt()
    const stopped = await training.ended
    expect(eventsOf(stopped).at(-1)).toMatchObject({ kind: 'done', status: 'stopped' })
    const run = nameOf(stopped)
    const said = (seed: string) =>
      ddlf('sample', run, '--prompt', 'The 1', '--tokens', '20', '--seed', seed, '--json', '--runs', runs)
    const [one, same] = [await said('1'), await said('1')].map(ran => {
      const { texts } = JSON.parse(expectSuccess(ran)) as { texts: { text: string }[] }
      return texts[0]?.text
    })
    expect([one!.length, one]).toEqual([20, same])
    const unseen = await ddlf('sample', run, '--prompt', 'The ñ', '--runs', runs)
    expect(unseen).toMatchObject({ code: 1, stderr: expect.stringMatching(/never seen[^]*"ñ"/) as string })

    const asked = await called('predict', run, 'The cat', '--runs', runs)
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining(`sample ${run} --runs ${runs}`) as string })

    // An export that is refused writes nothing at all; a pipe gets no folder beside it.
    const out = path.join(folder, 'out')
    fs.mkdirSync(path.join(out, 'm-generator'), { recursive: true })
    fs.writeFileSync(path.join(out, 'm-generator', 'generate.mjs'), 'mine')
    const half = await called('export', run, '--out', path.join(out, 'm.onnx'), '--runs', runs)
    expect(half).toMatchObject({ code: 1, stderr: expect.stringMatching(/generate\.mjs is there already/) as string })
    expect(fs.readdirSync(out, { recursive: true }).sort()).toEqual(['m-generator', 'm-generator/generate.mjs'])
    fs.symlinkSync('/dev/null', path.join(out, 'null'))
    expect(await called('export', run, '--out', path.join(out, 'null'), '--runs', runs)).toMatchObject({ code: 0 })
    expect(fs.readdirSync(out).sort()).toEqual(['m-generator', 'null'])
    const whole = await called('export', run, '--out', path.join(out, 'n.onnx'), '--runs', runs)
    expect(whole).toMatchObject({ code: 0 })
    expect(fs.readdirSync(path.join(out, 'n-generator'))).toContain('generate.mjs')

    fs.appendFileSync(book, '\nAnd more.')
    const refused = await ddlf('resume', run, '--runs', runs)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/data of the run have changed/) as string })
    const other = write('other.txt', 'The mat sat on the cat.\n'.repeat(40))
    const from = await ddlf(
      'train',
      'gpt-on-text',
      '--data',
      other,
      '--from',
      run,
      ...small,
      '--set',
      'steps=20',
      '--json',
      '--runs',
      runs,
    )
    expectSuccess(from)
    expect(eventsOf(from)[0]).toMatchObject({
      notes: expect.arrayContaining([expect.stringMatching(/^starts from gpt-on-text/)]) as unknown,
    })
    expect(eventsOf(from).at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
  }, PATIENCE)

  test('that is none, or too short, is refused in words', async () => {
    const mistakes: [string, RegExp][] = [
      [write('bad.txt', Uint8Array.of(0x41, 0xff)), /must hold text in UTF-8[^]*at 1: ff/],
      [write('empty.txt', ''), /must hold text[^]*an empty file/],
      [write('blank.txt', ' \n'), /must hold text[^]*a file with nothing but blanks/],
      [write('short.txt', 'Too short.'), /at least 17 tokens[^]*short\.txt of 10 characters[^]*of about 170 characters/],
      [path.join(folder, 'gone.txt'), /a text file, or a folder of them[^]*does not exist/],
    ]
    for (const [file, message] of mistakes) {
      const ran = await ddlf('train', 'gpt-on-text', '--data', file, ...small, '--runs', runs)
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(message) as string })
      expect(ran.stderr).not.toMatch(/\n\s+at /)
    }
    const [none, graph] = await Promise.all([
      ddlf('train', 'gpt-on-text', '--data', book, '--from', 'gpt-on-text/20200101-000000-aaaa', '--runs', runs),
      ddlf('graph', 'gpt-on-text', '--out', path.join(folder, 'graph.svg')),
    ])
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/20200101/) as string })
    expect(graph).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/vocabulary follows from the text[^]*--set vocabulary=100/) as string,
    })
  }, PATIENCE)
})
