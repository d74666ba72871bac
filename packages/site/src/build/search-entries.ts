// What the search page knows before it asks the full index: words of the glossary, headings, experiments, exercises.
import { topics } from '@ddlf/course'
import { glossary } from '@ddlf/course/glossary'
import { topicHref } from './links.ts'
import { memoParts } from './memos.ts'
import { experimentSource, sourceHref } from './sources.ts'
import type { SearchEntry } from '../islands/forgiving-search.ts'

export function searchEntries(): SearchEntry[] {
  const words = glossary.flatMap(({ term, aliases, meaning, topic, place }) => {
    const found = topics.find(({ slug }) => slug === topic)
    return found
      ? [
          {
            kind: 'word' as const,
            title: term,
            aliases: aliases.join(', '),
            text: meaning,
            href: `${topicHref(found)}${place}`,
          },
        ]
      : []
  })
  const headings = memoParts.flatMap(part => [
    {
      kind: 'heading' as const,
      title: part.title,
      aliases: part.topic.title,
      text: `Days ${part.topic.days.join('-')}`,
      href: part.href,
    },
    ...part.memo
      .getHeadings()
      .filter(({ depth }) => depth <= 3)
      .map(({ slug, text }) => ({
        kind: 'heading' as const,
        title: text,
        aliases: '',
        text: part.title,
        href: `${part.href}#${slug}`,
      })),
  ])
  const experiments = topics
    .flatMap(topic => topic.experiments)
    .flatMap(({ name, question }) => {
      const source = experimentSource(name)
      return source
        ? [
            {
              kind: 'experiment' as const,
              title: name,
              aliases: '',
              text: question,
              href: sourceHref(source.path, source.line),
            },
          ]
        : []
    })
  return [...words, ...headings, ...experiments].map((entry, id) => ({ id, ...entry }))
}
