// ddlf train <experiment or file>: a new run, followed to its end.
import { recordedCommand } from '@ddlf/lab/command-text'
import { parseSettings } from '@ddlf/lab'
import { followTraining } from '../terminal/follow-training.ts'
import { printReport } from '../terminal/report.ts'
import { experimentNamed, isModule } from '../experiments.ts'

/** The options of the command. */
export interface TrainOptions {
  readonly set: readonly string[]
  readonly data?: string
  readonly from?: string
  readonly skipDamaged?: boolean
  readonly strict?: boolean
  readonly histograms?: boolean
  readonly runs: string
  readonly json?: boolean
  readonly threads?: number
  readonly keep: number
}

/** Does what `ddlf train` is asked for. */
export async function trainAction(
  name: string,
  {
    set,
    data,
    from,
    skipDamaged = false,
    strict = false,
    histograms = false,
    runs,
    json = false,
    threads,
    keep,
  }: TrainOptions,
): Promise<void> {
  // Parsed here too, so that a mistake is told before anything starts.
  const given = [
    ...set,
    ...(data === undefined ? [] : [`data=${JSON.stringify(data)}`]),
    ...(skipDamaged ? ['skipDamaged=true'] : []),
    ...(strict ? ['strict=true'] : []),
    ...(histograms ? ['histograms=true'] : []),
  ]
  const { experiment, module } = await experimentNamed(name)
  const settings = parseSettings(experiment, given)
  const { folder, status } = await followTraining(
    {
      experimentsModule: module,
      root: runs,
      task: {
        kind: 'start',
        experiment: experiment.name,
        settings: { ...settings },
        ...(from !== undefined && { from }),
        command: recordedCommand(['ddlf', ...process.argv.slice(2)]),
      },
      keepLast: keep,
      ...(threads !== undefined && { threads }),
    },
    { json },
  )
  if (json) return
  await printReport(runs, folder, status, name)
  if (isModule(name)) console.log(`\nThe others find its experiment after: export DDLF_EXPERIMENTS=${name}`)
}
