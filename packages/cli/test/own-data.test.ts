// Own pictures and own texts: from `ddlf data show` to a trained, analysed, exported model by commands.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runOnnxModel } from '@ddlf/tensor/node'
import { ddlf, eventsOf, start, workFolder, type Ran } from './command.ts'
import { writeReviews, writeShapes } from './made-data.ts'

const PATIENCE = 600_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const expectSuccess = ({ code, stderr, stdout }: Ran): string => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}
const nameOf = (ran: Ran) => String(eventsOf(ran).find(({ kind }) => kind === 'start')?.['run'])

/** What both do with a trained run. */
async function use(run: string, thing: string, sure: string): Promise<void> {
  const file = path.join(folder, `${sure}.onnx`)
  const [predicted, analysed, exported] = await Promise.all([
    ddlf('predict', run, thing, '--json', '--runs', runs),
    ddlf('analyze', run, '--json', '--runs', runs),
    ddlf('export', run, '--out', file, '--json', '--runs', runs),
  ])
  expect((JSON.parse(expectSuccess(predicted)) as { classes: { name: string }[] }).classes[0]?.name).toBe(sure)
  const { page, accuracy } = JSON.parse(expectSuccess(analysed)) as { page: string; accuracy: number }
  expect(accuracy).toBeGreaterThan(0.9)
  expect(fs.readFileSync(page, 'utf8')).toContain(sure)
  expect((JSON.parse(expectSuccess(exported)) as { largestDifference: number }).largestDifference).toBeLessThan(1e-5)
  expect(fs.readFileSync(file).includes(folder)).toBe(false)
}

describe('a folder of pictures by class', () => {
  test('is shown, trained on, stopped, resumed, analysed, asked and exported; changed data are refused', async () => {
    const pictures = path.join(folder, 'shapes')
    writeShapes(pictures, 40)
    const training = start([
      'train',
      'image-folder',
      '--data',
      pictures,
      '--set',
      'size=16',
      '--set',
      'epochs=12',
      '--set',
      'learningRate=0.01',
      '--json',
      '--runs',
      runs,
    ])
    const shown = ddlf('data', 'show', pictures, '--output', path.join(folder, 'sheet.svg'))
    await training.seen(/"kind":"evaluation"/)
    training.interrupt()
    const stopped = await training.ended
    expect(eventsOf(stopped).at(-1)).toMatchObject({ kind: 'done', status: 'stopped' })
    expect(expectSuccess(await shown)).toMatch(/cross[^]*disc[^]*frame/)
    const added = path.join(pictures, 'disc', 'new.png')
    fs.copyFileSync(path.join(pictures, 'disc', '0.png'), added)
    const refused = await ddlf('resume', nameOf(stopped), '--runs', runs)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/data of the run have changed since it began/) as string,
    })
    fs.rmSync(added)
    const resumed = await ddlf('resume', nameOf(stopped), '--json', '--runs', runs)
    expectSuccess(resumed)
    expect(eventsOf(resumed).at(-1)).toMatchObject({ kind: 'done', status: 'completed', step: 36 })
    await use(nameOf(stopped), path.join(pictures, 'disc', '0.png'), 'disc')

    // The folder goes on living; the run keeps its split.
    const name = nameOf(stopped)
    const before = JSON.parse(expectSuccess(await ddlf('evaluate', name, '--json', '--runs', runs))) as {
      examples: number
      confusion: number[]
    }
    fs.mkdirSync(path.join(pictures, 'aardvark'))
    fs.copyFileSync(path.join(pictures, 'disc', '0.png'), path.join(pictures, 'aardvark', '0.png'))
    fs.copyFileSync(path.join(pictures, 'disc', '1.png'), added)
    for (const picture of ['2.png', '3.png', '4.png'])
      fs.renameSync(path.join(pictures, 'disc', picture), path.join(pictures, 'disc', `renamed-${picture}`))
    const moved = path.join(folder, 'moved shapes')
    fs.renameSync(pictures, moved)
    const after = await ddlf('evaluate', name, '--data', moved, '--json', '--runs', runs)
    expect(after).toMatchObject({ code: 0, stderr: expect.stringMatching(/3 renamed \(disc\/renamed-[^]*1 new, left out \(disc\/new\.png\), 1 of classes that the run does not know, left out \(aardvark\/0\.png\)/) as string })
    expect(JSON.parse(after.stdout)).toMatchObject({ examples: before.examples, confusion: before.confusion })
    const gone = await ddlf('evaluate', name, '--runs', runs)
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/does not exist[^]*--data/) as string })
  }, PATIENCE)
})

describe('a table of texts', () => {
  test('is shown, trained on, analysed, asked and exported', async () => {
    const table = path.join(folder, 'reviews.csv')
    writeReviews(table, 240)
    const [shown, trained, mistaken] = await Promise.all([
      ddlf('data', 'show', table, '--text', 'review', '--label', 'stars'),
      ddlf(
        'train',
        'text-table',
        '--data',
        table,
        '--set',
        'text=review',
        '--set',
        'label=stars',
        '--set',
        'epochs=6',
        '--set',
        'buckets=4096',
        '--json',
        '--runs',
        runs,
      ),
      ddlf('train', 'text-table', '--data', table, '--set', 'text=reviews', '--set', 'label=stars', '--runs', runs),
    ])
    expect(expectSuccess(shown)).toMatch(/bad[^]*good/)
    expectSuccess(trained)
    expect(mistaken).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no column named 'reviews'[^]*did you mean 'review'/) as string,
    })
    await use(nameOf(trained), 'a lovely, moving film', 'good')
    const [one] = await runOnnxModel(fs.readFileSync(path.join(folder, 'good.onnx')), [
      { tokens: { dtype: 'int32', shape: [3, 256], data: new Int32Array(768) } },
    ])
    expect(one?.['logits']?.shape).toEqual([3, 2])
  }, PATIENCE)
})
