// Whether graphs run on the C API here, and why not where they do not: then the binding runs them, as everywhere.
import { existsSync } from 'node:fs'
import { UserError } from '../../../errors.ts'
import { koffiPackage, loadKoffi } from './koffi.ts'
import { bindingPackage, libraryFile } from './library-file.ts'
import { OrtApi } from './ort-api.ts'

/** How ONNX Runtime is called: through its C API, or through onnxruntime-node's binding. */
export type NativeInterface = 'c-api' | 'binding'

/** The variable that chooses: `c-api`, `binding`, or `auto`, which is the default. */
const INTERFACE_VARIABLE = 'DDLF_ONNX_INTERFACE'

/** The C API, or why it is not there and, where that is known, what to do. */
export type FoundApi = { readonly api: OrtApi } | { readonly missing: string; readonly next?: string }

/** Platforms on which the tests run; elsewhere the C API is taken where it is asked for. */
const TESTED: readonly string[] = ['linux']

let loaded: FoundApi | undefined

/** The C API of this thread, loaded at the first call. */
export function loadApi(): FoundApi {
  return (loaded ??= tryToLoad())
}

/** What is wrong, in one line, and what to do. */
export function missingFor({ parts: { rule, received, next } }: UserError) {
  const missing = received === undefined ? rule : `${rule} Received: ${received}`
  return { missing, ...(next !== undefined && { next }) }
}

function tryToLoad(): FoundApi {
  try {
    const { folder, version } = bindingPackage()
    const file = libraryFile(folder)
    if (file === undefined || !existsSync(file)) {
      return { missing: `onnxruntime-node ${version} has no library for ${process.platform}-${process.arch}` }
    }
    const api = new OrtApi(loadKoffi(), file)
    // Another library of that name may have been in the process before.
    if (api.version !== version) return { missing: `the library is ${api.version}, its binding ${version}` }
    return { api }
  } catch (error) {
    if (error instanceof UserError) return missingFor(error)
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'MODULE_NOT_FOUND') {
      return { missing: `${koffiPackage(process.platform, process.arch)} is not installed` }
    }
    return { missing: message.split('\n')[0] ?? '' }
  }
}

/** What `DDLF_ONNX_INTERFACE` says. @throws UserError where it says something else */
function chosenByVariable(): NativeInterface | undefined {
  const value = process.env[INTERFACE_VARIABLE] ?? ''
  if (value === 'c-api' || value === 'binding') return value
  if (value === '' || value === 'auto') return undefined
  throw new UserError({
    rule: `${INTERFACE_VARIABLE} must be 'c-api', 'binding' or 'auto'.`,
    received: value,
    next: `Leave it out: what works here is found by itself.`,
  })
}

/**
 * The C API where it is to be used, otherwise why the binding is.
 * @param wanted what the program asks for; default what `DDLF_ONNX_INTERFACE` says, else what is tested here
 * @throws UserError where the C API is asked for by name and is not there
 */
export function findApi(wanted: NativeInterface | undefined = chosenByVariable()): FoundApi {
  if (wanted === 'binding') return { missing: 'the binding is asked for' }
  if (wanted === undefined && !TESTED.includes(process.platform)) {
    return { missing: `it is not tested on ${process.platform}; ${INTERFACE_VARIABLE}=c-api tries it` }
  }
  const found = loadApi()
  if (wanted === 'c-api' && 'missing' in found) {
    throw new UserError({
      rule: "ONNX Runtime's C API is asked for and cannot be used.",
      received: found.missing,
      next: found.next ??
        `Leave out ${INTERFACE_VARIABLE} (and the option 'interface'): the binding runs everything as well.`,
    })
  }
  return found
}
