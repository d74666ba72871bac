// What a small net can read of what was typed, and what is said of the rest.

/**
 * Divides what was typed into what a net knows and what it has never met.
 * @param isKnown whether the net has met a character
 * @returns what is known, and ` It knows no ‘1’: left out.`, or nothing
 */
export function knownPart(typed: string, isKnown: (character: string) => boolean): readonly [string, string] {
  const characters = Array.from(typed)
  const unknown = [...new Set(characters.filter(one => !isKnown(one)))]
  const said = unknown.length === 0 ? '' : ` It knows no ${unknown.map(one => `‘${one}’`).join(' or ')}: left out.`
  return [characters.filter(isKnown).join(''), said]
}
