// Weights that another tool wrote (PyTorch's state dict as safetensors), brought under the names of a model.
import { formatShape, nearestName, UserError } from '@ddlf/tensor'
import { loadStateDict, stateDict, type Module, type StateDict, type StateValue } from '@ddlf/nn'
import { ddlfCommand } from '../command-text.ts'
import { decodeSafetensors } from '../runs/safetensors.ts'

/** Beginnings of names in the file and what they are called in the model: `['fc1', 'hidden.0.0']`. */
export type Renaming = readonly (readonly [from: string, to: string])[]

/** A normalisation's count of batches: a whole number that not every file has. */
const COUNT = /(^|\.)num_batches_tracked$/

/** A length that fits, and a JSON object behind it: a length of 640 begins with the bytes of a pickle of protocol 2. */
const beginsAsSafetensors = (bytes: Uint8Array) =>
  bytes[8] === 0x7b
  && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true) <= BigInt(bytes.length - 8)

/** Zip archives (torch.save since 1.6) and bare pickles of protocol 2 and above. */
function isPickle(bytes: Uint8Array): boolean {
  const [a, b = 0, c, d] = bytes
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4) return true
  return a === 0x80 && b >= 2 && b <= 5 && !beginsAsSafetensors(bytes)
}

/**
 * @throws UserError with the lines of Python that make a safetensors file of it, whether it is a state dict or a
 *   checkpoint that holds one beside other things
 */
function refusePickle(bytes: Uint8Array, file: string): void {
  if (!isPickle(bytes)) return
  const [from, to] = [
    JSON.stringify(file),
    JSON.stringify(`${file.replace(/\.(pt|pth|bin|ckpt|pkl)$/i, '')}.safetensors`),
  ]
  throw new UserError({
    rule: 'Weights are read from safetensors files. A pickle can run any program when it is opened, so it is not.',
    received: `${file}, which torch.save wrote`,
    next: `Make a safetensors file of it in Python (pip install safetensors), and import that:
    import torch; from safetensors.torch import save_file
    state = torch.load(${from}, map_location="cpu", weights_only=True)
    state = next((state[k] for k in ("state_dict", "model_state_dict", "model") if k in state), state)
    save_file({k: v.clone().contiguous() for k, v in state.items() if torch.is_tensor(v)}, ${to})`,
  })
}

/** @throws UserError for a model of ONNX: protobuf that begins with the version of the format, then a text */
function refuseOnnx(bytes: Uint8Array, file: string): void {
  const [field, version = 0, next = 0] = bytes
  if (field !== 0x08 || version > 0x20 || (next & 7) !== 2 || beginsAsSafetensors(bytes)) return
  throw new UserError({
    rule: 'Weights are read from safetensors files; a model of ONNX is a graph, whose weights have no names to go by.',
    received: `${file}, which begins as ONNX does`,
    next: `Export the weights instead: ${ddlfCommand('export', '<run>', '--format', 'safetensors')}`,
  })
}

/** The name of one of several files of weights: `model-00001-of-00002.safetensors`. */
const SHARD = /-\d{5}-of-(\d{5})\.safetensors$/

const inQuotes = (text: string) => JSON.stringify(text)

/** What joins weights that lie in several files. @param one of their names, or that of their index */
function joinAdvice(file: string): string {
  const whole = file.replace(/-\d{5}-of-\d{5}\.safetensors$|(\.safetensors)?(\.index)?\.json$/, '')
  return `Join the files into one in Python (pip install safetensors torch), and import that:
    import glob; from safetensors.torch import load_file, save_file
    save_file({k: v for f in glob.glob(${inQuotes(`${whole}-*-of-*.safetensors`)}) for k, v in load_file(f).items()}, ${
  inQuotes(`${whole}-whole.safetensors`)})`
}

/** @throws UserError for JSON: the index of weights that lie in several files, a configuration, ... */
function refuseJson(bytes: Uint8Array, file: string): void {
  if (bytes[0] !== 0x7b || beginsAsSafetensors(bytes)) return
  let map: unknown
  try {
    map = (JSON.parse(new TextDecoder().decode(bytes)) as { readonly weight_map?: unknown }).weight_map
  } catch {
    // Not JSON after all: what reads safetensors files says what is wrong.
    return
  }
  const isIndex = typeof map === 'object' && map !== null
  const files = isIndex ? [...new Set(Object.values(map as Readonly<Record<string, unknown>>).map(String))] : []
  throw new UserError({
    rule: 'Weights are read from one safetensors file.',
    received: isIndex
      ? `${file}, the index of weights in ${files.length} files (${listed(files)})`
      : `${file}, which is JSON`,
    next: isIndex ? joinAdvice(file) : 'Name the safetensors file that holds the weights.',
  })
}

const begins = (name: string, part: string) => name === part || name.startsWith(`${part}.`)

/** The name without what DataParallel (`module.`) and torch.compile (`_orig_mod.`) put before and into it. */
const unwrapped = (name: string) => name.replace(/^(module\.|_orig_mod\.)+/, '').replaceAll('._orig_mod.', '.')

/** Names without wrappers, unless the model itself has names of that kind. */
function withoutWrappers(state: StateDict, model: object): StateDict {
  const own = Object.keys(stateDict(model))
  if (own.some(name => unwrapped(name) !== name)) return state
  const renamed = new Map<string, StateValue>()
  for (const [name, value] of Object.entries(state)) {
    const plain = unwrapped(name)
    if (renamed.has(plain)) {
      throw new UserError({
        rule: "Without 'module.' and '_orig_mod.' two names in the file are the same.",
        received: `'${plain}' twice`,
        next: 'Keep one of the two when you save the file.',
      })
    }
    renamed.set(plain, value)
  }
  // Not by assignment: a file may call a tensor __proto__.
  return Object.fromEntries(renamed)
}

function renamed(state: StateDict, renaming: Renaming): StateDict {
  const names = Object.keys(state)
  for (const [from] of renaming) {
    if (names.some(name => begins(name, from))) continue
    const near = nearestName(from, names)
    throw new UserError({
      rule: 'The file has no part of this name.',
      received: from,
      next: near ? `Did you mean '${near}'?` : `The file holds ${listed(names)}.`,
    })
  }
  const called = (name: string) => {
    const found = renaming.find(([from]) => begins(name, from))
    return found ? found[1] + name.slice(found[0].length) : name
  }
  const sources = new Map<string, string>()
  for (const name of names) {
    const to = called(name)
    const other = sources.get(to)
    if (other !== undefined) {
      throw new UserError({
        rule: 'Two tensors of the file must not get one name.',
        received: `'${other}' and '${name}', which both become '${to}'`,
        next: 'Rename the other one as well, or leave one of the two out when you save the file.',
      })
    }
    sources.set(to, name)
  }
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [called(name), value]))
}

/**
 * Counts of batches as the model keeps them: as int32, its own where the file has none, none where it has none itself.
 */
function withCounts(state: StateDict, own: StateDict): StateDict {
  const counts = Object.entries(own).filter(([name]) => COUNT.test(name)).map(([name, value]): [string, StateValue] => {
    const given = state[name]?.data
    return [name, given?.length === 1 ? { ...value, data: Int32Array.of(Math.round(given[0] as number)) } : value]
  })
  return {
    ...Object.fromEntries(Object.entries(state).filter(([name]) => !COUNT.test(name))),
    ...Object.fromEntries(counts),
  }
}

const listed = (names: readonly string[]) =>
  names
    .slice(0, 6)
    .map(name => `'${name.length > 80 ? `${name.slice(0, 80)}...` : name}'`)
    .join(', ') + (names.length > 6 ? ` and ${names.length - 6} more` : '')

/** What belongs to each part of a network (`fc1` of `fc1.weight`) and its shapes, as one text to compare by. */
function partsOf(state: StateDict, names: readonly string[]): Map<string, string> {
  const parts = new Map<string, string[]>()
  for (const name of names) {
    const [part, field] = [name.slice(0, Math.max(name.lastIndexOf('.'), 0)), name.slice(name.lastIndexOf('.') + 1)]
    const fields = parts.get(part) ?? []
    fields.push(`${field}${formatShape(state[name]?.shape ?? [])}`)
    parts.set(part, fields)
  }
  return new Map([...parts].map(([part, fields]) => [part, fields.sort().join()]))
}

/** The parts of each look. */
function byLook(parts: ReadonlyMap<string, string>): Map<string, string[]> {
  const looks = new Map<string, string[]>()
  for (const [part, look] of parts) {
    const alike = looks.get(look) ?? []
    alike.push(part)
    looks.set(look, alike)
  }
  return looks
}

/**
 * The renamings that the shapes suggest: parts of the file and of the model that look alike and have no other likeness.
 */
function suggested(
  state: StateDict,
  unexpected: readonly string[],
  own: StateDict,
  missing: readonly string[],
): string {
  const [theirs, ours] = [partsOf(state, unexpected), partsOf(own, missing)]
  const [theirLooks, ourLooks] = [byLook(theirs), byLook(ours)]
  const pairs = [...theirs].flatMap(([from, look]) => {
    const [to, other] = ourLooks.get(look) ?? []
    return to !== undefined && other === undefined && from !== '' && theirLooks.get(look)?.length === 1
      ? [`--rename ${from}=${to}`]
      : []
  })
  return pairs.length > 0 ? `by their shapes: ${pairs.join(' ')}` : 'for example: --rename fc1=hidden.0.0'
}

/** @throws UserError that names the options of `ddlf import` which help */
function checkFit(state: StateDict, own: StateDict, file: string): void {
  const missing = Object.keys(own).filter(name => !Object.hasOwn(state, name))
  const unexpected = Object.keys(state).filter(name => !Object.hasOwn(own, name))
  if (unexpected.length > 0 && missing.length > 0) {
    throw new UserError({
      rule: 'The file has names that the model does not have.',
      received: `${listed(unexpected)}, where the model has ${listed(missing)}`,
      next: `Rename parts of the file with --rename from=to, ${suggested(state, unexpected, own, missing)}`,
    })
  }
  if (unexpected.length > 0) {
    throw new UserError({
      rule: 'The file has names that the model does not have.',
      received: listed(unexpected),
      next: 'Make the model larger with --set (npm run ddlf -- show <experiment> lists the settings), or leave them ' +
        'out when you save the file.',
    })
  }
  if (missing.length > 0) {
    throw new UserError({
      rule: 'The file lacks parameters or buffers of the model.',
      received: `a file without ${listed(missing)}`,
      next: SHARD.test(file)
        ? joinAdvice(file)
        : 'Make the model smaller with --set (npm run ddlf -- show <experiment> lists the settings), or save the ' +
          'whole state dict.',
    })
  }
  for (const [name, { shape }] of Object.entries(own)) {
    const found = state[name]?.shape ?? []
    if (formatShape(found) === formatShape(shape)) continue
    throw new UserError({
      rule: `'${name}' has the shape ${formatShape(shape)} in the model.`,
      received: `shape ${formatShape(found)}`,
      next: 'Give the model the sizes of the file with --set (npm run ddlf -- show <experiment> lists the settings).',
    })
  }
}

/**
 * The tensors of a safetensors file by their names in it.
 * @param file what to call the file in messages
 * @throws UserError where it is no safetensors file; for a pickle and for weights in several files, how to make one
 *   of it
 */
export function decodeWeights(bytes: Uint8Array, file = 'the file'): StateDict {
  refusePickle(bytes, file)
  refuseJson(bytes, file)
  refuseOnnx(bytes, file)
  return decodeSafetensors(bytes).tensors
}

/**
 * Loads the state that another tool wrote into a model: its names without the prefixes of DataParallel and
 * torch.compile, then renamed, then as the experiment understands those of other projects. A normalisation's
 * `num_batches_tracked` may be absent.
 * @param file its name, which may say that it is one of several
 * @throws UserError naming what does not fit and the option of `ddlf import` that helps: a tensor that is missing,
 *   unexpected or of another shape
 */
export function loadWeights(
  model: Module,
  weights: StateDict,
  rename: Renaming = [],
  understand: (state: StateDict) => StateDict = state => state,
  file = '',
): void {
  const own = stateDict(model)
  const state = withCounts(understand(renamed(withoutWrappers(weights, model), rename)), own)
  checkFit(state, own, file)
  loadStateDict(model, state)
}
