// Nothing of ONNX Runtime's telemetry: a training leaves no device id and asks for no name, nor does a stranger's
// program.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { compiledProgram } from '../../../test/compiled.ts'
import { workFolder } from './command.ts'

const PATIENCE = 600_000
const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = workFolder()
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Runs a program as a new user would: with no folder of his own written to yet, and without the variable. */
function asNewUser(name: string, program: readonly string[]) {
  const home = path.join(folder, name)
  fs.mkdirSync(home)
  const kept = Object.entries(process.env).filter(([key]) => !/^(ORT_|XDG_|VITEST)/.test(key))
  const places = {
    HOME: home,
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_STATE_HOME: path.join(home, 'state'),
  }
  const [command = '', ...args] = program
  const { status, stderr, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...Object.fromEntries(kept), ...places },
  })
  return {
    status,
    stderr,
    stdout,
    left: fs
      .readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter(file => /onnx|microsoft|deviceid/i.test(file)),
  }
}

const training = [
  compiledProgram, 'train', 'mlp-on-mnist', '--json', '--runs', path.join(folder, 'runs'),
  '--set', 'epochs=1', '--set', 'trainExamples=1000', '--set', 'hidden=8',
]

const hasStrace = spawnSync('strace', ['-V']).status === 0
const log = path.join(folder, 'network.log')
const strace = [
  'strace', '-f', '--seccomp-bpf', '-qq', '-o', log, '-e', 'trace=socket,connect,sendto,sendmsg,openat',
]

test('a training with a fresh home folder leaves nothing of it there', () => {
  const { status, left, stdout } = asNewUser('training', [...(hasStrace ? strace : []), process.execPath, ...training])
  expect(status).toBe(0)
  expect(stdout).toContain('"kind":"done"')
  expect(left).toEqual([])
}, PATIENCE)

test.skipIf(!hasStrace)('it opens no connection and looks up no name (needs strace)', () => {
  const calls = fs.readFileSync(log, 'utf8').split('\n')
  // What a look-up of a name reads and whom it asks; a socket of the internet's families at all.
  expect(calls.filter(line => /AF_INET|resolv\.conf|\/etc\/hosts|nscd/.test(line))).toEqual([])
  expect(calls.some(line => line.includes('libonnxruntime'))).toBe(true)
})

test('every command of npm switches it off before anything else: for itself, its threads and its children', () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const others = Object.keys(scripts).filter(name => !scripts[name]?.startsWith('node scripts/with-dependencies.mjs '))
  // Two that compute nothing, and the tests: vitest.config.ts switches it off for this process and its children.
  expect(others.sort()).toEqual(['lint', 'typecheck', 'unit'])
  expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1')
  // A project of its own whose dependencies are there, so that nothing is installed.
  const project = path.join(folder, 'project')
  for (const below of ['scripts', 'node_modules']) fs.mkdirSync(path.join(project, below), { recursive: true })
  const starter = path.join(project, 'scripts', 'with-dependencies.mjs')
  for (const script of ['with-dependencies.mjs', 'installed-by-npm.mjs'])
    fs.copyFileSync(path.join(root, 'scripts', script), path.join(project, 'scripts', script))
  fs.writeFileSync(path.join(project, 'package-lock.json'), '{}')
  const installedFor = `{}${process.platform} ${process.arch} ${process.versions.modules}`
  const stamp = createHash('sha256').update(installedFor).digest('hex')
  fs.writeFileSync(path.join(project, 'node_modules', '.installed-for'), stamp)
  fs.writeFileSync(path.join(project, 'scripts', 'probe.mjs'), `
    import { spawnSync } from 'node:child_process'
    import { Worker } from 'node:worker_threads'
    const say = 'process.env.ORT_DISABLE_TELEMETRY'
    const child = spawnSync(process.execPath, ['-p', say], { encoding: 'utf8' }).stdout.trim()
    const thread = 'require("node:worker_threads").parentPort.postMessage(' + say + ')'
    new Worker(thread, { eval: true }).on('message', said => {
      console.log([process.env.ORT_DISABLE_TELEMETRY, child, said].join())
    })`)
  const said = asNewUser('probe', [process.execPath, starter, 'scripts/probe.mjs'])
  expect(said).toMatchObject({ status: 0, stdout: '1,1,1\n', left: [] })
}, PATIENCE)

describe("a stranger's program that imports @ddlf/tensor/node", () => {
  const run = `
    const { onnxNodeRuntime } = await import('@ddlf/tensor/node')
    const { tensor, graph, add } = await import('@ddlf/tensor')
    const executable = await onnxNodeRuntime().compile(graph('sum', [], [add(tensor([1]), tensor([2]))]))
    process.stdout.write(String((await executable.run([]))[0]))`
  const inWorker = `
    import { Worker } from 'node:worker_threads'
    const program = ${JSON.stringify(
      `import('tsx/esm/api').then(({ register }) => { register(); return (async () => {${run}})() })`,
    )}
    const worker = new Worker(program, { eval: true, execArgv: [] })
    worker.on('error', error => { process.stderr.write(error.message); process.exitCode = 1 })`
  const program = (text: string) => [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', text]

  test('in its main thread', () => {
    expect(asNewUser('main', program(run))).toMatchObject({ status: 0, stdout: '3', left: [] })
  }, PATIENCE)

  test('in a worker, after the one line that switches it off', () => {
    expect(asNewUser('worker', program(`import '@ddlf/tensor/no-telemetry'\n${inWorker}`))).toMatchObject({
      status: 0,
      stdout: '3',
      left: [],
    })
  }, PATIENCE)

  test('in a worker that cannot switch it off: refused, with the line', () => {
    const { status, stderr, left } = asNewUser('refused', program(inWorker))
    expect({ status, left }).toEqual({ status: 1, left: [] })
    expect(stderr).toMatch(/switched off before a worker starts[^]*import '@ddlf\/tensor\/no-telemetry'/)
  }, PATIENCE)
})
