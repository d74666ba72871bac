// ddlf new <slug>: the files of a new topic, ready to run, to record and to write about.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { topics } from '@ddlf/course'
import { UserError } from '@ddlf/tensor'
import { topicsFolder } from '../course-folders.ts'
import { suggest } from '../terminal/command-line.ts'

/** Slugs of one word that no variable of the new files can have as a name, or should. */
const RESERVED = new Set(
  (
    'await break case catch class const constructor continue debugger default delete do else enum export extends false finally for function if implements import ' +
    'in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
)

const camel = (slug: string) => slug.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** A text as a string of the code style. */
const quoted = (text: string) => (text.includes("'") ? JSON.stringify(text) : `'${text.replaceAll('\\', '\\\\')}'`)

/** The files of a topic by name. */
function filesOf(slug: string, title: string, days: readonly [number, number]): Record<string, string> {
  const name = camel(slug)
  return {
    'experiments.ts': `// The experiments of Days ${days[0]}-${days[1]}.
import { classification, experiment, publishedSet, trainingSettings } from '@ddlf/lab/experiments'
import { Flatten, Linear, ReLU, Sequential } from '@ddlf/nn'
import { z } from 'zod'

export const ${name} = experiment({
  name: '${slug}',
  title: ${quoted(title)},
  question: 'What happens when the hidden layer grows?',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...trainingSettings.shape,
    epochs: trainingSettings.shape.epochs.default(2),
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
import type { Topic } from '../../topic.ts'
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
    'memo.mdx': `---
focus: One sentence that says what these days are about.
---

## A question

<Question experiment="${slug}" />

With 64 units the error is <Measured experiment="${slug}" arm="wide" />.

Fewer units make more errors:

<Claim experiment="${slug}" worse="narrow" better="wide" />

<Compare experiment="${slug}" against="wide" caption="Both settings, two epochs." />

<Curve experiment="${slug}" arms={['narrow', 'wide']} metrics={['test/error']} caption="The test error after each epoch." />

## Tasks done

## Questions raised

## Notes
`,
  }
}

/**
 * Puts a topic into the list of topics, in the place of its plan where there is one; returns false where the list does
 * not look as expected.
 */
function register(slug: string, folder: string): boolean {
  const file = fileURLToPath(import.meta.resolve('@ddlf/course'))
  const text = readFileSync(file, 'utf8')
  const variable = `${camel(slug)}Topic`
  const imports = [...text.matchAll(/^import .*\n/gm)].at(-1)
  const start = text.indexOf('export const topics')
  const end = text.indexOf('\n]', start)
  if (!imports || start < 0 || end < 0) return false
  const at = imports.index + imports[0].length
  const plan = new RegExp(`\\n {2}planned\\('${slug}',.*`)
  const list = text.slice(start, end)
  const extended = plan.test(list) ? list.replace(plan, `\n  ${variable},`) : `${list}\n  ${variable},`
  writeFileSync(
    file,
    `${text.slice(0, at)}import { ${variable} } from './topics/${folder}/topic.ts'\n${text.slice(at, start)}${extended}${text.slice(end)}`,
  )
  return true
}

/** Does what `ddlf new` is asked for. */
export function newAction(slug: string, given: { title?: string; days?: string }): void {
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
  const plan = topics.find(topic => topic.slug === slug && topic.experiments.length === 0)
  const free = Math.max(...topics.map(topic => topic.days[1])) + 1
  const days = given.days ?? (plan?.days ?? [free, free]).join('-')
  if (given.title?.trim() === '') throw new UserError({ rule: '--title needs a value.', received: 'an empty text' })
  const words = slug.replaceAll('-', ' ')
  const title = given.title ?? plan?.title ?? words.charAt(0).toUpperCase() + words.slice(1)
  const [from, to] = (/^(\d{1,3})-(\d{1,3})$/.exec(days) ?? []).slice(1).map(Number)
  if (from === undefined || to === undefined)
    throw new UserError({
      rule: 'Days must be written from-to.',
      received: days,
      next: `For example: --days ${free}-${free + 1}`,
    })
  const clash = topics.find(topic => topic !== plan && topic.days[0] <= to && from <= topic.days[1])
  if (from < 1 || to < from || clash) {
    throw new UserError({
      rule: clash
        ? 'These days belong to another topic.'
        : 'The days must begin at 1 or later, and the first must not come after the last.',
      received: `${days}${clash ? `, but ${clash.title} has days ${clash.days.join('-')}` : ''}`,
      next: `The first free day is ${free}.`,
    })
  }
  const root = topicsFolder()
  const taken = readdirSync(root).find(folder => folder.replace(/^\d+-/, '') === slug)
  if (taken !== undefined)
    throw new UserError({ rule: 'There is a topic of this name already.', received: `${slug}, which is ${taken}` })
  const number = Math.max(0, ...readdirSync(root).map(folder => Number.parseInt(folder, 10) || 0)) + 1
  const folder = `${String(number).padStart(2, '0')}-${slug}`
  const place = join(root, folder)
  mkdirSync(join(place, 'results'), { recursive: true })
  for (const [name, content] of Object.entries(filesOf(slug, title, [from, to]))) {
    if (!existsSync(join(place, name))) writeFileSync(join(place, name), content)
  }
  const listed = register(slug, folder)
  console.log(`${relative('', place)}: experiments.ts, recordings.ts, topic.ts, memo.mdx${listed ? '; listed in course/index.ts' : '. Add it to the topics in course/index.ts.'}

Next:
  ${suggest('train', slug)}
does it learn?
  ${suggest('record', slug, '--train')}
makes the runs behind its figures
  ${suggest('lab')}
its page: /30ddlf/${slug}/

course/AUTHORING.md goes on from here.`)
}
