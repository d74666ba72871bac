// ddlf new <slug>: the files of a new topic, ready to run, to record and to write about.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor'
import { Command } from 'commander'
import { topicsFolder } from '../recording/result-files.ts'

const EXAMPLES = `
Example:
  $ ddlf new my-topic --title "My topic" --days 31-32
`

const camel = (slug: string) => slug.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The files of a topic by name. */
function filesOf(slug: string, title: string, days: readonly [number, number]): Record<string, string> {
  const name = camel(slug)
  return {
    'experiments.ts': `// The experiments of Days ${days[0]}-${days[1]}.
import { classification, experiment, trainingSettings } from '@ddlf/lab'
import { Flatten, Linear, ReLU, Sequential } from '@ddlf/nn'
import { z } from 'zod'

export const ${name} = experiment({
  name: '${slug}',
  title: '${title}',
  question: 'What happens when the hidden layer grows?',
  dataset: 'mnist',
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
import type { Recording } from '../../topic.ts'

export const recordings: readonly Recording[] = [
  {
    experiment: '${slug}', seeds: [1, 2, 3],
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
  title: '${title}',
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

<Compare experiment="${slug}" against="wide" />

<Curve experiment="${slug}" />

## Tasks done

## Questions raised

## Notes
`,
  }
}

/** Adds a topic to the list of topics; returns false where the list does not look as expected. */
function register(slug: string, folder: string): boolean {
  const file = fileURLToPath(import.meta.resolve('@ddlf/course'))
  const text = readFileSync(file, 'utf8')
  const variable = `${camel(slug)}Topic`
  const imports = [...text.matchAll(/^import .*\n/gm)].at(-1)
  const end = text.indexOf('\n]', text.indexOf('export const topics'))
  if (!imports || end < 0) return false
  const at = imports.index + imports[0].length
  const added = `import { ${variable} } from './topics/${folder}/topic.ts'\n`
  writeFileSync(file, `${text.slice(0, at)}${added}${text.slice(at, end)}\n  ${variable},${text.slice(end)}`)
  return true
}

export function newCommand(): Command {
  return new Command('new')
    .description('lay out the files of a new topic')
    .argument('<slug>', 'lower-case words joined by dashes; becomes the address /30ddlf/<slug>')
    .option('--title <title>', 'title of the topic')
    .option('--days <from-to>', 'first and last day', '31-31')
    .addHelpText('after', EXAMPLES)
    .action((slug: string, { title, days }: { title?: string; days: string }) => {
      if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(slug)) throw new UserError({ rule: 'A slug is lower-case words joined by dashes.', received: slug, next: 'For example: my-topic' })
      const span = /^(\d+)-(\d+)$/.exec(days)
      if (!span) throw new UserError({ rule: 'Days are written from-to.', received: days, next: 'For example: --days 31-32' })
      const root = topicsFolder()
      const taken = readdirSync(root).find(folder => folder.replace(/^\d+-/, '') === slug)
      if (taken !== undefined) throw new UserError({ rule: 'A topic has a name of its own.', received: `${slug}, which is ${taken}` })
      const number = Math.max(0, ...readdirSync(root).map(folder => Number.parseInt(folder, 10) || 0)) + 1
      const folder = `${String(number).padStart(2, '0')}-${slug}`
      const place = join(root, folder)
      mkdirSync(join(place, 'results'), { recursive: true })
      const words = slug.replaceAll('-', ' ')
      for (const [name, content] of Object.entries(filesOf(slug, title ?? words.charAt(0).toUpperCase() + words.slice(1), [Number(span[1]), Number(span[2])]))) {
        if (!existsSync(join(place, name))) writeFileSync(join(place, name), content)
      }
      const listed = register(slug, folder)
      console.log(`${relative('', place)}: experiments.ts, recordings.ts, topic.ts, memo.mdx${listed ? '; listed in course/index.ts' : '. Add it to the topics in course/index.ts.'}

Next:
  npm run ddlf train ${slug}               does it learn?
  npm run ddlf -- record ${slug} --train   makes the runs behind its figures
  npm run ddlf lab                         its page: /30ddlf/${slug}/`)
    })
}
