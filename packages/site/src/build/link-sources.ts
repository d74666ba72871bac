// Makes a path of the repository in a memo's text, written as code, a link to the file's page.
import type { HtmlNode } from './html-node.ts'

const PATH = /^(?:course|packages)\/[\w./-]+\.ts$/

/** A rehype plugin. @param base the path under which the site is served */
export const linkSources = ({ base }: { readonly base: string }) => (tree: HtmlNode): void => {
  const visit = (node: HtmlNode) => {
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
