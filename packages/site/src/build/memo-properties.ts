// What a memo may say to its parts: a property that a part does not declare would be ignored without a word.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A property that a part declares. */
interface Declared {
  readonly type: string
  readonly optional: boolean
}

type Properties = ReadonlyMap<string, Declared>

/** The part of a syntax tree of MDX that is read. */
interface Node {
  readonly type: string
  readonly name?: string | null | undefined
  readonly value?: string | undefined
  readonly attributes?: readonly Attribute[] | undefined
  readonly children?: readonly Node[] | undefined
  readonly position?: { readonly start: { readonly line: number } } | undefined
}

interface Attribute {
  readonly type: string
  readonly name?: string | undefined
  /** Nothing where the property is only named; a text in quotes; or an expression in braces. */
  readonly value?: null | undefined | string |
    { readonly data?: { readonly estree?: { readonly body: readonly unknown[] } | null | undefined } | undefined }
}

/** The part of the syntax tree of an expression that is read. */
interface Expression {
  readonly type: string
  readonly value?: unknown
  readonly expression?: Expression
  readonly elements?: readonly (Expression | null)[]
  readonly properties?: readonly { readonly key?: { readonly name?: string; readonly value?: string } }[]
}

const components = fileURLToPath(new URL('../components/', import.meta.url))
const OPENING = '{[(<'
const CLOSING = '}])>'

/** What stands between a brace at `from` and the one that closes it. */
function betweenBraces(text: string, from: number): string {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') depth++
    if (text[i] === '}' && --depth === 0) return text.slice(from + 1, i)
  }
  throw new Error(`No brace closes '${text.slice(from, from + 40)}'.`)
}

/** The members of an interface or of a type of an object, as they are written between its braces. */
function membersOf(body: string): Properties {
  const pieces = ['']
  let depth = 0
  for (const letter of body.replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '')) {
    depth += Number(OPENING.includes(letter)) - Number(CLOSING.includes(letter))
    if (depth === 0 && /[;\n]/.test(letter)) pieces.push('')
    else pieces.push(`${pieces.pop() ?? ''}${letter}`)
  }
  const members = pieces.map(piece => piece.trim()).filter(piece => piece !== '').map(piece => {
    const [, name, optional, type] = /^(?:readonly )?(\w+)(\??): ([^]+)$/.exec(piece) ?? []
    if (name === undefined || type === undefined) throw new Error(`'${piece}' declares no property.`)
    return [name, { type, optional: optional === '?' }] as const
  })
  return new Map(members)
}

/** An interface of a file, or of a file beside it from which it is imported; nothing where it is in neither. */
function interfaceIn(file: string, name: string): Properties | undefined {
  const text = readFileSync(file, 'utf8')
  const at = text.search(new RegExp(`interface ${name}\\b`))
  if (at >= 0) return membersOf(betweenBraces(text, text.indexOf('{', at)))
  const from = new RegExp(`import (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from '(\\.[^']+)'`).exec(text)?.[1]
  return from === undefined ? undefined : interfaceIn(resolve(dirname(file), from), name)
}

/** What is known of a part of a memo. */
interface Part {
  readonly properties: Properties
  /** Whether it shows what stands between its tags. */
  readonly hasSlot: boolean
  /** Where its properties are declared. */
  readonly file: string
}

const declared = new Map<string, Part>()

/** What a part declares; a part that hands on what it is given declares what the other one does. */
function declarationOf(name: string): Part | undefined {
  const known = declared.get(name)
  if (known) return known
  const file = `${components}${name}.astro`
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  const other = /Parameters<typeof (\w+)>/.exec(text)?.[1]
  const source = other === undefined ? file : `${components}${other}.astro`
  const properties = interfaceIn(source, 'Props') ?? new Map<string, Declared>()
  const made = { properties, hasSlot: text.includes('<slot'), file: source }
  declared.set(name, made)
  return made
}

const listed = (names: Iterable<string>) => [...names].join(', ') || 'none'

/** What is wrong with the objects that a list holds: keys that the type of its elements does not declare. */
function unknownKeys(list: readonly (Expression | null)[], type: string, file: string): string[] {
  const element = /^(?:readonly )?\(?(.+?)\)?\[\]$/s.exec(type)?.[1]
  if (element === undefined) return []
  const keys = element.startsWith('{')
    ? membersOf(betweenBraces(element, 0))
    : /^\w+$/.test(element) ? interfaceIn(file, element) : undefined
  if (!keys) return []
  const named = list.flatMap(one => one?.properties ?? []).map(({ key }) => key?.name ?? key?.value ?? '')
  return [...new Set(named)].filter(name => name !== '' && !keys.has(name))
    .map(name => `has '${name}' in one of its elements, which have ${listed(keys.keys())}`)
}

/** What is wrong with what a property is given, as far as it can be seen without computing it. */
function wrongValue(value: Attribute['value'], { type }: Declared, file: string): string[] {
  if (value === null || value === undefined) return type === 'boolean' ? [] : [`needs a value: ${type}`]
  const literals = /^(?:\|? ?'[^']*'\s*)+$/.test(type)
    ? [...type.matchAll(/'([^']*)'/g)].map(([, literal = '']) => literal)
    : []
  const ofText = (text: string) =>
    literals.length > 0 && !literals.includes(text) ? [`is '${text}', and must be one of ${listed(literals)}`]
    : /^(?:number|boolean)$|\[\]$/.test(type) ? [`is a text, and must be ${type}; write it in braces`]
    : []
  if (typeof value === 'string') return ofText(value)
  const { expression } = (value.data?.estree?.body[0] ?? {}) as { readonly expression?: Expression }
  if (expression?.type === 'Literal' && typeof expression.value === 'string') return ofText(expression.value)
  if (expression?.type === 'Literal' && /^(?:number|boolean)$|\[\]$/.test(type) && typeof expression.value !== type)
    return [`is ${String(expression.value)}, and must be ${type}`]
  return expression?.elements ? unknownKeys(expression.elements, type, file) : []
}

/** What is wrong with one part of a memo, each in a sentence without its subject. */
function mistakesOf(node: Node): string[] {
  const part = declarationOf(node.name ?? '')
  if (!part) return []
  const { properties, hasSlot, file } = part
  const { attributes = [], children = [] } = node
  const given = new Set(attributes.map(({ name }) => name))
  const missing = [...properties].filter(([name, { optional }]) => !optional && !given.has(name))
  const isSpread = attributes.some(({ name }) => name === undefined)
  const inside = children.some(child => child.type !== 'text' || child.value?.trim() !== '')
  return [
    ...attributes.flatMap(({ name, value }) => {
      if (name === undefined) return ['spreads an object, so that nobody sees which properties it has']
      const known = properties.get(name)
      if (!known) return [`has no property '${name}'; it has ${listed(properties.keys())}`]
      return wrongValue(value, known, file).map(wrong => `property '${name}' ${wrong}`)
    }),
    ...(isSpread ? [] : missing.map(([name]) => `lacks the property '${name}'`)),
    ...(inside && !hasSlot ? ['shows nothing of what stands between its tags; close it with />'] : []),
  ]
}

/**
 * A remark plugin: each part of a memo is given only what it declares, and all that it needs.
 * @throws Error naming the memo, the line, the part and the property
 */
export const memoProperties = () => (tree: Node, { path = 'the memo' }: { readonly path?: string }): void => {
  const mistakes: string[] = []
  const visit = (node: Node) => {
    const line = node.position?.start.line
    const place = `${path}${line === undefined ? '' : `:${line}`}`
    if (/^mdxJsx\w*Element$/.test(node.type))
      mistakes.push(...mistakesOf(node).map(mistake => `${place}: <${node.name ?? ''}> ${mistake}.`))
    node.children?.forEach(visit)
  }
  visit(tree)
  if (mistakes.length > 0) throw new Error(`A part of a memo is told what it does not take.\n${mistakes.join('\n')}`)
}
