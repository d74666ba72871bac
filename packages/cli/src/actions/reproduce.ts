// ddlf reproduce <topic>: runs a topic's experiments again and says, line by line, whether the recorded results hold.
import { nearestName, UserError } from '@ddlf/tensor'
import type { Topic } from '@ddlf/course'
import { topics } from '../course.ts'
import {
  headlineOf, parseSettings, reproductionOf, spreadOf, wantedRuns, type Recording, type Reproduction,
} from '@ddlf/lab'
import { completedRuns, flatMetrics, missingRuns, readResult, runWith } from '@ddlf/lab/node'
import { defined } from '../commands/options.ts'
import { topicFolder } from '../course-folders.ts'
import { pc } from '../terminal/colour.ts'
import { formatDuration, formatMetric, formatSpread, metricOf } from '../terminal/format.ts'
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
  readonly queue?: string
}

/** The topic of a short name or of an address, in any case. @throws UserError naming the nearest one */
function topicOf(name: string): Topic {
  const asked = name.toLowerCase().replace(/^.*\/(?=.)|\/$/g, '')
  const topic = topics.find(({ slug, permalink }) =>
    [slug, permalink.slice('/30ddlf/'.length).toLowerCase()].includes(asked),
  )
  if (topic) return topic
  const slugs = topics.map(one => one.slug)
  const near = nearestName(asked, slugs)
  throw new UserError({
    rule: 'There is no topic of this name.',
    received: name,
    next: near ? `Did you mean '${near}'?` : `The topics: ${slugs.join(', ')}`,
  })
}

/** What is recorded of a topic, or of one of its experiments. @throws UserError where nothing is */
function recordingsOf({ title, slug, recordings = [] }: Topic, only: string | undefined): readonly Recording[] {
  const chosen = recordings.filter(({ experiment }) => only === undefined || experiment === only)
  if (chosen.length > 0) return chosen
  const names = recordings.map(({ experiment }) => experiment)
  throw new UserError({
    rule:
      only === undefined ? `Nothing is recorded for ${title}.` : `${title} has no recorded experiment of this name.`,
    received: only ?? slug,
    ...(names.length > 0 && { next: `Use one of: ${names.join(', ')}` }),
  })
}

const PAINTED = { holds: pc.green, undecided: pc.yellow, 'does not hold': pc.red } as const

/** A result that was measured again, beside what is recorded. */
interface Line {
  readonly text: string
  readonly verdict: Reproduction
}

/** Trains what one recording asks for, and compares. */
async function reproduceOne(
  topic: Topic,
  name: string,
  { runs: root, quick = false, seed, threads, queue }: ReproduceOptions,
): Promise<{ readonly lines: readonly Line[]; readonly finished: boolean }> {
  const { recording, experiment } = findRecording(name)
  const result = readResult(topicFolder(topic), name)
  if (!result) {
    console.log(pc.dim(`${name}: nothing is recorded.`))
    return { lines: [], finished: true }
  }
  const headline = headlineOf(experiment)
  const metric = metricOf(experiment.task.metrics, headline)
  const recorded = recording.arms
    .flatMap(arm => {
      const found = result.arms.find(one => one.id === arm.id)
      return found ? [{ arm, found, spread: spreadOf(found, headline) }] : []
    })
    .sort((a, b) => (a.found.runs[0]?.flop ?? 0) - (b.found.runs[0]?.flop ?? 0))
  const seeds = [seed ?? recording.seeds[0] ?? 1]
  // What needs another run that is yet to be trained is not cheap.
  const isReady = (settings: Readonly<Record<string, unknown>>) =>
    missingRuns(root, experiment, parseSettings(experiment, { ...settings, seed: seeds[0] })).length === 0
  const ready = recorded.find(({ arm }) => isReady(arm.settings))
  const cost = ready?.found.runs[0]?.flop
  if (quick && (cost === undefined || cost > QUICK_FLOP)) {
    const flop = cost?.toExponential(1).replace('e+', 'e')
    const why = flop === undefined ? 'every setting needs another run first' : `its cheapest setting takes ${flop} FLOP`
    console.log(pc.dim(`${name}: left out, ${why}. Without --quick it is run.`))
    return { lines: [], finished: true }
  }
  const chosen = quick && ready ? [ready] : recorded
  const wanted = wantedRuns({ ...recording, seeds, arms: chosen.map(({ arm }) => arm) }, experiment)
  const startedAt = new Date().toISOString()
  const finished = await trainRecording(root, experiment, wanted, defined({ threads, queue }))
  const completed = completedRuns(root, experiment)
  const lines = wanted.flatMap((one): Line[] => {
    const run = runWith(completed, one.settings)
    const { spread } = chosen.find(({ arm }) => arm.id === one.arm.id) ?? {}
    if (!spread) return []
    const fresh = run && run.record.createdAt >= startedAt ? run.summary : undefined
    const measured = flatMetrics(fresh?.metrics ?? {})[headline]
    const seedsSaid = spread.count === 1 ? 'with one seed' : `over ${spread.count} seeds`
    const before = `recorded ${formatSpread(metric, spread)} ${seedsSaid}`
    const time = fresh?.seconds === undefined ? '' : ` (${formatDuration(fresh.seconds)})`
    const now = measured === undefined ? 'no result' : formatMetric(metric, measured)
    return [{
      verdict: reproductionOf(measured, spread, metric),
      text: `${name}, ${one.arm.label}: ${now}; ${before}${time}`,
    }]
  })
  return { lines, finished }
}

/** Does what `ddlf reproduce` is asked for. */
export async function reproduceAction(slug: string, options: ReproduceOptions): Promise<void> {
  const topic = topicOf(slug)
  const lines: Line[] = []
  for (const { experiment } of recordingsOf(topic, options.only)) {
    const { lines: found, finished } = await reproduceOne(topic, experiment, options)
    lines.push(...found)
    // Ctrl-C is meant for all of it; what was measured until then is still reported.
    if (!finished) break
  }
  console.log('')
  for (const { text, verdict } of lines) console.log(`${PAINTED[verdict](verdict.padEnd(13))}  ${text}`)
  const count = (wanted: Reproduction) => lines.filter(({ verdict }) => verdict === wanted).length
  const [holding, undecided, broken] = [count('holds'), count('undecided'), count('does not hold')]
  const unsure =
    undecided === 0 ? '' : ` ${undecided} ${undecided === 1 ? 'is' : 'are'} undecided: one seed is recorded.`
  console.log(`\n${holding} of ${lines.length} lines hold.${unsure}`)
  // Ctrl-C has set a code of its own, which says that not all was looked at.
  if (broken > 0) process.exitCode ||= 1
}
