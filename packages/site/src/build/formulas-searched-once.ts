// A formula stands three times in a page (MathML, its TeX, and what is drawn): the search reads the first alone.
import type { HtmlNode } from './html-node.ts'

/** A rehype plugin; stands after the one that sets the formulas. */
export const formulasSearchedOnce = () => (tree: HtmlNode): void => {
  const visit = (node: HtmlNode) => {
    const names = node.properties?.['className']
    const isDrawn = Array.isArray(names) && names.includes('katex-html')
    if (isDrawn || node.tagName === 'annotation') (node.properties ??= {})['dataPagefindIgnore'] = ''
    else node.children?.forEach(visit)
  }
  visit(tree)
}
