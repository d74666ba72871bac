// The documents are true: links lead somewhere, named files exist, named commands exist, examples run.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { program } from '@ddlf/cli'
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { differentiate, tensor } from '@ddlf/tensor'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const documents = [
  'README.md', 'ARCHITECTURE.md', 'course/README.md', 'bench/README.md',
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
    const paths = [...text.matchAll(/`((?:packages|course|bench|test|scripts)\/[\w./-]+)`/g)].map(([, path]) => path!).filter(path => !/<|\*/.test(path))
    expect(paths.filter(path => ![root, join(root, dirname(document))].some(folder => existsSync(join(folder, path))))).toEqual([])
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
