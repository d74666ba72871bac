// What one lab bears at once: beyond that it says so, instead of starving everybody.
import { UserError } from '@ddlf/tensor/errors'

/** Too much at once: the same request may be made again in a moment. */
export class Busy extends UserError {}

/** So many of a kind at once. */
export class Places {
  readonly #most: number
  readonly #what: string
  #taken = 0

  /** @param what in words, for the message: `event streams` */
  constructor(most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  get taken(): number {
    return this.#taken
  }

  /** Takes a place; the answer gives it back, once. @throws Busy where none is left */
  take(): () => void {
    if (this.#taken >= this.#most) {
      throw new Busy({
        rule: `The lab serves at most ${this.#most} ${this.#what} at once.`,
        received: 'one more',
        next: 'Close some pages of the lab, or try again in a moment.',
      })
    }
    this.#taken++
    let held = true
    return () => {
      if (held) this.#taken--
      held = false
    }
  }
}

/** Lets some through at once and makes the others wait in line, which has an end as well. */
export class Gate {
  readonly #atOnce: number
  readonly #places: Places
  readonly #line: (() => void)[] = []
  #inside = 0

  constructor(atOnce: number, waiting: number, what: string) {
    this.#atOnce = atOnce
    this.#places = new Places(atOnce + waiting, what)
  }

  /** Runs some work when it is its turn. @throws Busy where too many wait already */
  async through<T>(work: () => Promise<T>): Promise<T> {
    const leave = this.#places.take()
    try {
      if (this.#inside >= this.#atOnce) await new Promise<void>(resolve => this.#line.push(resolve))
      else this.#inside++
      try {
        return await work()
      } finally {
        // The place inside goes to the next in line.
        const next = this.#line.shift()
        if (next) next()
        else this.#inside--
      }
    } finally {
      leave()
    }
  }
}

/** What a promise brings within so many milliseconds; undefined where it takes longer. @throws what rejects it */
export async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(resolve => (timer = setTimeout(() => resolve(undefined), milliseconds)))
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
