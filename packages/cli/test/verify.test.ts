// ddlf verify: clean runs, one that is damaged, the trash, JSON for machines, and the exit code.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeRun, runPaths, startRun, type RunVerification } from '@ddlf/lab/node'
import { ddlf, workFolder } from './command.ts'
import { called } from './in-process.ts'

const root = workFolder()
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

const made = () => {
  const store = startRun({ root, experiment: 'mlp-on-mnist', config: { epochs: 1 }, seed: 1 })
  store.appendMetrics({ step: 1, epoch: 1, values: { 'test/error': 0.5 } })
  store.saveCheckpoint(
    {
      tensors: { weight: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } },
      loop: { epoch: 1, stepInEpoch: 0, globalStep: 1 },
    },
    { best: true },
  )
  store.finish({ status: 'completed', summary: { metrics: { test: { error: 0.5 } } } })
  const { experiment, id, folder } = store
  return { experiment, id, folder }
}

test('says what is sound, what is wrong and how to have it again', async () => {
  const [whole, damaged, removed] = [made(), made(), made()]
  removeRun(removed)
  const clean = await ddlf('verify', '--runs', root)
  expect(clean).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^3 runs, \d+ files: nothing is wrong\n$/) as string,
  })
  fs.appendFileSync(runPaths(damaged).metrics, '{"step":2,"epoch":2,"wallTime":0,"name":"test/error","value":0}\n')
  const [all, one, json] = await Promise.all([
    ddlf('verify', '--runs', root),
    ddlf('verify', whole.id, '--runs', root),
    ddlf('verify', '--json', '--runs', root),
  ])
  expect(all).toMatchObject({ code: 1, stdout: expect.stringMatching(new RegExp(`mlp-on-mnist/${damaged.id}  ` +
    `completed[^]*✗ +metrics\\.jsonl +its checksum is another[^]*event files hold the same numbers[^]*wrong ` +
    `with 1 run`)) as string })
  expect(all.stdout).not.toContain(whole.id)
  expect(one).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /✓ +run\.json [^]*✓ +checkpoints\/last\.safetensors +its checksum holds[^]*✓ +summary\.json[^]*nothing is wrong/,
    ) as string,
  })
  expect(json.code).toBe(1)
  const results = JSON.parse(json.stdout) as RunVerification[]
  expect(results.filter(({ sound }) => !sound).map(({ run }) => run)).toEqual([`mlp-on-mnist/${damaged.id}`])
  expect(results.find(({ run }) => run.endsWith(removed.id))?.folder).toBe(
    path.join(root, '.trash', 'mlp-on-mnist', removed.id),
  )
}, 600_000)

test('a run whose record cannot be read is reported, and those named beside it are checked', async () => {
  const [whole, torn] = [made(), made()]
  fs.writeFileSync(path.join(torn.folder, 'run.json'), '{"torn')
  const both = await called('verify', torn.id, whole.id, '--runs', root)
  expect(both).toMatchObject({ code: 1, stderr: '' })
  expect(both.stdout).toMatch(
    new RegExp(`${torn.id}  no readable record[^]*✗ +run\\.json[^]*${whole.id}  completed[^]*wrong with 1 run`),
  )
})
