// Puts a call into the condition of every loop, so that one that does not end says in which line it stands.

/** Names of what the guarded code calls. */
export const AT = '__at'
export const EACH = '__each'

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
/** After these a slash begins a regular expression. */
const BEFORE_REGEX = /(?:^|[=(,;:!&|?{}[+\-*%~^<>]|\breturn|\btypeof|\bcase|\bin|\bof)\s*$/

/**
 * Where a string, a comment, a template or a regular expression that begins here ends; the same place where none does.
 */
function endOfQuiet(code: string, at: number): number {
  const two = code.slice(at, at + 2)
  if (two === '//') return lineEnd(code, at)
  if (two === '/*') return after(code, '*/', at + 2)
  const quote = code[at] ?? ''
  if (quote === "'" || quote === '"') return endOfString(code, at, quote)
  if (quote === '`') return endOfTemplate(code, at)
  if (quote === '/' && BEFORE_REGEX.test(code.slice(Math.max(0, at - 60), at))) return endOfRegex(code, at)
  return at
}

const lineEnd = (code: string, at: number) => (code.indexOf('\n', at) < 0 ? code.length : code.indexOf('\n', at))
const after = (code: string, text: string, from: number) =>
  code.indexOf(text, from) < 0 ? code.length : code.indexOf(text, from) + text.length

function endOfString(code: string, at: number, quote: string): number {
  let i = at + 1
  while (i < code.length && code[i] !== quote && code[i] !== '\n') i += code.charAt(i) === '\\' ? 2 : 1
  return i + 1
}

function endOfTemplate(code: string, at: number): number {
  let i = at + 1
  while (i < code.length && code[i] !== '`') {
    if (code.slice(i, i + 2) === '${') i = endOfBrackets(code, i + 1)
    else i += code.charAt(i) === '\\' ? 2 : 1
  }
  return i + 1
}

function endOfRegex(code: string, at: number): number {
  let inClass = false
  for (let i = at + 1; i < code.length && code[i] !== '\n'; i++) {
    if (code[i] === '\\') i++
    else if (code[i] === '[') inClass = true
    else if (code[i] === ']') inClass = false
    else if (code[i] === '/' && !inClass) return i + 1
  }
  return at
}

/** The place after the bracket that closes the one at `open`. */
function endOfBrackets(code: string, open: number): number {
  const closing = CLOSING[code[open] ?? '']
  let i = open + 1
  while (i < code.length && code[i] !== closing) {
    const quiet = endOfQuiet(code, i)
    if (quiet > i) i = quiet
    else if (CLOSING[code[i] ?? ''] !== undefined) i = endOfBrackets(code, i)
    else i++
  }
  return i + 1
}

/** Parts of a text between separators that stand outside of brackets and strings. */
function split(text: string, separator: RegExp): string[] {
  const parts = ['']
  for (let i = 0; i < text.length;) {
    const quiet = endOfQuiet(text, i)
    const end = quiet > i ? quiet : CLOSING[text[i] ?? ''] !== undefined ? endOfBrackets(text, i) : i
    if (end > i) {
      parts.push(`${parts.pop() ?? ''}${text.slice(i, end)}`)
      i = end
      continue
    }
    const found = new RegExp(separator.source, 'y')
    found.lastIndex = i
    const match = found.exec(text)
    if (match) parts.push('')
    else parts.push(`${parts.pop() ?? ''}${text.charAt(i)}`)
    i += match?.[0].length ?? 1
  }
  return parts
}

/** The head of a loop with a call in it; as it is, where nothing can be put in. */
function guardedHead(keyword: string, inner: string, line: number): string {
  const condition = (text: string) => (text.trim() === '' ? `${AT}(${line})${text}` : `${AT}(${line}) && (${text})`)
  if (keyword === 'while') return condition(guardLoops(inner, line))
  const [start = '', middle, ...rest] = split(inner, /;/)
  if (middle !== undefined) return [start, ` ${condition(guardLoops(middle, line))}`, ...rest].join(';')
  const [variable = '', iterable, ...more] = split(inner, /\bof\b/)
  return iterable === undefined || more.length > 0 ? inner : `${variable}of ${EACH}(${line}, ${iterable})`
}

/**
 * The code with every loop guarded, line for line where it was.
 * @param code JavaScript; what it is not, stays as it is
 * @param firstLine number of its first line
 */
export function guardLoops(code: string, firstLine = 1): string {
  let out = ''
  let i = 0
  const lineAt = (at: number) => firstLine + (code.slice(0, at).match(/\n/g)?.length ?? 0)
  while (i < code.length) {
    const quiet = endOfQuiet(code, i)
    if (quiet > i) {
      out += code.slice(i, quiet)
      i = quiet
      continue
    }
    const loop = /(?<![\w$.])(for|while)\s*(?=\()/y
    loop.lastIndex = i
    const match = loop.exec(code)
    if (!match) {
      out += code.charAt(i++)
      continue
    }
    const open = i + match[0].length
    const end = endOfBrackets(code, open)
    // Nothing closes the bracket: what this is, its reader will be told by the engine.
    if (end > code.length) return out + code.slice(i)
    out += `${match[0]}(${guardedHead(match[1] ?? '', code.slice(open + 1, end - 1), lineAt(i))})`
    i = end
  }
  return out
}
