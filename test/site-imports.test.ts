// What the components of the site take from the packages is there: the compiler reads no .astro file, and the build is
// slow to say.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../packages/site/src/', import.meta.url))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.astro'))

/** The values that a file takes from packages of this project, by module. */
function importsOf(file: string): { readonly names: readonly string[]; readonly module: string }[] {
  const text = readFileSync(join(folder, file), 'utf8')
  return [...text.matchAll(/^import \{([^}]*)\} from '(@ddlf\/[^']+)'/gm)].map(([, list = '', module = '']) => ({
    names: list.split(',').map(name => name.trim()).filter(name => name !== '' && !name.startsWith('type '))
      .map(name => name.split(' as ')[0] ?? ''),
    module,
  }))
}

describe('the components of the site', () => {
  it('are found, and take something', () => {
    expect(files.length).toBeGreaterThan(10)
    expect(files.flatMap(importsOf).length).toBeGreaterThan(10)
  })

  it.each(files.filter(file => importsOf(file).length > 0))('%s takes what there is', async file => {
    for (const { names, module } of importsOf(file)) {
      const exported = (await import(module)) as Readonly<Record<string, unknown>>
      expect(names.filter(name => exported[name] === undefined), module).toEqual([])
    }
  })
})
