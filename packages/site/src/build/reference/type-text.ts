// Types of TypeDoc's model as TypeScript writes them.
import type {
  DeclarationReflection,
  ParameterReflection,
  SignatureReflection,
  SomeType,
  TypeParameterReflection,
} from 'typedoc'

/** Columns above which a signature has a line a parameter. */
const WIDTH = 90

const COMPOUND = new Set(['union', 'intersection', 'conditional', 'typeOperator', 'query'])

/** A type within brackets where it stands before `[]`. */
const tight = (type: SomeType): string => {
  const isFunction = type.type === 'reflection' && type.declaration.signatures !== undefined
  return COMPOUND.has(type.type) || isFunction ? `(${typeText(type)})` : typeText(type)
}

/** A literal of the language. */
function literalText(value: string | number | boolean | bigint | null): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  return typeof value === 'bigint' ? `${String(value)}n` : String(value)
}

/** A member of an object's type. */
function memberText(member: DeclarationReflection): string {
  const [method] = member.signatures ?? []
  const name = /^[\w$]+$/.test(member.name) || member.name.startsWith('[') ? member.name : literalText(member.name)
  const mark = member.flags.isOptional ? '?' : ''
  if (method && member.signatures) return member.signatures.map(one => signatureText(name + mark, one)).join('; ')
  return `${member.flags.isReadonly ? 'readonly ' : ''}${name}${mark}: ${typeText(member.type)}`
}

/** The type of an object or a function that is written in place. */
function reflectionText({ children = [], signatures = [], indexSignatures = [] }: DeclarationReflection): string {
  const [call] = signatures
  if (call && children.length === 0) return `${parametersText(call)} => ${typeText(call.type)}`
  const indices = indexSignatures.map(({ parameters = [], type }) =>
    `[${parameters.map(parameterText).join(', ')}]: ${typeText(type)}`)
  return `{ ${[...signatures.map(one => signatureText('', one)), ...indices, ...children.map(memberText)].join('; ')} }`
}

/** A type as it is written. */
export function typeText(type: SomeType | undefined): string {
  switch (type?.type) {
    case undefined: return 'unknown'
    case 'array': return `${tight(type.elementType)}[]`
    case 'conditional': {
      const [given, of, then, otherwise] = [type.checkType, type.extendsType, type.trueType, type.falseType].map(
        typeText,
      )
      return `${given ?? ''} extends ${of ?? ''} ? ${then ?? ''} : ${otherwise ?? ''}`
    }
    case 'indexedAccess': return `${tight(type.objectType)}[${typeText(type.indexType)}]`
    case 'inferred': return `infer ${type.name}`
    case 'intersection': return type.types.map(typeText).join(' & ')
    case 'union': return type.types.map(one => (one.type === 'reflection' ? tight(one) : typeText(one))).join(' | ')
    case 'literal': return literalText(type.value)
    case 'mapped': {
      const [readonly, optional] = [type.readonlyModifier, type.optionalModifier]
      const before = readonly === undefined ? '' : `${readonly === '-' ? '-' : ''}readonly `
      const mark = optional === undefined ? '' : `${optional === '-' ? '-' : ''}?`
      return `{ ${before}[${type.parameter} ` +
        `in ${typeText(type.parameterType)}]${mark}: ${typeText(type.templateType)} }`
    }
    case 'optional': return `${tight(type.elementType)}?`
    case 'predicate':
      return `${type.asserts ? 'asserts ' : ''}${type.name}${type.targetType ? ` is ${typeText(type.targetType)}` : ''}`
    case 'query': return `typeof ${typeText(type.queryType)}`
    case 'reference': {
      const given = type.typeArguments ?? []
      return type.name + (given.length === 0 ? '' : `<${given.map(typeText).join(', ')}>`)
    }
    case 'reflection': return reflectionText(type.declaration)
    case 'rest': return `...${tight(type.elementType)}`
    case 'templateLiteral':
      return `\`${type.head}${type.tail.map(([one, text]) => `\${${typeText(one)}}${text}`).join('')}\``
    case 'tuple': return `[${type.elements.map(typeText).join(', ')}]`
    case 'namedTupleMember': return `${type.name}${type.isOptional ? '?' : ''}: ${typeText(type.element)}`
    case 'typeOperator': return `${type.operator} ${tight(type.target)}`
    default: return type?.toString() ?? ''
  }
}

/** The name of a parameter; one that is taken apart in place has none of its own. */
export const parameterName = ({ name }: ParameterReflection): string =>
  name === '__namedParameters' ? 'options' : name

function parameterText(parameter: ParameterReflection): string {
  const { flags, defaultValue, type } = parameter
  const mark = flags.isOptional || defaultValue !== undefined ? '?' : ''
  return `${flags.isRest ? '...' : ''}${parameterName(parameter)}${mark}: ${typeText(type)}`
}

/** `<T extends X = Y>`, or nothing. */
export function typeParametersText(parameters: readonly TypeParameterReflection[] = []): string {
  const texts = parameters.map(({ name, type, default: standard }) =>
    name + (type ? ` extends ${typeText(type)}` : '') + (standard ? ` = ${typeText(standard)}` : ''))
  return texts.length === 0 ? '' : `<${texts.join(', ')}>`
}

const parametersText = ({ typeParameters, parameters = [] }: SignatureReflection): string =>
  `${typeParametersText(typeParameters)}(${parameters.map(parameterText).join(', ')})`

/** A signature as a declaration writes it, on several lines where it is long. */
export function signatureText(name: string, signature: SignatureReflection): string {
  const line = `${name}${parametersText(signature)}: ${typeText(signature.type)}`
  const parameters = signature.parameters ?? []
  if (line.length <= WIDTH || parameters.length === 0) return line
  const types = typeParametersText(signature.typeParameters)
  const lines = parameters.map(parameter => `  ${parameterText(parameter)},\n`)
  return `${name}${types}(\n${lines.join('')}): ${typeText(signature.type)}`
}
