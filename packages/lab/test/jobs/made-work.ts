// Work for tests: functions that answer, tell, fail, die, hang, and trials of a study that report steps.
import fs from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { UserError } from '@ddlf/tensor/errors'
import { DiskFull } from '../../src/runs/disk-full.ts'
import type { TrialMessage, TrialResult } from '../../src/studies/run-study.ts'
import type { WorkContext, WorkFunction } from '../../src/jobs/workers.ts'

/** What a trial of a test does. */
export interface MadeTrial {
  readonly x: number
  readonly steps: number
  /** Milliseconds of a step. */
  readonly pause?: number
  /** A file: where it does not exist yet, the worker writes it and then dies, hangs or finds no room at this step. */
  readonly once?: { readonly file: string; readonly at: number; readonly how: 'dies' | 'hangs' | 'full' }
  /** Appended to at every step that is taken: `x step`. */
  readonly log?: string
  /** Steps that are done already. */
  readonly done?: number
  /** Said before the first step, such as what one costs. */
  readonly attributes?: Readonly<Record<string, unknown>>
}

function meet(how: 'dies' | 'hangs' | 'full'): never {
  if (how === 'full') throw new DiskFull({ rule: 'The disk is full.', received: 'ENOSPC at runs' })
  if (how === 'dies') process.kill(process.pid, 'SIGKILL')
  for (;;) Math.sqrt(2)
}

/** (x - 0.3)^2, nearer with every step. */
async function trial(
  { x, steps, pause = 0, once, log, done = 0, attributes }: MadeTrial,
  { tell, signal }: WorkContext,
): Promise<TrialResult> {
  const noted = { pid: process.pid, ...attributes }
  if ((await tell({ kind: 'note', attributes: noted } satisfies TrialMessage)) !== 'go') return { stopped: true }
  for (let step = done + 1; step <= steps; step++) {
    if (signal.aborted) return { stopped: true }
    await wait(pause)
    if (once?.at === step && !fs.existsSync(once.file)) {
      fs.writeFileSync(once.file, String(process.pid))
      meet(once.how)
    }
    if (log !== undefined) fs.appendFileSync(log, `${x} ${step}\n`)
    const last = step === steps
    const answer = await tell({ kind: 'report', step, value: (x - 0.3) ** 2 + 1 / step, last } satisfies TrialMessage)
    if (answer !== 'go' && !last) return { stopped: true }
  }
  return { values: [(x - 0.3) ** 2] }
}

export const work: Readonly<Record<string, WorkFunction>> = {
  trial,
  double: async ({ x }: { x: number }) => {
    await Promise.resolve()
    return 2 * x
  },
  sleep: async ({ milliseconds }: { milliseconds: number }, { signal }: WorkContext) => {
    await wait(milliseconds, undefined, { signal }).catch(() => undefined)
    return signal.aborted ? 'stopped' : 'slept'
  },
  place: async (_: object, { place }: WorkContext) => {
    await Promise.resolve()
    return place.root
  },
  sum: async ({ count }: { count: number }, { tell }: WorkContext) => {
    let sum = 0
    for (let i = 0; i < count; i++) sum += (await tell(i)) as number
    return sum
  },
  fails: () => Promise.reject(new UserError({ rule: 'A rule.', received: 'this', next: 'That.' })),
  dies: () => meet('dies'),
  hangs: () => meet('hangs'),
}
