// ddlf rm <run...>: moves runs to the trash, after asking; ddlf rm --empty-trash ends what lies there.
import {
  emptyTrash, nameOfRun, openRunToMove, removedRuns, removeRun, runsWords, sweepTrash, type RunFolder,
} from '@ddlf/lab/runs'
import { bytesBelow } from '@ddlf/data/files-below'
import { ddlfCommand } from '@ddlf/lab/command-text'
import { UserError } from '@ddlf/tensor/errors'
import { suggest } from '../terminal/command-line.ts'
import { confirmed } from '../terminal/confirm.ts'
import { formatBytes } from '../terminal/format.ts'

/** Bytes of all files of a run. */
const sizeOf = ({ folder }: RunFolder): number => bytesBelow(folder)

const countOf = (runs: readonly RunFolder[]): string => (runs.length === 1 ? 'this run' : `these ${runs.length} runs`)

/** @throws UserError where there is no terminal to ask on */
async function agrees(question: string, runs: readonly RunFolder[], withYes: string): Promise<boolean> {
  const list = runs.map(run => `${nameOfRun(run)} (${formatBytes(sizeOf(run))})`).join('\n')
  return confirmed(`${question}\n${list}`, { what: 'Removing runs', withYes })
}

async function empty(root: string, yes: boolean): Promise<void> {
  const left = sweepTrash(root)
  const rest = left === 1 ? 'one run' : `${left} runs`
  if (left > 0) console.log(`Ended ${rest} that an emptying which was stopped had left.`)
  const runs = removedRuns(root)
  if (runs.length === 0) {
    console.log('The trash is empty.')
    return
  }
  if (
    !yes &&
    !(await agrees(
      `End ${countOf(runs)} for good?`,
      runs,
      ddlfCommand('rm', '--empty-trash', '--yes', ...runsWords(root)),
    ))
  ) {
    console.log('Nothing was removed.')
    return
  }
  const bytes = runs.reduce((sum, run) => sum + sizeOf(run), 0)
  emptyTrash(runs)
  console.log(`Ended ${runs.length === 1 ? 'one run' : `${runs.length} runs`} for good (${formatBytes(bytes)}).`)
}

/** The options of the command. */
export interface RmOptions {
  readonly runs: string
  readonly yes?: boolean
  readonly emptyTrash?: boolean
}

/** Does what `ddlf rm` is asked for. */
export async function rmAction(
  references: readonly string[],
  { runs: root, yes = false, emptyTrash: ends = false }: RmOptions,
): Promise<void> {
  if (ends && references.length > 0) {
    throw new UserError({
      rule: '--empty-trash ends all that was removed, and takes no run.',
      received: references.join(' '),
      next: 'Give one or the other.',
    })
  }
  if (ends) {
    await empty(root, yes)
    return
  }
  if (references.length === 0)
    throw new UserError({
      rule: 'No run to remove is named.',
      received: 'none',
      next: `See which runs there are: ${ddlfCommand('runs', ...runsWords(root))}`,
    })
  const runs = [
    ...new Map(references.map(reference => openRunToMove(root, reference)).map(run => [run.folder, run])).values(),
  ]
  if (
    !yes &&
    !(await agrees(
      `Move ${countOf(runs)} to the trash?`,
      runs,
      ddlfCommand('rm', ...references, '--yes', ...runsWords(root)),
    ))
  ) {
    console.log('Nothing was removed.')
    return
  }
  for (const run of runs) {
    removeRun(run)
    console.log(
      `Removed ${nameOfRun(run)}. Bring it back with: ` +
        suggest('runs', 'restore', nameOfRun(run), ...runsWords(root)),
    )
  }
}
