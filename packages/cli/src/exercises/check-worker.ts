// The thread in which a learner's file is run and checked: what loops, exits or fails here takes nothing else with it.
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { Exercise } from '@ddlf/course'
import { cutText, shownValue } from '@ddlf/course/shown-value'
import { readTypeScript } from '@ddlf/lab/read-typescript'
import type { CheckJob, CheckMessage, SignedMessage, WrongAnswer } from './check-file.ts'

const { file, exercises: source, name, signature } = workerData as CheckJob
// The learner's code can read workerData, send messages and replace what sends them: the signature is out of its reach,
// and what sends is kept from the beginning.
Reflect.deleteProperty(workerData as CheckJob, 'signature')
process.setSourceMapsEnabled(true)

const post: ((message: SignedMessage) => void) | undefined = parentPort?.postMessage.bind(parentPort)
const say = (message: CheckMessage) => post?.({ ...message, signature })
const show = (value: unknown) => (typeof value === 'string' ? JSON.stringify(cutText(value)) : shownValue(value))

/** `line 12` of the learner's file, from the stack of what was thrown there. */
function lineIn(stack: string | undefined): string | undefined {
  const at = (stack ?? '').split('\n').find(line => line.includes(fileURLToPath(file)))
  const line = at === undefined ? undefined : /:(\d+):\d+\)?$/.exec(at)?.[1]
  return line === undefined ? undefined : `line ${line}`
}

/** What the file threw, where it can be put into words. */
function wordsOf(error: unknown): WrongAnswer {
  const [message, stack] =
    error instanceof Error
      ? [`${error.name}: ${error.message}`, error.stack]
      : [`It threw ${show(error)}, which is no Error.`, undefined]
  // What does not compile says its place itself: <file>:<line>:<column>: ERROR: <message>
  const syntax = /:(\d+):\d+: ERROR: ([^\n]*)/.exec(message)
  if (syntax) return { because: 'The file does not compile.', details: `  line ${syntax[1]}: ${syntax[2]}` }
  const parts = [lineIn(stack), cutText(message)].filter(part => part !== undefined)
  return { because: 'The file throws an error.', details: `  ${parts.join(': ')}` }
}

/** The same of whatever it threw: what is asked of that may throw as well. */
function thrown(error: unknown): WrongAnswer {
  try {
    return wordsOf(error)
  } catch {
    return { because: 'The file throws an error.', details: '  It cannot be put into words.' }
  }
}

await readTypeScript(source)
await readTypeScript(file)
const { exercises } = (await import(source)) as { exercises: readonly Exercise[] }
const exercise = exercises.find(one => one.name === name)
if (!exercise) throw new Error(`${source} has no exercise ${name}`)
say({ kind: 'ready' })
try {
  const finding = exercise.check((await import(file)) as Record<string, unknown>)
  say(
    finding
      ? {
          kind: 'wrong',
          because: finding.because,
          details: `  ${finding.call}\n  expected  ${show(finding.expected)}\n  received  ${show(finding.received)}`,
        }
      : { kind: 'right' },
  )
} catch (error) {
  say({ kind: 'wrong', ...thrown(error) })
}
