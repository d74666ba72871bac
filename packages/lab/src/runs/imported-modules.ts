// A module of somebody's own with what it imports by relative paths, found as tsx finds it.
import fs from 'node:fs'
import path from 'node:path'

const RELATIVE_IMPORT = /\b(?:from|import|require)\s*\(?\s*['"](\.{1,2}(?:\/[^'"\n]*)?)['"]/g

/** What stands for an extension of JavaScript in TypeScript. */
const TYPESCRIPT: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'], '.jsx': ['.tsx'], '.mjs': ['.mts'], '.cjs': ['.cts'],
}

/** What may be left out at the end of an import. */
const IMPLIED = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json']

const isFile = (place: string): boolean => fs.statSync(place, { throwIfNoEntry: false })?.isFile() === true

/** The file that an import means; undefined where there is none. */
function resolveImport(importer: string, address: string): string | undefined {
  const place = path.resolve(path.dirname(importer), address.replace(/[?#].*$/, ''))
  const { dir, name, ext } = path.parse(place)
  const written = (TYPESCRIPT[ext] ?? []).map(extension => path.join(dir, name + extension))
  const stated = /\.[cm]?tsx?$/.test(importer) ? [...written, place] : [place, ...written]
  const implied = [place, path.join(place, 'index')].flatMap(stem => IMPLIED.map(extension => stem + extension))
  return [...stated, ...implied].find(isFile)
}

/** Modules that belong together. */
export interface ImportedModules {
  readonly files: ReadonlySet<string>
  /** Imports that lead to no file, each as `importing file: address`. */
  readonly unresolved: readonly string[]
}

/**
 * A module with the modules that it imports by a relative path, and those that they import. An address is also found
 * without its extension, with `.js` for `.ts`, and as a folder with an index.
 */
export function importedModules(module: string): ImportedModules {
  const files = new Set<string>()
  const unresolved = new Set<string>()
  const waiting = [path.resolve(module)]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue
    files.add(file)
    if (!/\.[cm]?[jt]sx?$/.test(file)) continue
    for (const [, address = ''] of fs.readFileSync(file, 'utf8').matchAll(RELATIVE_IMPORT)) {
      const found = resolveImport(file, address)
      if (found !== undefined) waiting.push(found)
      else unresolved.add(`${path.relative(path.dirname(module), file).split(path.sep).join('/')}: ${address}`)
    }
  }
  return { files, unresolved: [...unresolved].sort() }
}
