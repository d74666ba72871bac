// A host of its own in a network namespace of Linux, with a cable that can be cut.
import { execFileSync } from 'node:child_process'

const ip = (...words: readonly string[]) => execFileSync('ip', words, { stdio: 'ignore' })
const quietly = (...words: readonly string[]) => {
  try {
    ip(...words)
    return true
  } catch {
    return false
  }
}

/** Whether this user may make network namespaces. */
export const hasNamespaces = ((): boolean => {
  const name = `ddlf-may-${String(process.pid)}`
  const may = quietly('netns', 'add', name)
  quietly('netns', 'del', name)
  return may
})()

/** A host beside this one. */
export interface Network {
  /** This machine's address on the cable. */
  readonly here: string
  /** Words that run a command on the other host. */
  readonly within: readonly string[]
  cut(): void
  mend(): void
  remove(): void
}

/** Makes a host and the cable to it. */
export function openNetwork(): Network {
  const name = `ddlf-${String(process.pid)}`
  const [near, far] = [`ddlfa${String(process.pid % 1e7)}`, `ddlfb${String(process.pid % 1e7)}`]
  const net = `10.231.${String(process.pid % 250)}`
  ip('netns', 'add', name)
  ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far)
  ip('link', 'set', far, 'netns', name)
  ip('addr', 'add', `${net}.1/24`, 'dev', near)
  ip('link', 'set', near, 'up')
  const within = ['ip', 'netns', 'exec', name]
  ip('netns', 'exec', name, 'ip', 'addr', 'add', `${net}.2/24`, 'dev', far)
  ip('netns', 'exec', name, 'ip', 'link', 'set', far, 'up')
  ip('netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up')
  return {
    here: `${net}.1`,
    within,
    cut: () => void quietly('link', 'set', near, 'down'),
    mend: () => {
      quietly('link', 'set', near, 'up')
    },
    remove: () => {
      quietly('link', 'del', near)
      quietly('netns', 'del', name)
    },
  }
}
