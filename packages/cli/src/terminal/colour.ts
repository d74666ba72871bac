// Colours where a person looks: on a terminal, unless the environment says otherwise.
import picocolors from 'picocolors'

/**
 * Whether what is written to a stream is coloured: FORCE_COLOR decides where it is set (0 and false mean no), then
 * NO_COLOR, then whether the stream is a terminal. That a machine builds (CI) does not matter: its logs are files.
 */
export function isColourful(
  stream: { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  const force = environment['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (environment['NO_COLOR']) return false
  return stream.isTTY === true && environment['TERM'] !== 'dumb'
}

/** Colours of what goes to standard output. */
export const pc = picocolors.createColors(isColourful(process.stdout))

/** Colours of what goes to standard error. */
export const errorColours = picocolors.createColors(isColourful(process.stderr))
