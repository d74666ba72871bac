// One answer for all who ask the same while it is being found.

/** Questions whose answers are being found. */
export class SharedAnswers {
  readonly #underWay = new Map<string, Promise<unknown>>()

  /** The answer to a question, found by `find` unless somebody is waiting for it already. */
  ask<T>(question: string, find: () => Promise<T>): Promise<T> {
    const known = this.#underWay.get(question) as Promise<T> | undefined
    if (known) return known
    const answer = find().finally(() => this.#underWay.delete(question))
    this.#underWay.set(question, answer)
    return answer
  }
}
