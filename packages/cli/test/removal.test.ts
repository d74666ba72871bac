// ddlf rm and ddlf runs restore: what is removed can be brought back, and an empty or foreign name removes nothing.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createRun } from '@ddlf/lab/node'
import { ddlf, workFolder } from './command.ts'

const folder = workFolder()
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
const provenance = { git: null, lockFile: null, machine: { cpu: 'x', cores: 1, memory: 1, os: 'x' }, versions: {} }
const create = () => createRun({ root: runs, experiment: 'mlp-on-mnist', config: {}, seed: 1, provenance })
const PATIENCE = 600_000

test('an empty name, a dot and a foreign folder remove nothing', async () => {
  const run = create()
  const project = path.join(folder, 'project')
  fs.mkdirSync(project)
  fs.copyFileSync(path.join(run.folder, 'run.json'), path.join(project, 'run.json'))
  fs.copyFileSync(path.join(run.folder, 'run.json'), path.join(runs, 'run.json'))
  for (const reference of ['', '.', '..', project, runs, path.dirname(run.folder)]) {
    const ran = await ddlf('rm', reference, '--yes', '--runs', runs)
    expect(ran, reference).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^Error: /)
    expect(ran.stderr).not.toMatch(/^ +at /m)
  }
  expect(fs.existsSync(path.join(run.folder, 'run.json'))).toBe(true)
  expect(fs.readdirSync(project)).toEqual(['run.json'])
}, PATIENCE)

test('a removed run is brought back whole, and ended only when the trash is', async () => {
  const { id, folder: place } = create()
  const removed = await ddlf('rm', id, '--yes', '--runs', runs)
  expect(removed).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining(`runs restore mlp-on-mnist/${id}`) as string,
  })
  expect(fs.existsSync(place)).toBe(false)
  expect((await ddlf('show', id, '--runs', runs)).stderr).toMatch(/no such run[^]*runs restore/)
  expect((await ddlf('runs', 'restore', '--runs', runs)).stdout).toBe(`mlp-on-mnist/${id}\n`)
  expect(await ddlf('runs', 'restore', id, '--runs', runs)).toMatchObject({ code: 0, stderr: '' })
  expect(fs.readdirSync(place).sort()).toEqual(['artifacts', 'checkpoints', 'run.json'])

  await ddlf('rm', id, '--yes', '--runs', runs)
  expect(await ddlf('rm', '--empty-trash', '--runs', runs)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--empty-trash --yes') as string,
  })
  expect(await ddlf('rm', id, '--empty-trash', '--yes', '--runs', runs)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('takes no run') as string,
  })
  expect((await ddlf('rm', '--yes', '--runs', runs)).stderr).toMatch(/none/)
  expect(await ddlf('rm', '--empty-trash', '--yes', '--runs', runs)).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/Ended one run for good/) as string,
  })
  expect((await ddlf('runs', 'restore', id, '--runs', runs)).stderr).toMatch(/no such run/)
}, PATIENCE)
