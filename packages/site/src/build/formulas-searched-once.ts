// A formula stands three times in a page (MathML, its TeX, and what is drawn): the search reads the first alone.

/** The part of a syntax tree of HTML that is read and changed. */
interface Node {
  type: string
  tagName?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

/** A rehype plugin; stands after the one that sets the formulas. */
export const formulasSearchedOnce = () => (tree: Node): void => {
  const visit = (node: Node) => {
    const names = node.properties?.['className']
    const isDrawn = Array.isArray(names) && names.includes('katex-html')
    if (isDrawn || node.tagName === 'annotation') (node.properties ??= {})['dataPagefindIgnore'] = ''
    else node.children?.forEach(visit)
  }
  visit(tree)
}
