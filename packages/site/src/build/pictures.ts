// The living pictures of the plan: frames of a recorded run, or a recorded curve.
import { z } from 'zod'
import type { Topic } from '@ddlf/course'
import { headlineOf, metricFor, recordedResults } from './results.ts'

const schema = z.strictObject({
  experiment: z.string(),
  settings: z.record(z.string(), z.unknown()),
  shows: z.string(),
  width: z.number(),
  height: z.number(),
  steps: z.array(z.number()),
  testError: z.array(z.number()),
})

const records = import.meta.glob<unknown>('#course/topics/*/pictures/picture.json', {
  eager: true,
  import: 'default',
})
const images = import.meta.glob<string>('#course/topics/*/pictures/*.webp', {
  eager: true,
  query: '?url',
  import: 'default',
})

const textSchema = z.strictObject({
  experiment: z.string(),
  settings: z.record(z.string(), z.unknown()),
  shows: z.string(),
  frames: z.array(z.strictObject({ caption: z.string(), text: z.string() })).min(1),
})
const texts = import.meta.glob<unknown>('#course/topics/*/pictures/text.json', { eager: true, import: 'default' })

/** A picture of lines of text, frame by frame: what a model writes while it learns, or says of something. */
export type LivingText = z.infer<typeof textSchema>

/** Frames of a run, one below the other in one file. */
export interface LivingPicture {
  readonly shows: string
  readonly still: string
  readonly frames: string
  readonly width: number
  readonly height: number
  /** What stands below each frame. */
  readonly captions: readonly string[]
}

const folderIs = (path: string, { slug }: Topic) => path.split('/').at(-3)?.replace(/^\d+-/, '') === slug

/** The picture of a topic; undefined where none was recorded. */
export function pictureOf(topic: Topic): LivingPicture | undefined {
  const record = Object.entries(records).find(([path]) => folderIs(path, topic))?.[1]
  if (record === undefined) return undefined
  const { shows, width, height, steps, testError } = schema.parse(record)
  const file = (name: string) =>
    Object.entries(images).find(([path]) => folderIs(path, topic) && path.endsWith(`/${name}.webp`))?.[1] ?? ''
  const captions = steps.map(
    (step, i) => `step ${step.toLocaleString('en-US')}: ${(100 * (testError[i] ?? NaN)).toFixed(1)} % error`,
  )
  return { shows, still: file('last'), frames: file('frames'), width, height, captions }
}

/** The text of a topic; undefined where none was recorded. */
export function textOf(topic: Topic): LivingText | undefined {
  const record = Object.entries(texts).find(([path]) => folderIs(path, topic))?.[1]
  return record === undefined ? undefined : textSchema.parse(record)
}

/** The curve of the topic's longest recorded run, where it has no picture: the test error over epochs. */
export function curveOf(topic: Topic): { readonly points: readonly number[]; readonly caption: string } | undefined {
  const found = topic.experiments.flatMap(
    ({ name }) => recordedResults.get(name)?.arms.flatMap(arm => arm.runs.map(run => ({ name, run }))) ?? [],
  )
  const longest = found.toSorted((a, b) => b.run.curve.epoch.length - a.run.curve.epoch.length)[0]
  if (!longest) return undefined
  const headline = headlineOf(longest.name)
  const points = (longest.run.curve.values[headline] ?? []).filter(value => value !== null)
  const { title, format } = metricFor(longest.name, headline)
  const last = points.at(-1) ?? NaN
  const text = format === 'percent' ? `${(100 * last).toFixed(1)} %` : last.toPrecision(3)
  return points.length < 4 ? undefined : { points, caption: `${title} over ${points.length} epochs: ${text}` }
}

/** Pictures that a recorded run of the topic made, where it has no film of its own. */
export interface MadePictures {
  readonly experiment: string
  /** What they are, and in what. */
  readonly shows: string
  readonly width: number
  readonly height: number
  readonly png: Buffer
}

/** The pictures that a task of the topic makes, as they were recorded. */
export function madePicturesOf(topic: Topic): MadePictures | undefined {
  const [first] = topic.experiments.flatMap(({ name }) => {
    const figures = recordedResults.get(name)?.details?.figures ?? []
    return figures.flatMap(({ title, sheet }) => (sheet ? { name, title, sheet } : []))
  })
  if (!first) return undefined
  const { name, title, sheet } = first
  const png = Buffer.from(sheet.png, 'base64')
  return { experiment: name, shows: title, width: sheet.width, height: sheet.height, png }
}
