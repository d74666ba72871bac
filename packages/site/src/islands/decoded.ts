// A part of an address as people read it.

/** Decoded; as it is written where it cannot be, for example with a lone per cent sign: anybody can type an address. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
