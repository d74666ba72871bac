// ddlf resume <run>: goes on with a run from its last checkpoint.
import { openRun, readRunRecord, runsWords } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { suggest } from '../terminal/command-line.ts'
import { followTraining } from '../terminal/follow-training.ts'
import { printReport } from '../terminal/report.ts'
import { experimentsModule } from '../commands/options.ts'

/** The options of the command. */
export interface ResumeOptions {
  readonly runs: string
  readonly changed?: boolean
  readonly data?: string
  readonly testData?: string
  readonly json?: boolean
}

/** Does what `ddlf resume` is asked for. */
export async function resumeAction(
  reference: string,
  { runs, changed = false, data, testData, json = false }: ResumeOptions,
): Promise<void> {
  const run = openRun(runs, reference)
  const { experiment, id } = run
  if (readRunRecord(run).status === 'completed') {
    const name = `${experiment}/${id}`
    throw new UserError({
      rule: 'The run is completed: nothing is left to do.',
      received: name,
      next: `Look at it: ${suggest('show', name, ...runsWords(runs))}`,
    })
  }
  const { folder, status } = await followTraining(
    {
      experimentsModule,
      root: runs,
      task: {
        kind: 'resume',
        run: `${experiment}/${id}`,
        changed,
        ...(data !== undefined && { data }),
        ...(testData !== undefined && { testData }),
      },
    },
    { json },
  )
  if (!json) await printReport(runs, folder, status)
}
