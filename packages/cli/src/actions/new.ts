// ddlf new <slug>: the files of a new topic, ready to run, to record and to write about.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Topic } from '@ddlf/course'
import { makeFolder } from '@ddlf/data/make-folder'
import { shellQuote } from '@ddlf/lab/command-text'
import { UserError } from '@ddlf/tensor'
import { courseModule, ownIndex, topicsFolder } from '../course-folders.ts'
import { loadCourse } from '../load-course.ts'
import { suggest } from '../terminal/command-line.ts'

/** Slugs of one word that no variable of the new files can have as a name, or should. */
const RESERVED = new Set(
  (
    'await break case catch class const constructor continue debugger default delete do else enum export extends ' +
    'false finally for function if implements import ' +
    'in instanceof interface let new null package private protected public return static super switch this throw ' +
    'true try typeof undefined var void while with yield'
  ).split(' '),
)

const camel = (slug: string) => slug.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** A text as a string of the code style. */
const quoted = (text: string) => (text.includes("'") ? JSON.stringify(text) : `'${text.replaceAll('\\', '\\\\')}'`)

/** What a course of somebody's own begins with, by name. */
const COURSE: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }\n',
  'index.ts': `// The topics of this course in the order of their days, and every experiment that can be run.
import type { Topic } from '@ddlf/course'
import { ownDataExperiments } from '@ddlf/lab/experiments'

export const topics: readonly Topic[] = [
]

export const experiments = [...topics.flatMap(topic => topic.experiments), ...ownDataExperiments]
`,
}

/** Makes the folder of a course where there is none yet; what lies there stays. */
function makeCourse(folder: string): void {
  makeFolder(join(folder, 'topics'))
  if (ownIndex(folder) !== undefined) return
  for (const [name, content] of Object.entries(COURSE)) {
    if (!existsSync(join(folder, name))) writeFileSync(join(folder, name), content)
  }
}

/** The memo that a topic begins with. */
const memoOf = (slug: string): string => `---
focus: One sentence that says what these days are about.
---

## A question

<Question experiment="${slug}" />

With 64 units the error is <Measured experiment="${slug}" arm="wide" />.

Fewer units make more errors:

<Claim experiment="${slug}" worse="narrow" better="wide" />

<Compare experiment="${slug}" against="wide" caption="Both settings, two epochs." />

<Curve
  experiment="${slug}"
  arms={['narrow', 'wide']}
  metrics={['test/error']}
  caption="The test error after each epoch."
/>

## Tasks done

## Questions raised

## Notes
`

/** The files of a topic by name. @param types where the type of a topic comes from */
function filesOf(
  slug: string, title: string, days: readonly [number, number], types: string,
): Record<string, string> {
  const name = camel(slug)
  return {
    'experiments.ts': `// The experiments of Days ${days[0]}-${days[1]}.
import { classification, experiment, publishedSet, classificationSettings } from '@ddlf/lab/experiments'
import { Flatten, Linear, ReLU, Sequential } from '@ddlf/nn'
import { z } from 'zod'

export const ${name} = experiment({
  name: '${slug}',
  title: ${quoted(title)},
  question: 'What happens when the hidden layer grows?',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...classificationSettings.shape,
    epochs: classificationSettings.shape.epochs.default(2),
    units: z.number().int().min(1).max(10_000).default(64).describe('units in the hidden layer'),
  }),
  task: classification(),
  model: ({ units }) => new Sequential(new Flatten(), new Linear(784, units), new ReLU(), new Linear(units, 10)),
})

export const experiments = [${name}]
`,
    'recordings.ts': `// Which runs stand behind the figures of Days ${days[0]}-${days[1]}.
import type { Recording } from '@ddlf/lab'

export const recordings: readonly Recording[] = [
  {
    // Six seeds: with fewer, no difference can be told from luck at one in twenty.
    experiment: '${slug}', seeds: [1, 2, 3, 4, 5, 6],
    arms: [
      { id: 'narrow', label: '16 units', settings: { units: 16 } },
      { id: 'wide', label: '64 units', settings: {} },
    ],
  },
]
`,
    'topic.ts': `// Days ${days[0]}-${days[1]}.
import type { Topic } from '${types}'
import { experiments } from './experiments.ts'
import { recordings } from './recordings.ts'

export const ${name}Topic: Topic = {
  slug: '${slug}',
  title: ${quoted(title)},
  days: [${days[0]}, ${days[1]}],
  permalink: '/30ddlf/${slug}',
  datasets: ['MNIST'],
  models: 'one hidden layer',
  experiments,
  recordings,
}
`,
    'memo.mdx': memoOf(slug),
  }
}

/**
 * Puts a topic into the list of topics, in the place of its plan where there is one; returns false where the list does
 * not look as expected.
 */
function register(slug: string, folder: string, own: string | undefined): boolean {
  const file = fileURLToPath(courseModule(own))
  const text = readFileSync(file, 'utf8')
  const variable = `${camel(slug)}Topic`
  const imports = [...text.matchAll(/^import .*\n/gm)].at(-1)
  const start = text.indexOf('export const topics')
  const end = text.indexOf('\n]', start)
  if (!imports || start < 0 || end < 0) return false
  const at = imports.index + imports[0].length
  // On one line or on several.
  const plan = new RegExp(`\\n {2}planned\\(\\s*'${slug}',(?:.*\\),|[^]*?\\n {2}\\),)`)
  const list = text.slice(start, end)
  const extended = plan.test(list) ? list.replace(plan, `\n  ${variable},`) : `${list}\n  ${variable},`
  writeFileSync(
    file,
    `${text.slice(0, at)}import { ${variable} } from ` +
    `'./topics/${folder}/topic.ts'\n${text.slice(at, start)}${extended}${text.slice(end)}`,
  )
  return true
}

/** What `ddlf new` is given. */
interface NewOptions {
  readonly title?: string
  readonly days?: string
  /** The folder of a course of somebody's own. */
  readonly course?: string
}

function checkSlug(slug: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(slug))
    throw new UserError({
      rule: 'A slug must be lower-case words joined by dashes.',
      received: slug,
      next: 'For example: my-topic',
    })
  if (RESERVED.has(slug))
    throw new UserError({
      rule: 'This slug is a word of the language, and its files could not name it.',
      received: slug,
      next: 'Add a word, for example: my-topic',
    })
}

/** The days of a new topic. @throws UserError where they are none, or another topic's */
function daysOf(
  topics: readonly Topic[],
  plan: Topic | undefined,
  given: string | undefined,
): readonly [number, number] {
  const free = Math.max(0, ...topics.map(topic => topic.days[1])) + 1
  const days = given ?? (plan?.days ?? [free, free]).join('-')
  const [from, to] = (/^(\d{1,3})-(\d{1,3})$/.exec(days) ?? []).slice(1).map(Number)
  if (from === undefined || to === undefined)
    throw new UserError({
      rule: 'Days must be written from-to.',
      received: days,
      next: `For example: --days ${free}-${free + 1}`,
    })
  const clash = topics.find(topic => topic !== plan && topic.days[0] <= to && from <= topic.days[1])
  if (from >= 1 && to >= from && !clash) return [from, to]
  throw new UserError({
    rule: clash
      ? 'These days belong to another topic.'
      : 'The days must begin at 1 or later, and the first must not come after the last.',
    received: `${days}${clash ? `, but ${clash.title} has days ${clash.days.join('-')}` : ''}`,
    next: `The first free day is ${free}.`,
  })
}

/** Writes the files of a topic beside those of the course's others. @returns the folder's name */
function layOut(root: string, slug: string, files: Readonly<Record<string, string>>): string {
  const number = Math.max(0, ...readdirSync(root).map(folder => Number.parseInt(folder, 10) || 0)) + 1
  const folder = `${String(number).padStart(2, '0')}-${slug}`
  const place = join(root, folder)
  makeFolder(join(place, 'results'))
  for (const [name, content] of Object.entries(files)) {
    if (!existsSync(join(place, name))) writeFileSync(join(place, name), content)
  }
  return folder
}

/** Does what `ddlf new` is asked for. */
export async function newAction(slug: string, given: NewOptions): Promise<void> {
  checkSlug(slug)
  if (given.title?.trim() === '') {
    const next = 'Write a title in quotes, or leave --title out.'
    throw new UserError({ rule: '--title needs a value.', received: 'an empty text', next })
  }
  const own = given.course === undefined ? undefined : resolve(given.course)
  const isNew = own !== undefined && ownIndex(own) === undefined
  const { topics } = isNew ? { topics: [] } : await loadCourse(own)
  const plan = topics.find(topic => topic.slug === slug && topic.experiments.length === 0)
  const [from, to] = daysOf(topics, plan, given.days)
  const words = slug.replaceAll('-', ' ')
  const title = given.title ?? plan?.title ?? words.charAt(0).toUpperCase() + words.slice(1)
  if (own !== undefined) makeCourse(own)
  const root = topicsFolder(own)
  const taken = readdirSync(root).find(folder => folder.replace(/^\d+-/, '') === slug)
  if (taken !== undefined)
    throw new UserError({
      rule: 'There is a topic of this name already.',
      received: `${slug}, which is ${taken}`,
      next: 'Choose another name, or work on this one.',
    })
  const types = own === undefined ? '../../topic.ts' : '@ddlf/course'
  const folder = layOut(root, slug, filesOf(slug, title, [from, to], types))
  const index = own === undefined ? 'course/index.ts' : relative('', fileURLToPath(courseModule(own)))
  const listed = register(slug, folder, own) ? `; listed in ${index}` : `. Add it to the topics in ${index}.`
  const named = own === undefined || process.env['DDLF_COURSE'] ? '' : `
  export DDLF_COURSE=${shellQuote(relative('', own) || '.')}
the commands are about this course from now on`
  console.log(`${relative('', join(root, folder))}: experiments.ts, recordings.ts, topic.ts, memo.mdx${listed}

Next:${named}
  ${suggest('train', slug)}
does it learn?
  ${suggest('record', slug, '--train')}
makes the runs behind its figures
  ${suggest('lab')}
its page: /30ddlf/${slug}/

${own === undefined ? 'course' : 'node_modules/@ddlf/course'}/AUTHORING.md goes on from here.`)
}
