// Modules of a user's own may be TypeScript, which Node 20 reads only through tsx.
import { UserError } from '@ddlf/tensor/errors'

/** In a checkout everything goes through tsx already. */
const isCheckout = import.meta.url.endsWith('.ts')

let registered: Promise<void> | undefined

async function registerTsx(): Promise<void> {
  const { register } = await import('tsx/esm/api').catch((error: unknown) => {
    throw new UserError(
      {
        rule: 'A file in TypeScript needs the package tsx.',
        received: 'it is not installed',
        next: 'npm install tsx, or write the file in JavaScript (.mjs).',
      },
      { cause: error },
    )
  })
  register()
}

/**
 * Prepares this thread for the import of a module, where that is TypeScript.
 * @param address a `file:` URL
 * @throws UserError where tsx is needed and is not installed
 */
export async function readTypeScript(address: string): Promise<void> {
  if (!isCheckout && /\.[cm]?tsx?$/.test(new URL(address).pathname)) await (registered ??= registerTsx())
}
