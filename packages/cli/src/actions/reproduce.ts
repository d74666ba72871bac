// ddlf reproduce <topic>: runs a topic's experiments again and says, line by line, whether the recorded results hold.
import { nearestName, UserError } from '@ddlf/tensor'
import { topics } from '@ddlf/course'
import { parseSettings, spreadOf, wantedRuns } from '@ddlf/lab'
import { completedRuns, missingTeacher, readResult, readSummary, runWith } from '@ddlf/lab/node'
import { RESOLUTION } from '../commands/reproduce.ts'
import { topicFolder } from '../course-folders.ts'
import { pc } from '../terminal/colour.ts'
import { formatDuration, formatPercent } from '../terminal/format.ts'
import { findRecording, trainRecording } from '../terminal/train-recording.ts'

/** What a run of --quick may cost: some two minutes on two cores. */
const QUICK_FLOP = 1e13

/** The options of the command. */
export interface ReproduceOptions {
  readonly runs: string
  readonly quick?: boolean
  readonly only?: string
  readonly seed?: number
  readonly threads?: number
}

/** Does what `ddlf reproduce` is asked for. */
export async function reproduceAction(
  slug: string,
  { runs: root, quick = false, only, seed, threads }: ReproduceOptions,
): Promise<void> {
  const topic = topics.find(one => one.slug === slug)
  if (!topic) {
    const near = nearestName(
      slug,
      topics.map(one => one.slug),
    )
    throw new UserError({
      rule: 'There is no topic of this name.',
      received: slug,
      next: near ? `Did you mean '${near}'?` : `The topics: ${topics.map(one => one.slug).join(', ')}`,
    })
  }
  const recordings = (topic.recordings ?? []).filter(({ experiment }) => only === undefined || experiment === only)
  if (recordings.length === 0) {
    const names = (topic.recordings ?? []).map(({ experiment }) => experiment)
    throw new UserError({
      rule:
        only === undefined
          ? `Nothing is recorded for ${topic.title}.`
          : `${topic.title} has no recorded experiment of this name.`,
      received: only ?? slug,
      ...(names.length > 0 && { next: `Use one of: ${names.join(', ')}` }),
    })
  }
  const lines: { text: string; holds: boolean }[] = []
  for (const { experiment: name } of recordings) {
    const { recording, experiment } = findRecording(name)
    const result = readResult(topicFolder(topic), name)
    if (!result) {
      console.log(pc.dim(`${name}: nothing is recorded.`))
      continue
    }
    const recorded = recording.arms
      .flatMap(arm => {
        const found = result.arms.find(one => one.id === arm.id)
        return found ? [{ arm, found, error: spreadOf(found, 'test/error') }] : []
      })
      .sort((a, b) => (a.found.runs[0]?.flop ?? 0) - (b.found.runs[0]?.flop ?? 0))
    const seeds = [seed ?? recording.seeds[0] ?? 1]
    // A student whose teacher is yet to be trained is not cheap.
    const ready = recorded.find(
      ({ arm }) => !missingTeacher(root, experiment, parseSettings(experiment, { ...arm.settings, seed: seeds[0] })),
    )
    const cost = ready?.found.runs[0]?.flop
    if (quick && (cost === undefined || cost > QUICK_FLOP)) {
      const why =
        cost === undefined
          ? 'every setting needs a teacher first'
          : `its cheapest setting takes ${cost.toExponential(1).replace('e+', 'e')} FLOP`
      console.log(pc.dim(`${name}: left out, ${why}. Without --quick it is run.`))
      continue
    }
    const chosen = quick && ready ? [ready] : recorded
    const wanted = wantedRuns({ ...recording, seeds, arms: chosen.map(({ arm }) => arm) }, experiment)
    const startedAt = new Date().toISOString()
    const finished = await trainRecording(root, experiment, wanted, threads)
    const completed = completedRuns(root, experiment)
    for (const one of wanted) {
      const run = runWith(completed, one.settings)
      const { error } = chosen.find(({ arm }) => arm.id === one.arm.id) ?? {}
      if (!error) continue
      const slack = Math.max(3 * error.deviation, RESOLUTION)
      const fresh = run && run.record.createdAt >= startedAt ? readSummary(run.summary) : undefined
      const measured = fresh?.metrics['test/error']
      const holds = measured !== undefined && Math.abs(measured - error.mean) <= slack
      lines.push({
        holds,
        text: `${name}, ${one.arm.label}: ${measured === undefined ? 'no result' : formatPercent(measured)}; recorded ${formatPercent(error.mean)} ± ${formatPercent(error.deviation)} over ${error.count} seeds${fresh?.seconds === undefined ? '' : ` (${formatDuration(fresh.seconds)})`}`,
      })
    }
    // Ctrl-C is meant for all of it; what was measured until then is still reported.
    if (!finished) break
  }
  console.log('')
  for (const { text, holds } of lines)
    console.log(`${holds ? pc.green('holds        ') : pc.red('does not hold')}  ${text}`)
  const broken = lines.filter(({ holds }) => !holds).length
  console.log(`\n${lines.length - broken} of ${lines.length} lines hold.`)
  if (broken > 0) process.exitCode = 1
}
