// The files of the repository that the pages point to, each with a page of its own: what a memo shows can be read in
// full.
import { topics, type Topic } from '@ddlf/course'
import { href } from './links.ts'

const ofTopics = import.meta.glob<string>('#course/topics/*/**/*.ts', {
  eager: true,
  query: '?raw',
  import: 'default',
})
const ofPackages = import.meta.glob<string>('../../../*/src/**/*.ts', { query: '?raw', import: 'default' })
const memos = import.meta.glob<string>('#course/topics/*/memo*.mdx', {
  eager: true,
  query: '?raw',
  import: 'default',
})

/** The path from the repository's root; a course elsewhere is named as the one here. */
const fromRoot = (path: string) => {
  const topic = path.lastIndexOf('/topics/')
  return topic < 0 ? path.replace(/^(\.\.\/)+/, 'packages/') : `course${path.slice(topic)}`
}
const folderOfPath = (path: string) => path.split('/').slice(0, 3).join('/')
const written = new Set(Object.keys(memos).map(path => folderOfPath(fromRoot(path))))
const topicFiles = new Map(
  Object.entries(ofTopics)
    .map(([path, text]) => [fromRoot(path), text] as const)
    .filter(([path]) => written.has(folderOfPath(path))),
)
const packageFiles = new Map(Object.entries(ofPackages).map(([path, load]) => [fromRoot(path), load]))

/** Paths from the repository's root that a text names. */
const CITED = /\b(?:course|packages)\/[\w./-]+\.ts\b/g

const cited = new Set(Object.values(memos).flatMap(text => text.match(CITED) ?? []))

/** The files that have a page: all of the topics that have a memo, and those of the packages that a memo names. */
export const sourcePaths: readonly string[] = [
  ...topicFiles.keys(),
  ...[...cited].filter(path => packageFiles.has(path)),
].sort()

/** The text of a file. */
export async function sourceText(path: string): Promise<string> {
  const text = topicFiles.get(path) ?? (await packageFiles.get(path)?.())
  if (text !== undefined) return text
  throw new Error(`A page points to '${path}', which does not exist.`)
}

/** The address of a file's page, at a line. */
export const sourceHref = (path: string, line?: number): string =>
  href(`/source/${path}/${line === undefined ? '' : `#L${line}`}`)

/** Number of the first line, from 1, that has a text; undefined where none has. */
const lineOf = (text: string, part: string): number | undefined => {
  const index = text.split('\n').findIndex(line => line.includes(part))
  return index < 0 ? undefined : index + 1
}

const folderOf = ({ slug }: Topic): string | undefined =>
  [...topicFiles.keys()].map(folderOfPath).find(folder => folder.endsWith(`-${slug}`))

/** Where an experiment is defined. */
export function experimentSource(name: string): { readonly path: string; readonly line: number } | undefined {
  for (const topic of topics) {
    const path = `${folderOf(topic) ?? ''}/experiments.ts`
    const line = lineOf(topicFiles.get(path) ?? '', `name: '${name}'`)
    if (line !== undefined) return { path, line }
  }
  return undefined
}

/** The file with the hole of an exercise. */
export const exerciseSource = (name: string): string | undefined =>
  [...topicFiles.keys()].find(path => path.endsWith(`/exercises/holes/${name}.ts`))
