// The body of a request as plain data.
import type { Context } from 'hono'

/**
 * Reads the JSON of a request.
 * @throws SyntaxError where it is none, or names `__proto__`, which would change what an object is and not what it
 *   holds
 */
export async function requestJson(context: Context): Promise<unknown> {
  return JSON.parse(await context.req.text(), (name, value: unknown) => {
    if (name === '__proto__') throw new SyntaxError("'__proto__' is the name of nothing that can be set")
    return value
  })
}
