// Makes a path of the repository in a memo's text, written as code, a link to the file's page.

/** The part of a syntax tree of HTML that is read and changed. */
interface Node {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

const PATH = /^(?:course|packages)\/[\w./-]+\.ts$/

/** A rehype plugin. @param base the path under which the site is served */
export const linkSources = ({ base }: { readonly base: string }) => (tree: Node): void => {
  const visit = (node: Node) => {
    if (!node.children || node.tagName === 'pre' || node.tagName === 'a') return
    node.children = node.children.map(child => {
      const [text] = child.children ?? []
      const isPath =
        child.tagName === 'code' && child.children?.length === 1 && text?.type === 'text' && PATH.test(text.value ?? '')
      if (isPath)
        return {
          type: 'element',
          tagName: 'a',
          properties: { href: `${base.replace(/\/$/, '')}/source/${text.value ?? ''}/` },
          children: [child],
        }
      visit(child)
      return child
    })
  }
  visit(tree)
}
