// ddlf resume <run>: goes on with a run from its last checkpoint.
import { openRun } from '@ddlf/lab/node'
import { followTraining } from '../terminal/follow-training.ts'
import { printReport } from '../terminal/report.ts'
import { moduleOf } from '../experiments.ts'

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
  const { experiment, id } = openRun(runs, reference)
  const { folder, status } = await followTraining(
    {
      experimentsModule: moduleOf(experiment),
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
