// The part of a syntax tree of HTML that plugins of the pages read and change.

export interface HtmlNode {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: HtmlNode[]
}
