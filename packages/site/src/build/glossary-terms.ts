// Marks the words of the glossary in a memo: of each the first that stands in a paragraph, as `<Term name="...">`.
import { glossary } from '@ddlf/course/glossary'

/** The part of a syntax tree of MDX that is read and changed. */
interface Node {
  type: string
  name?: string
  value?: string
  attributes?: { type: string; name: string; value: string }[]
  children?: Node[]
}

/** Where words are left as they are: what is code, a link, or a heading already. */
const LEFT_ALONE = new Set(['heading', 'link', 'inlineCode', 'code', 'math', 'inlineMath', 'mdxjsEsm', 'table'])

// The longest first, so that 'learning rate' is found before 'rate'.
const TERMS = glossary.map(({ term }) => term).sort((a, b) => b.length - a.length)
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const ANY = new RegExp(`(?<![\\p{L}\\p{N}-])(${TERMS.map(escaped).join('|')})(s?)(?![\\p{L}\\p{N}-])`, 'giu')

/** A text in parts, the words that were not marked before as terms. */
function marked(text: string, known: Set<string>): Node[] {
  const parts: Node[] = []
  let from = 0
  for (const match of text.matchAll(ANY)) {
    const name = match[1]?.toLowerCase() ?? ''
    if (known.has(name)) continue
    known.add(name)
    if (match.index > from) parts.push({ type: 'text', value: text.slice(from, match.index) })
    parts.push({
      type: 'mdxJsxTextElement',
      name: 'Term',
      attributes: [{ type: 'mdxJsxAttribute', name: 'name', value: name }],
      children: [{ type: 'text', value: match[0] }],
    })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ type: 'text', value: text.slice(from) })
  return parts
}

/** A remark plugin. */
export const glossaryTerms = () => (tree: Node): void => {
  const known = new Set<string>()
  const visit = (node: Node, isText: boolean) => {
    if (!node.children || LEFT_ALONE.has(node.type)) return
    // What stands between the tags of a part of a memo is its own.
    if (node.type.startsWith('mdxJsx') && node.name !== 'Guess') return
    node.children = node.children.flatMap(child => {
      if (child.type === 'text' && isText) return marked(child.value ?? '', known)
      visit(child, isText || child.type === 'paragraph')
      return [child]
    })
  }
  visit(tree, false)
}
