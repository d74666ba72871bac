// Reads what the packages export, and their docstrings, with TypeDoc.
import { join, relative } from 'node:path'
import {
  Application, ReflectionKind, type Comment as TypeDocComment, type CommentDisplayPart, type DeclarationReflection,
  type SignatureReflection,
} from 'typedoc'
import {
  ENTRIES, PACKAGES, type Comment, type Documented, type ExportKind, type Member, type Signature,
} from './documented.ts'
import { parameterName, signatureText, typeParametersText, typeText } from './type-text.ts'

/** What an inline tag such as `{@link fit}` points to. */
function linkText({ text, target }: Extract<CommentDisplayPart, { kind: 'inline-tag' }>): string {
  if (typeof target === 'string') return `[${text}](${target})`
  const name = target !== undefined && 'name' in target ? target.name : text
  return `[\`${text}\`](reference:${name})`
}

const markdownOf = (parts: readonly CommentDisplayPart[] = []): string =>
  parts.map(part => (part.kind === 'inline-tag' ? linkText(part) : part.text)).join('').trim()

function commentOf(comment: TypeDocComment | undefined): Comment {
  const tagged = (tag: string) =>
    (comment?.blockTags ?? []).filter(one => one.tag === tag).map(one => markdownOf(one.content))
  const [returns] = tagged('@returns')
  return {
    text: markdownOf(comment?.summary),
    ...(returns !== undefined && { returns }),
    throws: tagged('@throws'),
    examples: tagged('@example'),
  }
}

const signatureOf = (name: string, signature: SignatureReflection): Signature => ({
  code: signatureText(name, signature),
  comment: commentOf(signature.comment),
  parameters: (signature.parameters ?? []).map(parameter => ({
    name: parameterName(parameter),
    type: typeText(parameter.type),
    ...(parameter.defaultValue !== undefined && parameter.defaultValue !== '...' && {
      defaultValue: parameter.defaultValue,
    }),
    text: markdownOf(parameter.comment?.summary),
  })),
})

const declared = (code: string, { comment }: DeclarationReflection): Signature =>
  ({ code, comment: commentOf(comment), parameters: [] })

/** How something is declared, in one or, where it is overloaded, several ways. */
function signaturesOf(reflection: DeclarationReflection, kind?: ExportKind): Signature[] {
  const { name, signatures, getSignature, flags, type, typeParameters, extendedTypes = [] } = reflection
  if (signatures && reflection.kind === ReflectionKind.Constructor) {
    return signatures.map(one => signatureOf(`new ${reflection.parent?.name ?? ''}`, one))
  }
  if (signatures) {
    return signatures.map(one => signatureOf(kind === 'function' ? `function ${name}` : name, one))
  }
  const types = typeParametersText(typeParameters)
  const base = extendedTypes.length === 0 ? '' : ` extends ${extendedTypes.map(typeText).join(', ')}`
  if (kind === 'class' || kind === 'interface') return [declared(`${kind} ${name}${types}${base}`, reflection)]
  if (kind === 'namespace') return [declared(`namespace ${name}`, reflection)]
  if (kind === 'type') return [declared(`type ${name}${types} = ${typeText(type)}`, reflection)]
  if (kind === 'constant') return [declared(`const ${name}: ${typeText(type)}`, reflection)]
  if (getSignature) {
    return [{ ...declared(`get ${name}: ${typeText(getSignature.type)}`, reflection),
      comment: commentOf(getSignature.comment) }]
  }
  const before = `${flags.isStatic ? 'static ' : ''}${flags.isReadonly ? 'readonly ' : ''}`
  return [declared(`${before}${name}${flags.isOptional ? '?' : ''}: ${typeText(type)}`, reflection)]
}

/** What a class, an interface, a namespace or the type of an object holds itself. */
function membersOf(reflection: DeclarationReflection, kind: ExportKind): Member[] {
  const inPlace = reflection.type?.type === 'reflection' ? (reflection.type.declaration.children ?? []) : []
  const children = kind === 'type' || kind === 'constant' ? inPlace : (reflection.children ?? [])
  return children
    .filter(({ flags, inheritedFrom }) => !flags.isPrivate && inheritedFrom === undefined)
    .sort((a, b) => Number(b.kind === ReflectionKind.Constructor) - Number(a.kind === ReflectionKind.Constructor))
    .map(child => ({ name: child.name, signatures: signaturesOf(child) }))
}

/**
 * Everything that the packages export, in the order of the sources.
 * @param root the repository's folder
 */
export async function extractReference(root: string): Promise<readonly Documented[]> {
  const kinds = new Map<number, ExportKind>([
    [ReflectionKind.Function, 'function'], [ReflectionKind.Class, 'class'], [ReflectionKind.Interface, 'interface'],
    [ReflectionKind.TypeAlias, 'type'], [ReflectionKind.Variable, 'constant'], [ReflectionKind.Namespace, 'namespace'],
  ])
  const application = await Application.bootstrap({
    entryPoints: Object.keys(ENTRIES).map(path => join(root, path)),
    tsconfig: join(root, 'packages/site/tsconfig.reference.json'),
    excludePrivate: true, excludeInternal: true, excludeExternals: true, excludeReferences: true,
    // `npm test` checks types.
    skipErrorChecking: true,
    disableGit: true, sourceLinkTemplate: '{path}#L{line}', basePath: root,
    sort: ['source-order'], logLevel: 'Error', readme: 'none',
  })
  const project = await application.convert()
  if (!project) throw new Error('The sources of the reference cannot be read.')
  const pathOf = ({ sources: [source] = [] }: DeclarationReflection) =>
    source === undefined ? '' : relative(root, source.fullFileName).split('\\').join('/')
  return (project.children ?? []).flatMap((module): Documented[] => {
    const entry = ENTRIES[pathOf(module)]
    const of = PACKAGES.find(name => entry === `@ddlf/${name}` || entry?.startsWith(`@ddlf/${name}/`))
    if (entry === undefined || of === undefined) return []
    return (module.children ?? []).flatMap((one): Documented[] => {
      const kind = kinds.get(one.kind)
      if (kind === undefined) return []
      return [{
        name: one.name, kind, package: of, entry,
        source: { path: pathOf(one), line: one.sources?.[0]?.line ?? 1 },
        signatures: signaturesOf(one, kind),
        members: membersOf(one, kind),
      }]
    })
  })
}
