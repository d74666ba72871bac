// A session of ONNX Runtime's JavaScript interface until it is released: the same words as on the C API, no second
// release.
import type { InferenceSession } from 'onnxruntime-common'
import { explainError } from './explain-error.ts'
import { UserError } from '../errors.ts'

type Values = InferenceSession.OnnxValueMapType

/** A run of what was released. */
export const afterRelease = (options?: ErrorOptions): UserError =>
  new UserError({
    rule: 'What was compiled runs until it is released.',
    received: 'a run after release()',
    next: 'Compile again, or release later.',
  }, options)

/** A session that says what happened to it in words. */
export class OpenSession {
  #session: InferenceSession | undefined

  private constructor(session: InferenceSession) {
    this.#session = session
  }

  /** @throws UserError where the model is refused for what a user can change */
  static async of(created: Promise<InferenceSession>): Promise<OpenSession> {
    try {
      return new OpenSession(await created)
    } catch (error) {
      throw explainError(error)
    }
  }

  /**
   * @param into tensors that outputs are written into; without it all outputs are made
   * @throws UserError after the release, also where a run was waiting when that came
   */
  async run(feeds: Values, into?: InferenceSession.NullableOnnxValueMapType): Promise<Values> {
    const session = this.#session
    if (!session) throw afterRelease()
    try {
      return await (into === undefined ? session.run(feeds) : session.run(feeds, into))
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
