// Runs the `ddlf` command within the test's own process: quicker than a child, for commands that are over at once.
import { vi } from 'vitest'
import { main } from '../src/main.ts'

class Exit extends Error {}

/** What a command left. */
export interface Called {
  readonly code: unknown
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, and gives what it said. The process's own exit code stays as it was. */
export async function called(...args: readonly string[]): Promise<Called> {
  const said = { stdout: '', stderr: '' }
  const hear = (stream: keyof typeof said, end = '') => (text: unknown) => {
    said[stream] += `${String(text)}${end}`
    return true
  }
  // Every call of main listens to it, as a process of its own would.
  process.stdout.setMaxListeners(0)
  const before = process.exitCode
  let exited: unknown
  const spies = [
    vi.spyOn(console, 'error').mockImplementation(hear('stderr', '\n')),
    vi.spyOn(console, 'log').mockImplementation(hear('stdout', '\n')),
    vi.spyOn(process.stderr, 'write').mockImplementation(hear('stderr')),
    vi.spyOn(process.stdout, 'write').mockImplementation(hear('stdout')),
    vi.spyOn(process, 'exit').mockImplementation(code => {
      exited = code
      throw new Exit()
    }),
  ]
  process.exitCode = 0
  try {
    await main(['node', 'ddlf', ...args])
    return { code: process.exitCode, ...said }
  } catch (error) {
    if (!(error instanceof Exit)) throw error
    return { code: exited, ...said }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.exitCode = before
  }
}
