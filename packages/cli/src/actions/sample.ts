// ddlf sample <run>: a trained model goes on with a text, or makes pictures.
import path from 'node:path'
import {
  judgePictures, makes, pictureSheet, samplePictures, sampleText, type ClassShares, type MadePictures,
} from '@ddlf/lab'
import {
  openOutput, openTrainedRun, runPaths, runsWords, runTokenizer, writeRunFile, type TrainedRun,
} from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { experiments } from '../experiments.ts'
import { suggest } from '../terminal/command-line.ts'
import { pc } from '../terminal/colour.ts'
import { formatCount, formatPercent, formatTable } from '../terminal/format.ts'

/** The options of the command. */
export interface SampleOptions {
  readonly runs: string
  readonly checkpoint: string
  readonly prompt: readonly string[]
  readonly tokens: number
  readonly temperature: number
  readonly topK?: number
  readonly topP?: number
  readonly stop: readonly string[]
  readonly seed: number
  readonly threads: number
  readonly count?: number
  readonly out?: string
  readonly force?: boolean
  readonly judge?: string
  readonly json?: boolean
  /** The options that were given, and not left to their defaults. */
  readonly given: readonly string[]
}

const OF_TEXTS = ['prompt', 'tokens', 'temperature', 'stop', 'topK', 'topP'] as const
const OF_PICTURES = ['count', 'out', 'judge'] as const
const WRITTEN: Readonly<Partial<Record<string, string>>> = { topK: 'top-k', topP: 'top-p' }

/** Refuses what the model makes nothing of. @throws UserError naming the first such option */
export function checkGiven(given: readonly string[], name: string, kind: 'text' | 'pictures'): void {
  const found = (kind === 'text' ? OF_PICTURES : OF_TEXTS).find(option => given.includes(option))
  if (found === undefined) return
  const wrong = WRITTEN[found] ?? found
  throw new UserError({
    rule: kind === 'text' ? `--${wrong} is for a model that makes pictures.` : `--${wrong} is for a model of texts.`,
    received: `--${wrong}, and ${name}, which makes ${kind === 'text' ? 'texts' : 'pictures'}`,
    next: 'Leave it out.',
  })
}

/** Several texts are written one after the other, so that lines do not mix; one is written as it is made. */
async function collect(pieces: AsyncIterable<readonly string[]>, count: number, onPiece: (piece: string) => void) {
  const texts = new Array<string>(count).fill('')
  for await (const made of pieces) {
    made.forEach((piece, i) => (texts[i] = `${texts[i] ?? ''}${piece}`))
    if (count === 1) onPiece(made[0] ?? '')
  }
  return texts
}

async function printTexts(trained: TrainedRun, options: SampleOptions): Promise<void> {
  const { checkpoint, tokens, temperature, topK, topP, seed, threads, stop, json = false } = options
  const prompts = options.prompt.length === 0 ? [''] : options.prompt
  const pieces = sampleText(trained, {
    // Small models are fastest on one thread.
    runtime: onnxNodeRuntime({ threads }),
    tokenizer: await runTokenizer(trained),
    prompts,
    tokens,
    temperature,
    seed,
    stop,
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
  })
  let begun = false
  const texts = await collect(pieces, prompts.length, piece => {
    if (json) return
    // Not before the model has read it: a prompt that it cannot spell is refused.
    process.stdout.write(begun ? piece : `${prompts[0] ?? ''}${piece}`)
    begun = true
  })
  if (json) {
    const settings = { temperature, topK: topK ?? null, topP: topP ?? null, seed, tokens }
    const said = prompts.map((prompt, i) => ({ prompt, text: texts[i] ?? '' }))
    console.log(JSON.stringify({ run: trained.name, checkpoint, ...settings, texts: said }))
    return
  }
  if (prompts.length === 1) console.log('')
  else prompts.forEach((prompt, i) => console.log(`${pc.dim(`--- ${i + 1}`)}\n${prompt}${texts[i] ?? ''}`))
}

/** Pictures of a sheet where nobody says how many. */
const COUNT = 64
/** Pictures that are judged where nobody says how many: a share of 30 % is then known within 3. */
const JUDGED = 1000

/** Where a sheet of pictures is going to lie, and how it is written; looked at before any is made. */
function sheetPlace(
  { run }: TrainedRun,
  { out, force = false }: SampleOptions,
): { readonly file: string; readonly write: (pictures: MadePictures) => void } {
  if (out !== undefined) {
    const write = openOutput(out, { force, example: 'samples.png' })
    return { file: out, write: pictures => { write(pictureSheet(pictures)) } }
  }
  const write = (pictures: MadePictures) => {
    writeRunFile(run, 'artifacts/samples.png', pictureSheet(pictures))
  }
  return { file: path.join(runPaths(run).artifacts, 'samples.png'), write }
}

function printJudgement(judge: string, { classes, examples, found, largest, confidence }: ClassShares): void {
  console.log(`\n${pc.bold(`What ${judge} takes them for`)}`)
  console.log(formatTable(
    ['class', 'pictures', 'share'],
    classes.map(({ name, count, share }) => [name, formatCount(count), formatPercent(share)]),
    [1, 2],
  ))
  console.log(
    `${found} of ${classes.length} classes occur; the most frequent is ${largest.name} with ` +
    `${formatPercent(largest.share)} of ${formatCount(examples)}. ` +
    `It is sure of its answers by ${formatPercent(confidence)}.`,
  )
}

async function makePictures(trained: TrainedRun, options: SampleOptions): Promise<void> {
  const { runs, judge: judgeName, seed, threads, checkpoint, out, json = false } = options
  const { count = judgeName === undefined ? COUNT : JUDGED } = options
  const runtime = onnxNodeRuntime({ threads })
  // Opened first: whoever misspells it should not wait.
  const judge = judgeName === undefined ? undefined : openTrainedRun(experiments, runs, judgeName)
  const { file, write } = sheetPlace(trained, options)
  const pictures = await samplePictures(trained, { count, seed }, runtime)
  const size = pictures.shape.reduce((product, extent) => product * extent, 1)
  const shown = out === undefined ? Math.min(count, COUNT) : count
  write({ ...pictures, data: pictures.data.subarray(0, shown * size) })
  const judgement = judge && (await judgePictures(pictures, judge, runtime))
  if (json) {
    const told = judge && { judge: judge.name, ...judgement }
    const made = { run: trained.name, checkpoint, seed, count, file, shown }
    console.log(JSON.stringify({ ...made, ...(told && { judgement: told }) }))
    return
  }
  const [channels, height, width] = pictures.shape
  const form = `${height} x ${width}, ${channels === 1 ? 'grey' : 'colour'}`
  console.log(`${path.relative('', file) || file}: ${formatCount(shown)} pictures of ${form}, seed ${seed}.`)
  if (judge && judgement) printJudgement(judge.name, judgement)
  else {
    const next = suggest('sample', trained.name, '--judge', '<run of a classifier>', ...runsWords(runs))
    console.log(pc.dim(`What a classifier takes them for: ${next}`))
  }
}

/** Does what `ddlf sample` is asked for. */
export async function sampleAction(reference: string, options: SampleOptions): Promise<void> {
  const { runs, checkpoint } = options
  const trained = openTrainedRun(experiments, runs, reference, checkpoint)
  const kind = makes(trained.experiment)
  if (kind === undefined) {
    throw new UserError({
      rule: 'Only a model that makes texts or pictures can be let make some.',
      received: `${trained.name}, whose task is ${trained.experiment.task.name}`,
      next: `Ask it about something: ${suggest('predict', trained.name, '<input>', ...runsWords(runs))}`,
    })
  }
  checkGiven(options.given, trained.name, kind)
  await (kind === 'text' ? printTexts(trained, options) : makePictures(trained, options))
}
