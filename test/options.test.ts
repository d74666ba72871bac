// Every public function with options refuses unknown ones and names all it has: the functions are found by their types,
// so that a new one cannot be forgotten.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const ENTRIES = [
  'tensor/src/index.ts',
  'tensor/src/node.ts',
  'tensor/src/browser.ts',
  'nn/src/index.ts',
  'data/src/index.ts',
  'data/src/node.ts',
  'data/src/tokenizers/index.ts',
  'lab/src/index.ts',
  'lab/src/node.ts',
  'lab/src/plots/index.ts',
  'lab/src/server/index.ts',
]
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

const isOurs = ({ declarations = [] }: ts.Symbol) =>
  declarations.some(one => one.getSourceFile().fileName.startsWith(path.join(root, 'packages')))

const plain = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)

/** What an entry exports, those in namespaces too, by name. */
function exportsOf(entry: string): [name: string, symbol: ts.Symbol][] {
  const moduleSymbol = checker.getSymbolAtLocation(program.getSourceFile(path.join(root, 'packages', entry))!)!
  return checker.getExportsOfModule(moduleSymbol).flatMap(exported => {
    const symbol = plain(exported)
    return symbol.flags & ts.SymbolFlags.ValueModule
      ? checker
          .getExportsOfModule(symbol)
          .map(inner => [`${exported.name}.${inner.name}`, plain(inner)] as [string, ts.Symbol])
      : [[exported.name, symbol] as [string, ts.Symbol]]
  })
}

const valuesOf = (entry: string) => exportsOf(entry).filter(([, symbol]) => symbol.valueDeclaration)

const signaturesOf = (type: ts.Type) => [
  ...type.getCallSignatures().map(signature => ({ signature, construct: false })),
  ...type.getConstructSignatures().map(signature => ({ signature, construct: true })),
]

/** A record with something that must be there and something that may be: options, or a thing. */
function recordOf(given: ts.Type): ts.Type | undefined {
  const type = checker.getNonNullableType(given)
  if (type.isUnion() || (!(type.flags & ts.TypeFlags.Object) && !type.isIntersection())) return undefined
  if (
    type.getCallSignatures().length > 0 ||
    type.isClass() ||
    checker.isArrayType(type) ||
    checker.getIndexInfosOfType(type).length > 0
  )
    return undefined
  return type.getProperties().some(isOurs) ? type : undefined
}

const isOptional = ({ flags }: ts.Symbol) => (flags & ts.SymbolFlags.Optional) !== 0

/**
 * Records that our functions give out, hold in their constants or call back with, and all that those hold: they are
 * things and not options, and a name too much on one says nothing to the function that reads it.
 */
function thingsGivenOut(): ts.Type[] {
  const seen = new Set<ts.Type>()
  const things: ts.Type[] = []
  const look = (type: ts.Type): void => {
    if (seen.has(type)) return
    seen.add(type)
    if (type.isUnionOrIntersection()) type.types.forEach(look)
    if (type.flags & ts.TypeFlags.Object) {
      checker.getTypeArguments(type as ts.TypeReference).forEach(look)
      for (const { type: element } of checker.getIndexInfosOfType(type)) look(element)
      for (const signature of type.getCallSignatures()) look(signature.getReturnType())
    }
    if (recordOf(type) === undefined && !type.isClass()) return
    things.push(type)
    for (const property of type.getProperties()) look(checker.getTypeOfSymbol(property))
  }
  for (const [, symbol] of ENTRIES.flatMap(valuesOf)) {
    const type = checker.getTypeOfSymbol(symbol)
    const signatures = signaturesOf(type)
    for (const { signature } of signatures) look(signature.getReturnType())
    if (signatures.length === 0) look(type)
  }
  return things
}

const things = thingsGivenOut()

/** The names of a type of options: a record of ours of which something may be left out, and that is no thing. */
function optionsOf(given: ts.Type): string[] | undefined {
  const type = recordOf(given)
  const properties = type?.getProperties() ?? []
  if (type === undefined || !properties.some(isOptional)) return undefined
  const names = properties.map(({ name }) => name)
  const isThing =
    !properties.every(isOptional) &&
    things.some(thing => names.every(name => thing.getProperty(name)) && checker.isTypeAssignableTo(thing, type))
  return isThing ? undefined : names
}

/**
 * The records among the parameters of a signature. Of two the last holds the options: something is done to the others.
 */
const recordsIn = (signature: ts.Signature) => signature.getParameters().flatMap((parameter, position) => {
  const type = checker.getTypeOfSymbol(parameter)
  const options = optionsOf(type)
  return options ? [{ type: checker.getNonNullableType(type), position, options }] : []
})

const functionsOf = (name: string, type: ts.Type): Found[] => signaturesOf(type).flatMap(({ signature, construct }) =>
  recordsIn(signature).slice(-1).map(({ position, options }) => ({ name, position, options, construct })))

// What something is done to in one function is a thing in all.
for (const [, symbol] of ENTRIES.flatMap(valuesOf)) {
  for (const { signature } of signaturesOf(checker.getTypeOfSymbol(symbol)))
    things.push(
      ...recordsIn(signature)
        .slice(0, -1)
        .map(({ type }) => type),
    )
}

/** All functions and classes with options that an entry exports. */
const found = (entry: string): Found[] =>
  valuesOf(entry).flatMap(([name, symbol]) => functionsOf(name, checker.getTypeOfSymbol(symbol)))

const UNKNOWN = 'nonsense123'

/** The message with which a function refuses an option, whether it throws, rejects or tells it as an event. */
async function refusal({ name, position, construct }: Found, api: Record<string, unknown>): Promise<string> {
  const f = name.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], api) as (
    ...given: unknown[]
  ) => unknown
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
    if (!message.includes(`there is no option '${UNKNOWN}'`) || missing.length > 0)
      wrong.push(`${one.name}(${one.options.join(', ')}): ${message.slice(0, 160)}`)
  }
  expect(wrong).toEqual([])
})

it('finds them', () => {
  const names = ENTRIES.flatMap(entry => found(entry).map(({ name }) => name))
  expect(names).toEqual(
    expect.arrayContaining(['sum', 'adam', 'crossEntropy', 'BatchNorm2d', 'init.kaimingUniform', 'schedules.oneCycle']),
  )
  expect(readdirSync(path.join(root, 'packages')).length).toBeGreaterThan(4)
})
