// The search that forgives: typos, halves of words, other names; and a glossary that leads to headings that exist.
import { readFileSync, readdirSync } from 'node:fs'
import { createMarkdownProcessor } from '@astrojs/markdown-remark'
import rehypeKatex from 'rehype-katex'
import remarkMath from 'remark-math'
import { describe, expect, it } from 'vitest'
import { topics } from '@ddlf/course'
import { glossary } from '@ddlf/course/glossary'
import { formulasSearchedOnce } from '../packages/site/src/build/formulas-searched-once.ts'
import { forgivingSearch } from '../packages/site/src/islands/forgiving-search.ts'

const entries = glossary.map(({ term, aliases, meaning }, id) => ({
  id,
  kind: 'word' as const,
  title: term,
  aliases: aliases.join(', '),
  text: meaning,
  href: `#${term}`,
}))
const first = (words: string) => forgivingSearch(entries)(words)[0]?.title

describe('the search', () => {
  it.each([
    ['sofmax', 'softmax'],
    ['softmax', 'softmax'],
    ['backprop', 'gradient'],
    ['batchnrom', 'batch normalisation'],
    ['BN', 'batch normalisation'],
    ['lr', 'learning rate'],
    ['drop', 'dropout'],
    ['skip conection', 'shortcut'],
    ['regularizaton', 'regularisation'],
    ['L2 penalty', 'weight decay'],
    ['neuron', 'unit'],
  ])('of "%s" finds %s', (words, term) => {
    expect(first(words)).toBe(term)
  })
  it('finds each word of the glossary first by its own name', () => {
    expect(glossary.filter(({ term }) => first(term) !== term).map(({ term }) => term)).toEqual([])
    expect(first(' Attention ')).toBe('attention')
  })
  it('reads a formula once of the three times that it stands in a page', async () => {
    const processor = await createMarkdownProcessor({
      remarkPlugins: [remarkMath], rehypePlugins: [rehypeKatex, formulasSearchedOnce],
    })
    const { code } = await processor.render('Here $e$ stands.')
    expect(code.match(/>e</g)).toHaveLength(3)
    const ignored = /<(annotation|span class="katex-html")[^>]* data-pagefind-ignore(?:="")?[^>]*>/g
    expect([...code.matchAll(ignored)].map(([, tag]) => tag)).toEqual(['annotation', 'span class="katex-html"'])
  })
  it('looks for the beginning of what is very long', () => {
    const pasted = Array.from({ length: 20_000 }, (_, i) => `zz${i.toString(36)}qq`).join(' ')
    expect(forgivingSearch(entries)(`softmax ${pasted}`)).toEqual(forgivingSearch(entries)('softmax zz0qq'))
  })
  it('finds nothing for nothing like it', () => {
    expect(forgivingSearch(entries)('zzzzqqqq')).toEqual([])
  })
})

describe('the glossary', () => {
  const root = new URL('../course/topics/', import.meta.url)
  /** Anchors as the pages make them: words in lower case, joined by hyphens. */
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replace(/\s+/g, '-')
  it.each(glossary.map(({ term }) => term))('%s leads to a heading that there is', term => {
    const { topic, place } = glossary.find(one => one.term === term)!
    const folder = readdirSync(root).find(name => name.replace(/^\d+-/, '') === topic)!
    expect(topics.some(({ slug }) => slug === topic)).toBe(true)
    const [part = '', id = ''] = place.split('#')
    const file = part === '' ? 'memo.mdx' : `memo-${part.replace('/', '')}.mdx`
    const headings = [...readFileSync(new URL(`${folder}/${file}`, root), 'utf8').matchAll(/^##+ (.+)$/gm)].map(
      ([, text = '']) => anchor(text),
    )
    expect(headings).toContain(id)
  })
})
