// What every explaining figure can do: play, step, scrub, start over. It is still until asked, one plays at a time, and
// its state stands in the address.

const MILLISECONDS_A_STEP = 400
const still = matchMedia('(prefers-reduced-motion: reduce)')
let playing: Player | undefined

export interface Played<State> {
  /** Names the figure in the address: `#fig:valley:...`. */
  readonly name: string
  readonly first: State
  /** Which of the state's values the steps move along, and where they end. */
  readonly last: (state: State) => number
  readonly step: (state: State) => number
  readonly at: (state: State, step: number) => State
  /** The state as short texts, and back; what cannot be read is left out. */
  readonly toAddress: (state: State) => Record<string, string>
  readonly fromAddress: (given: URLSearchParams, first: State) => State
  readonly show: (state: State) => void
  /** Of a step while it plays; default 400. */
  readonly milliseconds?: number
}

/** The parts of a figure that play it. */
export interface Controls {
  readonly play: HTMLButtonElement
  readonly step: HTMLButtonElement
  readonly reset: HTMLButtonElement
  readonly scrub: HTMLInputElement
}

export class Player<State = unknown> {
  readonly #figure: HTMLElement
  readonly #of: Played<State>
  readonly #controls: Controls
  #state: State
  #timer = 0

  constructor(figure: HTMLElement, controls: Controls, played: Played<State>) {
    this.#figure = figure
    this.#of = played
    this.#controls = controls
    this.#state = this.#fromHash() ?? played.first
    const { play, step, reset, scrub } = controls
    play.addEventListener('click', () => (this.#timer === 0 ? this.play() : this.pause()))
    step.addEventListener('click', () => {
      if (!this.#fromTheStart()) this.forward()
    })
    reset.addEventListener('click', () => {
      this.pause()
      this.set(this.#isAtEnd(played.first) ? played.at(played.first, 0) : played.first)
    })
    scrub.addEventListener('input', () => {
      this.pause()
      this.set(played.at(this.#state, Number(scrub.value)))
    })
    new IntersectionObserver(([entry]) => entry?.isIntersecting === false && this.pause()).observe(figure)
    addEventListener('hashchange', () => {
      const state = this.#fromHash()
      if (state) this.set(state)
    })
    for (const control of Object.values(controls)) (control as HTMLButtonElement).disabled = false
    this.#draw()
    if (this.#fromHash()) figure.scrollIntoView({ block: 'center' })
  }

  get state(): State {
    return this.#state
  }

  /** Changes the state, as the reader has asked for it. */
  set(state: State): void {
    this.#state = state
    this.#draw()
    history.replaceState(
      history.state,
      '',
      `#fig:${this.#of.name}:${new URLSearchParams(this.#of.toAddress(state)).toString()}`,
    )
  }

  /** Draws the state again, where the figure's place has changed. */
  draw(): void {
    this.#draw()
  }

  /** Many a figure first shows where its steps lead to: from the end there is no step but anew. */
  #fromTheStart(): boolean {
    const isOver = this.#isAtEnd(this.#state)
    if (isOver) this.set(this.#of.at(this.#state, 0))
    return isOver
  }

  #isAtEnd(state: State): boolean {
    return this.#of.step(state) >= this.#of.last(state)
  }

  forward(): void {
    const { last, step, at } = this.#of
    this.set(at(this.#state, Math.min(last(this.#state), step(this.#state) + 1)))
  }

  play(): void {
    const { last, step, at } = this.#of
    // Still for those who asked for it: the last frame at once, and single steps by the button.
    if (still.matches) {
      this.set(at(this.#state, last(this.#state)))
      return
    }
    if (playing !== this) playing?.pause()
    playing = this as Player
    this.#fromTheStart()
    this.#timer = window.setInterval(() => {
      this.forward()
      if (step(this.#state) >= last(this.#state)) this.pause()
    }, this.#of.milliseconds ?? MILLISECONDS_A_STEP)
    this.#label()
  }

  pause(): void {
    clearInterval(this.#timer)
    this.#timer = 0
    this.#label()
  }

  #label(): void {
    this.#controls.play.textContent = this.#timer === 0 ? 'Play' : 'Pause'
    this.#figure.toggleAttribute('data-playing', this.#timer !== 0)
  }

  #fromHash(): State | undefined {
    const [, name, rest = ''] = /^#fig:([\w-]+):(.*)$/.exec(location.hash) ?? []
    return name === this.#of.name ? this.#of.fromAddress(new URLSearchParams(rest), this.#of.first) : undefined
  }

  #draw(): void {
    const { scrub } = this.#controls
    scrub.max = String(this.#of.last(this.#state))
    scrub.value = String(this.#of.step(this.#state))
    this.#of.show(this.#state)
  }
}

/** One of few from the address; what stands there by default where it is none of them. */
export const oneFrom = <T extends string>(given: URLSearchParams, name: string, all: readonly T[], otherwise: T): T =>
  all.find(one => one === given.get(name)) ?? otherwise

/** A number from the address within bounds; what stands there by default where it is none. */
export function numberFrom(
  given: URLSearchParams,
  name: string,
  [low, high]: readonly [number, number],
  otherwise: number,
): number {
  const value = Number(given.get(name) ?? NaN)
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise
}
