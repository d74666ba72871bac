// The memos of the topics in their parts: each part is a file and has an address of its own.
import { topics, type Topic } from '@ddlf/course'
import type { MDXInstance } from 'astro'
import { topicHref } from './links.ts'

interface FrontMatter {
  /** Of a topic's first part: what its days are about, in one sentence. */
  readonly focus?: string
  /** The question of this part; the first may do without. */
  readonly title?: string
  /** Which part this is, from 1; the file `memo.mdx` is the first. */
  readonly part?: number
}

const files = import.meta.glob<MDXInstance<FrontMatter>>('#course/topics/*/memo*.mdx', { eager: true })
const sources = import.meta.glob<string>('#course/topics/*/memo*.mdx', {
  eager: true,
  query: '?raw',
  import: 'default',
})

/** One part of a memo. */
export interface MemoPart {
  readonly topic: Topic
  /** Counted from 1. */
  readonly number: number
  readonly title: string
  /** Below the topic's address; empty of the first. */
  readonly slug: string
  readonly href: string
  readonly minutes: number
  /** As written. */
  readonly source: string
  readonly memo: MDXInstance<FrontMatter>
}

const WORDS_A_MINUTE = 200
const SECONDS_A_FIGURE = 15
const FIGURE = /<(?:Curve|Compare|Grid|Minima|Confusion|Mistakes|Figures|Explain|Graph|Published)\b/g

/** Minutes to read a text with its figures. */
function minutesFor(source: string): number {
  const words = source
    .replace(/^---[^]*?---/, ' ')
    .replace(/<[A-Z][^>]*?=\{\[[^]*?\]\}[^>]*?\/>|<[^>]+>|^import .*$|```[^]*?```/gm, ' ')
    .split(/\s+/)
    .filter(word => /\w/.test(word)).length
  const figures = source.match(FIGURE)?.length ?? 0
  return Math.max(1, Math.round(words / WORDS_A_MINUTE + (figures * SECONDS_A_FIGURE) / 60))
}

function partOf(topic: Topic, path: string, memo: MDXInstance<FrontMatter>): MemoPart {
  const slug = /memo-?(.*)\.mdx$/.exec(path)?.[1] ?? ''
  const source = sources[path] ?? ''
  const { title, part = 1 } = memo.frontmatter
  if (slug !== '' && (title === undefined || part < 2))
    throw new Error(`${path} is a further part of a memo: give it a title and part: 2 or more in its front matter.`)
  const href = `${topicHref(topic)}${slug === '' ? '' : `${slug}/`}`
  return { topic, number: part, title: title ?? topic.title, slug, href, minutes: minutesFor(source), source, memo }
}

const parts = topics.flatMap(topic => {
  const own = Object.entries(files).filter(([path]) => path.split('/').at(-2)?.replace(/^\d+-/, '') === topic.slug)
  const ordered = own.map(([path, memo]) => partOf(topic, path, memo)).sort((a, b) => a.number - b.number)
  ordered.forEach(({ number, slug }, i) => {
    if (number !== i + 1)
      throw new Error(`The memo of ${topic.slug} has no part ${i + 1}: 'memo-${slug}.mdx' says ${number}.`)
  })
  return ordered
})

/** All parts of all memos, in the order of the days. */
export const memoParts: readonly MemoPart[] = parts

/** The parts of a topic's memo; none where it is not written. */
export const partsOf = (topic: Topic): readonly MemoPart[] => parts.filter(part => part.topic === topic)

/** What a topic's memo is about, in a sentence. */
export const focusOf = (topic: Topic): string => partsOf(topic)[0]?.memo.frontmatter.focus ?? ''

/** Minutes to read a topic's whole memo. */
export const minutesToRead = (topic: Topic): number => partsOf(topic).reduce((sum, { minutes }) => sum + minutes, 0)

/** The part before and the part after, across topics. */
export function neighbours(part: MemoPart): {
  readonly before: MemoPart | undefined
  readonly after: MemoPart | undefined
} {
  const at = parts.indexOf(part)
  return { before: parts[at - 1], after: parts[at + 1] }
}
