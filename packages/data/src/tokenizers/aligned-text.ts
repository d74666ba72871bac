// A text that still knows where each of its characters came from, so that tokens of a normalised text have places in
// the original.

/** The original places of code unit `i`: from `starts[i]` up to `ends[i]`. */
interface Places {
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** A piece of a text, changed or not, with the place in the original (UTF-16 code units) of each of its code units. */
export class AlignedText {
  readonly text: string
  /** Where the piece lies in the original, if it is unchanged. */
  readonly #offset: number
  readonly #places: Places | undefined

  constructor(text: string, offset = 0, places?: Places) {
    this.text = text
    this.#offset = offset
    this.#places = places
  }

  get length(): number {
    return this.text.length
  }

  /** The original place at which code unit `i` begins. */
  start(i: number): number {
    return this.#places ? (this.#places.starts[i] ?? this.end(i - 1)) : this.#offset + i
  }

  /** The original place at which code unit `i` ends. */
  end(i: number): number {
    return this.#places ? (this.#places.ends[i] ?? 0) : this.#offset + i + 1
  }

  slice(from: number, to: number): AlignedText {
    if (from === 0 && to === this.length) return this
    const places = this.#places && {
      starts: this.#places.starts.subarray(from, to),
      ends: this.#places.ends.subarray(from, to),
    }
    return new AlignedText(this.text.slice(from, to), this.#offset + from, places)
  }

  /** The same places under a text of as many code units. */
  withText(text: string): AlignedText {
    return new AlignedText(text, this.#offset, this.#places)
  }

  /** Puts other text where a pattern (global) matches; what is put stands for all that it replaces. */
  replace(pattern: RegExp, by: (match: string) => string): AlignedText {
    let moved = 0
    const changed = this.text.replace(pattern, (match: string) => {
      const put = by(match)
      if (put !== match && (put.length !== 1 || match.length !== 1)) moved++
      return put
    })
    if (changed === this.text) return this
    if (moved === 0) return this.withText(changed)
    const starts = new Int32Array(changed.length)
    const ends = new Int32Array(changed.length)
    let out = 0
    let from = 0
    const keep = (to: number) => {
      for (; from < to; from++, out++) [starts[out], ends[out]] = [this.start(from), this.end(from)]
    }
    for (const { 0: match, index } of this.text.matchAll(pattern)) {
      const put = by(match)
      if (put === match) continue
      keep(index)
      const [start, end] =
        match === '' ? [this.start(index), this.start(index)] : [this.start(index), this.end(index + match.length - 1)]
      starts.fill(start, out, out + put.length)
      ends.fill(end, out, out + put.length)
      out += put.length
      from = index + match.length
    }
    keep(this.length)
    return new AlignedText(changed, 0, { starts, ends })
  }

  /** Puts text before the piece; it stands for the first character. Nothing comes before an empty piece. */
  prepend(prefix: string): AlignedText {
    return this.text === '' ? this : this.replace(/^[^]/gu, first => prefix + first)
  }
}
