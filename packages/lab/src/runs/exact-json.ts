// JSON that loses no number: what a run writes must come back bit for bit, also NaN, infinities and minus zero.

/** A value that JSON can hold, with every IEEE 754 double allowed as a number. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const TAGGED = ['NaN', 'Infinity', '-Infinity', '-0']
const needsTag = (value: number) => !Number.isFinite(value) || Object.is(value, -0)

/**
 * `JSON.stringify` that keeps the numbers JSON has no notation for: `NaN`, `Infinity`, `-Infinity` and `-0` become
 * `{"$number": "NaN"}` and so on. Finite doubles round-trip exactly as they are.
 * @param indent spaces of indentation; 0 (the default) writes one line
 */
export function stringifyExact(value: unknown, indent = 0): string {
  const tag = (_key: string, item: unknown): unknown =>
    typeof item === 'number' && needsTag(item) ? { $number: Object.is(item, -0) ? '-0' : String(item) } : item
  return JSON.stringify(value, tag, indent)
}

/**
 * The inverse of {@link stringifyExact}.
 * @throws SyntaxError where the text is not JSON
 */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || !('$number' in item)) return item
    const written = item.$number
    return typeof written === 'string' && TAGGED.includes(written) && Object.keys(item).length === 1
      ? Number(written)
      : item
  })
}
