// koffi, which calls C functions: the part of it that is used here. Its platform packages hold a prebuilt binary and
// have no install script; they are optional, so that an installation without them works.
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { requireWholeFile } from '../whole-file.ts'

/** An address in memory. */
export type Address = bigint

/** What a C function can be given here. */
export type Argument = Address | number | string | ArrayBufferView

/** A C function. */
export type NativeFunction = (...args: readonly Argument[]) => unknown

/** What is used of koffi. A pointer that is null arrives as `null`. */
export interface Koffi {
  readonly version: string
  /** Opens a shared library; `null` is the process itself. */
  load(file: string | null): { func(prototype: string): NativeFunction }
  /** The type of a function; without a name, so that loading this module twice defines nothing twice. */
  proto(name: null, result: string, parameters: readonly string[]): unknown
  /** The function at an address. */
  decode(address: Address, type: unknown): NativeFunction
  /** Where the elements of an array lie. They stay there: asking moves small arrays out of the collected heap. */
  address(array: ArrayBufferView): Address
  /** Memory that native code owns. */
  view(address: Address, bytes: number): ArrayBuffer
  config(settings: { readonly sync_stack_size: number }): unknown
}

/** The package that holds koffi's binary for a platform. */
export const koffiPackage = (platform: string, arch: string): string => `@koromix/koffi-${platform}-${arch}`

/** Calls run on a stack of koffi's own: as large as that of a process's main thread, where kernels run otherwise. */
const STACK_BYTES = 8 * 2 ** 20

/** Loads koffi for this process's platform. @throws Error where it is not installed, is cut off, or does not load */
export function loadKoffi(): Koffi {
  const require = createRequire(import.meta.url)
  const name = koffiPackage(process.platform, process.arch)
  const folder = dirname(require.resolve(name))
  // One binary for each C library of the platform.
  for (const each of readdirSync(folder)) {
    const file = join(folder, each, 'koffi.node')
    if (existsSync(file)) requireWholeFile(file)
  }
  const koffi = require(name) as Koffi
  koffi.config({ sync_stack_size: STACK_BYTES })
  return koffi
}
