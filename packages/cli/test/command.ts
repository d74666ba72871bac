// Runs the `ddlf` command as a child process, as a user who has installed it does.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiledProgram } from '../../../test/compiled.ts'

/** The program as a checkout has it: where its code must be that of the test's own process. */
export const checkoutProgram = fileURLToPath(new URL('../../../scripts/ddlf.mjs', import.meta.url))

/** What a command left. */
export interface Ran {
  readonly code: number | null
  /** The signal it died of. */
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way. */
export interface Running {
  readonly ended: Promise<Ran>
  interrupt(): void
  kill(signal: NodeJS.Signals): void
  /** Resolves when a line of the output fits. */
  seen(pattern: RegExp): Promise<void>
  /** What it has printed so far. */
  said(): string
}

/** Starts `ddlf` with arguments, off a terminal. */
export function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  folder: string = process.cwd(),
  program: string = compiledProgram,
): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0', ...environment },
  })
  let stdout = ''
  let stderr = ''
  const waiting: { pattern: RegExp; found: () => void }[] = []
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString()
    for (const one of waiting) if (one.pattern.test(stdout)) one.found()
  })
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString()
    for (const one of waiting) if (one.pattern.test(stderr)) one.found()
  })
  return {
    ended: new Promise(resolve => child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))),
    interrupt: () => child.kill('SIGINT'),
    kill: signal => child.kill(signal),
    seen: pattern => new Promise(found => waiting.push({ pattern, found })),
    said: () => stdout,
  }
}

/** Runs `ddlf` to its end. */
export const ddlf = (...args: readonly string[]): Promise<Ran> => start(args).ended

/** A folder that a whole file of tests works in; remove it when they are over. */
export const workFolder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-cli-'))

/** The events of `--json`, one a line. */
export const eventsOf = ({ stdout }: Ran): ({ kind: string } & Record<string, unknown>)[] =>
  stdout.trim().split('\n').map(line => JSON.parse(line) as { kind: string } & Record<string, unknown>)
