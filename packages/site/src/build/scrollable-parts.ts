// Lets wide formulas and tables of a memo scroll on a narrow screen, and the keyboard reach what scrolls.

/** The part of a syntax tree of HTML that is read and changed. */
interface Node {
  type: string
  tagName?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

/** A rehype plugin; stands after the one that sets the formulas. */
export const scrollableParts = () => (tree: Node): void => {
  const visit = (node: Node) => {
    const names = node.properties?.['className']
    if (node.properties && Array.isArray(names) && names.includes('katex-display')) node.properties['tabIndex'] = 0
    if (!node.children) return
    node.children = node.children.map(child => {
      if (child.tagName === 'table')
        return {
          type: 'element',
          tagName: 'div',
          properties: { className: ['scroll'], tabIndex: 0, role: 'region', ariaLabel: 'Table' },
          children: [child],
        }
      visit(child)
      return child
    })
  }
  visit(tree)
}
