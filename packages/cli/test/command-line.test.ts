// Commands in help, errors and suggestions begin as this one was called, and a shell reads them back word by word.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, it, test } from 'vitest'
import { ddlfCommand, settingWords } from '@ddlf/lab/command-text'
import { commandList } from '../src/command-list.ts'
import { program } from '../src/main.ts'
import { asCalled, commandPrefix } from '../src/terminal/command-line.ts'

const script = fileURLToPath(new URL('../../../scripts/ddlf.mjs', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'ddlf-linked-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the prefix', () => {
  it('is the script of npm, where npm runs this project', () => {
    expect(commandPrefix({ npm_command: 'run-script', npm_package_name: '30ddlf' }, script)).toBe('npm run ddlf --')
    expect(commandPrefix({ npm_command: 'start', npm_package_name: '30ddlf' }, script)).toBe('npm run ddlf --')
    expect(
      commandPrefix({ npm_command: 'exec', npm_lifecycle_script: "'ddlf' 'days'" }, '/x/node_modules/.bin/ddlf'),
    ).toBe('npx ddlf')
    // Another program that npx started, which starts this one.
    expect(commandPrefix({ npm_command: 'exec', npm_lifecycle_script: 'vitest "run"' }, script)).toBe(
      `node ${path.relative('', script)}`,
    )
  })

  it('is the link, bare where it is on the path', () => {
    const link = path.join(folder, 'ddlf')
    symlinkSync(script, link)
    expect(commandPrefix({ PATH: `/usr/bin${path.delimiter}${folder}` }, link)).toBe('ddlf')
    // The shorter of the two: from here, or from the root.
    expect(path.resolve(commandPrefix({ PATH: '/usr/bin' }, link))).toBe(link)
  })

  it('is Node with the shorter path else', () => {
    expect(commandPrefix({}, script)).toBe(`node ${path.relative('', script)}`)
  })
})

test('texts name commands as they were called, silently where a program reads on', () => {
  const text = "All: 'ddlf days'\n  npm run ddlf -- resume x\n  npm run ddlf graph y\n  ddlf runs --json | jq\nthe " +
    "ddlf thread, scripts/ddlf.mjs train"
  expect(asCalled(text, 'npm run ddlf --')).toBe("All: 'npm run ddlf -- days'\n  npm run ddlf -- resume x\n  npm run " +
    "ddlf -- graph y\n  npm run -s ddlf -- runs --json | jq\nthe ddlf thread, scripts/ddlf.mjs train")
  expect(asCalled(text, 'ddlf')).toContain("'ddlf days'\n  ddlf resume x\n  ddlf graph y\n  ddlf runs --json | jq")
  expect(asCalled(asCalled(text, 'npx ddlf'), 'npx ddlf')).toBe(asCalled(text, 'npx ddlf'))
})

test('a shell reads every word back as it was', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme', minLength: 1 }).map(word => word.replaceAll('\0', '')),
        { minLength: 1, maxLength: 5 },
      ),
      words => {
        const quoted = ddlfCommand(...words).replace('npm run ddlf --', 'printf "%s\\0"')
        expect(spawnSync('sh', ['-c', quoted], { encoding: 'utf8' }).stdout.split('\0').slice(0, -1)).toEqual(words)
      },
    ),
    { numRuns: 40 },
  )
})

test('settings are written as --set reads them', () => {
  expect(settingWords({ hidden: [128, 32], activation: 'relu', flip: true, data: 'my pictures' })).toEqual([
    '--set',
    'hidden=128,32',
    '--set',
    'activation=relu',
    '--set',
    'flip=true',
    '--set',
    'data=my pictures',
  ])
})

describe('the list of commands', () => {
  it('says of each what its own help says, in its words or shorter', async () => {
    for (const command of (await program()).commands) {
      const { usage, summary } = commandList.get(command.name())!
      const words = command.registeredArguments.map(argument =>
        argument.required
          ? `<${argument.name()}${argument.variadic ? '...' : ''}>`
          : `[${argument.name()}${argument.variadic ? '...' : ''}]`,
      )
      if (command.commands.length === 0) expect(usage, command.name()).toBe(words.join(' '))
      expect(summary.length).toBeLessThan(54)
    }
  })

  it('is printed without loading any of them', () => {
    const read = new Set<string>()
    const follow = (file: string): void => {
      if (read.has(file)) return
      read.add(file)
      for (const [, name] of readFileSync(file, 'utf8').matchAll(
        /^(?:import|export) (?!type )(?:.*from )?'([^']+)'/gm,
      )) {
        if (name!.startsWith('.')) follow(path.resolve(path.dirname(file), name!))
        else read.add(name!)
      }
    }
    follow(fileURLToPath(new URL('../src/main.ts', import.meta.url)))
    const loaded = [...read].filter(name => !name.startsWith('node:')).map(name => name.replace(/.*\/src\//, ''))
    expect(loaded.sort()).toEqual([
      '@ddlf/lab/command-text',
      '@ddlf/lab/printable',
      '@ddlf/tensor/errors',
      '@ddlf/tensor/no-telemetry',
      'command-list.ts',
      'commander',
      'main.ts',
      'picocolors',
      'terminal/colour.ts',
      'terminal/command-line.ts',
      'terminal/command-mistake.ts',
      'terminal/output.ts',
      'terminal/terminal-width.ts',
    ])
  })

  it('fits 80 columns', () => {
    const { stdout, status } = spawnSync(process.execPath, [script, '--help'], { encoding: 'utf8' })
    expect(status).toBe(0)
    for (const name of commandList.keys()) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
  })
})
