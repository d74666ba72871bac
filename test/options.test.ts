// Every public function with options refuses unknown ones and names all it has: the functions are found by their types, so that
// a new one cannot be forgotten.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const ENTRIES = ['tensor/src/index.ts', 'tensor/src/node.ts', 'tensor/src/browser.ts', 'nn/src/index.ts']
/** Records that are things and not options: a name too much on them says nothing to the function that reads them. */
const THINGS = new Set([
  'UserErrorParts', 'Leaf', 'OpDefinition<A>', 'Dataset', 'DatasetCard', 'PinnedFile', 'Experiment', 'ExperimentDefinition<Schema, Model>',
  'ExportedModel', 'AnalysedRun', 'AnalysisResults',
])

interface Found {
  readonly name: string
  readonly position: number
  readonly options: readonly string[]
  readonly construct: boolean
}

const { options: compilerOptions } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(path.join(root, 'tsconfig.json'), name => ts.sys.readFile(name)).config, ts.sys, root,
)
const program = ts.createProgram(ENTRIES.map(entry => path.join(root, 'packages', entry)), compilerOptions)
const checker = program.getTypeChecker()

/** The names of a type of options: a record of ours of which something may be left out. */
function optionsOf(given: ts.Type): string[] | undefined {
  const type = checker.getNonNullableType(given)
  if (type.isUnion() || (!(type.flags & ts.TypeFlags.Object) && !type.isIntersection())) return undefined
  if (type.getCallSignatures().length > 0 || type.isClass() || checker.isArrayType(type) || checker.getIndexInfosOfType(type).length > 0) return undefined
  const declaration = (type.aliasSymbol ?? type.getSymbol())?.declarations?.[0]
  if ((declaration && !declaration.getSourceFile().fileName.startsWith(path.join(root, 'packages'))) || THINGS.has(checker.typeToString(type))) return undefined
  const properties = type.getProperties()
  return properties.some(({ flags }) => flags & ts.SymbolFlags.Optional) ? properties.map(({ name }) => name) : undefined
}

function functionsOf(name: string, type: ts.Type): Found[] {
  const within = (signatures: readonly ts.Signature[], construct: boolean) => signatures.flatMap(signature =>
    signature.getParameters().flatMap((parameter, position) => {
      const options = optionsOf(checker.getTypeOfSymbol(parameter))
      return options ? [{ name, position, options, construct }] : []
    }))
  return [...within(type.getCallSignatures(), false), ...within(type.getConstructSignatures(), true)]
}

/** All functions and classes with options that an entry exports, those in namespaces too. */
function found(entry: string): Found[] {
  const plain = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
  const moduleSymbol = checker.getSymbolAtLocation(program.getSourceFile(path.join(root, 'packages', entry))!)!
  return checker.getExportsOfModule(moduleSymbol).flatMap(exported => {
    const symbol = plain(exported)
    if (symbol.flags & ts.SymbolFlags.ValueModule) {
      return checker.getExportsOfModule(symbol).flatMap(inner =>
        plain(inner).valueDeclaration ? functionsOf(`${exported.name}.${inner.name}`, checker.getTypeOfSymbol(plain(inner))) : [])
    }
    return symbol.valueDeclaration ? functionsOf(exported.name, checker.getTypeOfSymbol(symbol)) : []
  })
}

const UNKNOWN = 'nonsense123'

/** The message with which a function refuses an option, whether it throws, rejects or tells it as an event. */
async function refusal({ name, position, construct }: Found, api: Record<string, unknown>): Promise<string> {
  const f = name.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], api) as (...given: unknown[]) => unknown
  const given: unknown[] = Array.from({ length: position }, () => undefined)
  given.push({ [UNKNOWN]: 1 })
  try {
    const result = construct ? (Reflect.construct(f, given) as unknown) : f(...given)
    const settled = await result
    const iterator = (settled as AsyncGenerator | undefined)?.[Symbol.asyncIterator]?.()
    return iterator ? JSON.stringify((await iterator.next()).value) : `accepted: ${typeof settled}`
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

it.each(ENTRIES)('every function of %s with options refuses others', async entry => {
  const api = (await import(path.join(root, 'packages', entry))) as Record<string, unknown>
  const functions = found(entry)
  const wrong: string[] = []
  for (const one of functions) {
    const message = await refusal(one, api)
    const missing = one.options.filter(option => !new RegExp(`The options are [^.]*\\b${option}\\b`).test(message))
    if (!message.includes(`there is no option '${UNKNOWN}'`) || missing.length > 0) wrong.push(`${one.name}(${one.options.join(', ')}): ${message.slice(0, 160)}`)
  }
  expect(wrong).toEqual([])
})

it('finds them', () => {
  const names = ENTRIES.flatMap(entry => found(entry).map(({ name }) => name))
  expect(names).toEqual(expect.arrayContaining(['sum', 'adam', 'crossEntropy', 'BatchNorm2d', 'init.kaimingUniform', 'schedules.oneCycle']))
  expect(readdirSync(path.join(root, 'packages')).length).toBeGreaterThan(4)
})
