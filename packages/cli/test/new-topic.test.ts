// A new topic in a copy of this project: its files are laid out, and the commands that are suggested next run as they
// are.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { workFolder } from './command.ts'

const PATIENCE = 600_000
const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = workFolder()
const copy = path.join(folder, 'project')
const bin = path.join(folder, 'bin')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Copies the sources; what is installed is linked, but for this project's own packages. */
function copyProject(): void {
  const isSource = (file: string) =>
    !/(^|\/)(node_modules|dist|\.astro|test)(\/|$)/.test(path.relative(root, file).split(path.sep).join('/'))
  fs.mkdirSync(path.join(copy, 'node_modules', '@ddlf'), { recursive: true })
  for (const part of ['packages', 'course', 'scripts'])
    fs.cpSync(path.join(root, part), path.join(copy, part), { recursive: true, filter: isSource })
  for (const name of fs.readdirSync(root))
    if (name.endsWith('.json')) fs.copyFileSync(path.join(root, name), path.join(copy, name))
  const linkAll = (place: string) => {
    for (const name of fs.readdirSync(path.join(root, place))) {
      if (name !== '@ddlf' && !name.startsWith('.'))
        fs.symlinkSync(path.join(root, place, name), path.join(copy, place, name))
    }
  }
  linkAll('node_modules')
  for (const name of fs.readdirSync(path.join(copy, 'packages'))) {
    fs.symlinkSync(path.join(copy, 'packages', name), path.join(copy, 'node_modules', '@ddlf', name))
    const nested = path.join('packages', name, 'node_modules')
    if (!fs.existsSync(path.join(root, nested))) continue
    fs.mkdirSync(path.join(copy, nested))
    linkAll(nested)
  }
  fs.symlinkSync(path.join(copy, 'course'), path.join(copy, 'node_modules', '@ddlf', 'course'))
  fs.mkdirSync(bin)
  fs.symlinkSync(path.join(copy, 'scripts', 'ddlf.mjs'), path.join(bin, 'ddlf'))
}

function shell(line: string) {
  const PATH = `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'DDLF_RUNS')
  const env = { ...Object.fromEntries(own), FORCE_COLOR: '0', PATH }
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8', env })
  return { line, status, stdout, stderr }
}

test.runIf(process.platform !== 'win32')('its commands run', () => {
  copyProject()
  const made = shell('ddlf new my-topic')
  expect(made).toMatchObject({ status: 0, stderr: '' })
  expect(fs.readFileSync(path.join(copy, 'course/index.ts'), 'utf8')).toContain('myTopicTopic')
  const suggested = [...made.stdout.matchAll(/\bddlf [a-z]+ [^\n]*|\bddlf lab/g)].map(([line]) => line)
  expect(suggested).toEqual(['ddlf train my-topic', 'ddlf record my-topic --train', 'ddlf lab'])
  const [train, record] = suggested
  // Fewer seeds, so that it does not take long; the lab would stay open.
  for (const line of [train!, `${record!} --seeds 1`])
    expect(shell(line)).toMatchObject({ line, status: 0, stderr: '' })
  const [topic] = fs.readdirSync(path.join(copy, 'course/topics')).filter(name => name.endsWith('-my-topic'))
  expect(fs.existsSync(path.join(copy, 'course/topics', topic!, 'results', 'my-topic.json'))).toBe(true)
}, PATIENCE)
