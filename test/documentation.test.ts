// The documents are true: links lead somewhere, named files exist, named commands exist, examples run.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { program } from 'ddlf'
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { differentiate, tensor } from '@ddlf/tensor'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const documents = [
  'README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'course/README.md', 'bench/README.md',
  ...readdirSync(join(root, 'packages')).map(name => `packages/${name}/README.md`),
]

const commandLine = await program()

describe.each(documents)('%s', document => {
  const text = readFileSync(join(root, document), 'utf8')

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target!)
    expect(links.filter(target => !existsSync(join(root, dirname(document), target)))).toEqual([])
  })

  it('names files that exist', () => {
    const paths = [...text.matchAll(/`((?:packages|course|bench|test|scripts)\/[\w./-]+)`/g)]
      .map(([, path]) => path!)
      .filter(path => !/<|\*/.test(path))
    expect(
      paths.filter(path => ![root, join(root, dirname(document))].some(folder => existsSync(join(folder, path)))),
    ).toEqual([])
  })

  it('names commands and options that exist', () => {
    const commands = new Map(commandLine.commands.map(command => [command.name(), command]))
    for (const [, name, rest] of text.matchAll(/(?:npm run ddlf(?: --)?|\$ ddlf|`ddlf) ([a-z]+)([^\n`#]*)/g)) {
      const command = commands.get(name!)
      expect(command, `ddlf ${name}`).toBeDefined()
      const known = [command!, ...command!.commands].flatMap(each => each.options.map(option => option.long))
      const used = [...rest!.matchAll(/ (--[a-z-]+)/g)].map(([, option]) => option!)
      expect(used.filter(option => !known.includes(option)), `ddlf ${name}`).toEqual([])
    }
  })
})

describe('commands that a reader would paste', () => {
  const verbs = commandLine.commands.map(command => command.name()).join('|')
  // After `npm run ddlf --` or `npx`, or in the command line's own messages, which begin as it was called.
  const bare = new RegExp(`(?<![\\w@/.-])(?<!(?:ddlf|npx|npm run|npm run -s) )ddlf (?:${verbs})\\b.*`, 'g')
  const below = (folder: string, kinds: RegExp): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => kinds.test(name) && !/node_modules|dist|\.astro\//.test(name))
      .map(name => join(folder, name))
  const found = (text: string) => [...text.matchAll(bare)].map(([command]) => command)
  /** Source without its comments and the names of threads and realms. */
  const shown = (source: string) =>
    source
      .replace(/\/\*[^]*?\*\//g, '')
      .replace(/^\s*\/\/.*$/gm, '')
      .replace(/name: 'ddlf [a-z]+'|realm="ddlf lab"/g, '')

  it.each([...documents, 'SECURITY.md', 'course/AUTHORING.md', ...below('course/topics', /\.mdx$/)])(
    'begin with how it is called here: %s',
    document => {
      // The page of the parts names commands in passing.
      if (document !== 'ARCHITECTURE.md') expect(found(readFileSync(join(root, document), 'utf8'))).toEqual([])
    },
  )

  it.each(['packages/lab/src', 'packages/data/src', 'packages/site/src'])(
    'and so do messages and pages: %s',
    folder => {
      const faults = below(folder, /\.(tsx?|astro)$/).flatMap(file =>
        found(shown(readFileSync(join(root, file), 'utf8'))).map(command => `${file}: ${command}`),
      )
      expect(faults).toEqual([])
    },
  )

  it('are told from names', () => {
    expect(
      found('run `ddlf train x`\nnpm run ddlf -- train x\nnpx ddlf days\n@ddlf/lab verify\nthe ddlf program'),
    ).toEqual(['ddlf train x`'])
  })
})

describe('the examples', () => {
  it('of @ddlf/tensor print what they say', () => {
    const x = tensor([[1, 2], [3, 4]])
    const loss = x.mul(x).sum()
    const [gradient] = differentiate(loss, [x])
    expect(loss.item()).toBe(30)
    expect(gradient?.toArray()).toEqual([[2, 4], [6, 8]])
  })

  it('of the README is the network that Day 1 trains', () => {
    const day1 = findExperiment(experiments, 'mlp-on-mnist')
    const settings = parseSettings(day1)
    expect(settings).toMatchObject({ hidden: [128, 32], activation: 'relu' })
    expect(day1.model(settings).forward(tensor(new Float32Array(2 * 784), { shape: [2, 784] })).shape).toEqual([2, 10])
  })
})
