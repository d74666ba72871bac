// Which pages the reference has, what links to them, and how docstrings become HTML.
import { createMarkdownProcessor } from '@astrojs/markdown-remark'
import rehypeKatex from 'rehype-katex'
import remarkMath from 'remark-math'
import exported from 'virtual:reference'
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { codeThemes } from '../code-themes.ts'
import { formulasSearchedOnce } from '../formulas-searched-once.ts'
import { href } from '../links.ts'
import type { Documented, ExportKind, PackageName } from './documented.ts'

export const packageDescriptions: Readonly<Record<PackageName, string>> = {
  tensor: 'Symbolic tensors, gradients, and the runtimes that execute whole graphs.',
  nn: 'Layers, losses, optimizers, schedules, initialisation, and the training step as one graph.',
  data: 'Data sets, loaders, transforms, tables and pictures of your own, tokenizers.',
  lab: 'fit, experiments, training, runs, studies, analyses, figures.',
}

/** Whether there is a reference: an installed site has none. */
export const hasReference = exported.length > 0

/** Headings of the kinds, in the order of a page. */
export const kindTitles: readonly (readonly [ExportKind, string])[] = [
  ['function', 'Functions'], ['class', 'Classes'], ['namespace', 'Groups of functions'], ['constant', 'Constants'],
  ['interface', 'Interfaces'], ['type', 'Types'],
]

const keyOf = ({ package: of, name }: Documented) => `${of}/${name.toLowerCase()}`

/** The first export of each name, whatever its case. */
const first = new Map<string, Documented>()
for (const one of exported) if (!first.has(keyOf(one))) first.set(keyOf(one), one)

/** The last part of an address: where names differ in case alone (`tensor`, `Tensor`), the kind is told. */
export const slugOf = (one: Documented): string =>
  first.get(keyOf(one)) === one ? one.name : `${one.name}-${one.kind}`

/** The address of an export's page. */
export const referenceHref = (one: Documented): string => href(`/reference/${one.package}/${slugOf(one)}/`)

/** All exports of a package. */
export const exportsOf = (name: PackageName): readonly Documented[] => exported.filter(one => one.package === name)

/** What a name means in a package: its own export first, then that of another. */
function named(name: string, near: PackageName): Documented | undefined {
  const found = exported.filter(one => one.name === name)
  return found.find(one => one.package === near) ?? found[0]
}

const link = (one: Documented, text: string) => `<a href="${referenceHref(one)}">${text}</a>`

/** Code as HTML, in which the names of other exports are links. */
export const linkedCode = (code: string, { package: near, name: own }: Documented): string =>
  code.split(/('(?:[^'\\]|\\.)*'|[A-Za-z_$][\w$]*)/).map((part, i) => {
    const found = i % 2 === 0 || part.startsWith("'") || part === own ? undefined : named(part, near)
    // What is written small is mostly the name of a parameter or a field.
    return found && /^[A-Z]/.test(part) ? link(found, part) : escapeMarkup(part)
  }).join('')

const processor = await createMarkdownProcessor({
  remarkPlugins: [remarkMath],
  rehypePlugins: [rehypeKatex, formulasSearchedOnce],
  shikiConfig: { themes: codeThemes, defaultColor: false },
})

/** What only a reader of Markdown understands, once code is out of the way. */
const MARKUP = /[*_[\]$#<>|~\\]|\n\n|^\s*(?:[-+]|\d+\.) |https?:/m

/** A docstring as HTML. */
export async function docsHtml(markdown: string, { package: near }: Documented): Promise<string> {
  if (markdown === '') return ''
  // Most are one paragraph of words and code: more than a thousand pages need not wait for more.
  if (!markdown.includes('```') && !MARKUP.test(markdown.replace(/`[^`\n]*`/g, ''))) {
    return `<p>${escapeMarkup(markdown).replace(/`([^`\n]*)`/g, '<code>$1</code>')}</p>`
  }
  const linked = markdown.replace(/\]\(reference:([^)]*)\)/g, (_, name: string) => {
    const found = named(name.replace(/[.#].*$/, ''), near)
    return found ? `](${referenceHref(found)})` : ']()'
  }).replace(/\[([^\]]*)\]\(\)/g, '$1')
  return (await processor.render(linked)).code
}

/** An example, which a docstring may write without a fence. */
export const exampleHtml = (example: string, one: Documented): Promise<string> =>
  docsHtml(example.includes('```') ? example : `\`\`\`ts\n${example}\n\`\`\``, one)

/** The first sentence of a docstring, for lists. */
export const summaryOf = ({ signatures }: Documented): string => {
  const text = signatures.find(({ comment }) => comment.text !== '')?.comment.text ?? ''
  return /^[^]*?[.:](?=\s|$)/.exec(text.split('\n\n')[0] ?? '')?.[0] ?? text.split('\n\n')[0] ?? ''
}
