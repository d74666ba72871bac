// Lets wide formulas and tables of a memo scroll on a narrow screen, and the keyboard reach what scrolls.
import type { HtmlNode } from './html-node.ts'

/** A rehype plugin; stands after the one that sets the formulas. */
export const scrollableParts = () => (tree: HtmlNode): void => {
  const visit = (node: HtmlNode) => {
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
