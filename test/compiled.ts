// Where what a test starts as a process or a thread lies in JavaScript, and how its addresses are told: see
// `compile-checkout.ts`, which makes it.
import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The folder of all: its folders lie as in the checkout, so that every module is found by its place. */
export const made = join(root, 'node_modules', '.cache', 'ddlf-compiled')

/** The program `ddlf`. */
export const compiledProgram = join(made, 'packages', 'cli', 'src', 'bin.js')

/** A folder of modules in which the packages are these, and all others those that the checkout has. */
export const compiledModules = join(made, 'node_modules')

/** Where a module of the checkout lies in JavaScript: by its path or address, as it is given. */
export function compiled<Place extends string | URL>(place: Place): Place extends URL ? URL : string
export function compiled(place: string | URL): string | URL {
  if (place instanceof URL) return new URL(compiled(place.href))
  const isAddress = place.startsWith('file:')
  const within = relative(root, isAddress ? fileURLToPath(place) : place)
  if (within.startsWith('..') || !within.endsWith('.ts')) return place
  const file = join(made, within.replace(/\.ts$/, '.js'))
  if (!existsSync(file)) return place
  return isAddress ? pathToFileURL(file).href : file
}

const isRecord = (value: object) => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)

/** A message whose addresses of modules name what they are in JavaScript. */
export function compiledMessage<T>(message: T): T
export function compiledMessage(message: unknown): unknown {
  if (typeof message === 'string') return /^file:.*\.ts$/.test(message) ? compiled(message) : message
  if (Array.isArray(message)) return message.map((one: unknown) => compiledMessage(one))
  if (typeof message !== 'object' || message === null || !isRecord(message)) return message
  return Object.fromEntries(Object.entries(message).map(([name, value]) => [name, compiledMessage(value as unknown)]))
}
