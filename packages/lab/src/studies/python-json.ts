// JSON as Python's json module writes and reads it: NaN and infinities stand bare, which JSON.parse refuses.

/** Texts stand for themselves; the bare words outside them are numbers. */
const BARE = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g
const MARK = '\u0000number:'

/** @throws SyntaxError where the text is no JSON of Python's */
export function parsePythonJson(text: string): unknown {
  if (!/NaN|Infinity/.test(text)) return JSON.parse(text) as unknown
  const marked = text.replace(BARE, word => (word.startsWith('"') ? word : JSON.stringify(MARK + word)))
  return JSON.parse(marked, (_key, item: unknown) =>
    typeof item === 'string' && item.startsWith(MARK) ? Number(item.slice(MARK.length)) : item,
  )
}

/** The inverse of {@link parsePythonJson}, in one line. */
export function formatPythonJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? MARK + String(item) : item,
  )
  return text.replaceAll(/"\\u0000number:(NaN|-?Infinity)"/g, '$1')
}
