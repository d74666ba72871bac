// Lets the keyboard reach a displayed formula: on a narrow page it scrolls sideways.

/** The part of a syntax tree of HTML that is read and changed. */
interface Node {
  properties?: Record<string, unknown>
  children?: Node[]
}

/** A rehype plugin; comes after the one that sets formulas. */
export const focusableFormulas = () => (tree: Node): void => {
  const visit = (node: Node) => {
    const classes = node.properties?.['className']
    if (node.properties && Array.isArray(classes) && classes.includes('katex-display')) node.properties['tabIndex'] = 0
    node.children?.forEach(visit)
  }
  visit(tree)
}
