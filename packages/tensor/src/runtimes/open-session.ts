// A session of ONNX Runtime's JavaScript interface until it is released: the same words as on the C API, no second
// release.
import { explainError } from './explain-error.ts'
import { UserError } from '../errors.ts'

/** What a session is here, in Node and in the page. */
interface Session<Feeds, Fetches, Results> {
  run(feeds: Feeds, fetches?: Fetches): Promise<Results>
  release(): Promise<void>
}

/** A run of what was released. */
export const afterRelease = (options?: ErrorOptions): UserError =>
  new UserError({
    rule: 'What was compiled runs until it is released.',
    received: 'a run after release()',
    next: 'Compile again, or release later.',
  }, options)

/** A session that says what happened to it in words. */
export class OpenSession<Feeds, Fetches, Results> {
  #session: Session<Feeds, Fetches, Results> | undefined

  constructor(session: Session<Feeds, Fetches, Results>) {
    this.#session = session
  }

  /** @throws UserError after the release, also where a run was waiting when that came */
  async run(feeds: Feeds, fetches?: Fetches): Promise<Results> {
    const session = this.#session
    if (!session) throw afterRelease()
    try {
      return await (fetches === undefined ? session.run(feeds) : session.run(feeds, fetches))
    } catch (error) {
      throw this.#session ? explainError(error) : afterRelease({ cause: error })
    }
  }

  async release(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.release()
  }
}
