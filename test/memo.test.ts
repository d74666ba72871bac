// The memos' rule: a measured number is never typed, a result belongs to an experiment, a published value has a source.
import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { compile } from '@mdx-js/mdx'
import remarkMath from 'remark-math'
import { describe, expect, it } from 'vitest'
import { topics } from '@ddlf/course'
import { checkMemo, typedFigures } from '@ddlf/course/memo-rule'
import { parseSettings, resultSchema } from '@ddlf/lab'
import { memoProperties } from '../packages/site/src/build/memo-properties.ts'

const root = new URL('../course/topics/', import.meta.url)
const folders = readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name)
const memos = folders.flatMap(folder =>
  readdirSync(new URL(folder, root)).filter(file => /^memo.*\.mdx$/.test(file)).map(file => `${folder}/${file}`),
)

describe('the rule itself', () => {
  it('finds what was typed, and not what was read or is a setting', () => {
    const memo = '---\nfocus: 99 %\n---\nAn error of 1.8 %, a loss of 0.07, `0.05`, $x = 0.5$, <Measured ' +
      'experiment="x" /> and 60,000 digits.'
    expect(typedFigures(memo)).toEqual([{ line: 4, text: '1.8 %' }, { line: 4, text: '0.07' }])
    expect(() => { checkMemo('memo.mdx', memo) }).toThrow(/memo\.mdx:4: 1\.8 %\n[^]*<Measured/)
  })
})

/** Reads a memo as the builder of the pages does. */
const readParts = (path: string, value: string) =>
  compile({ path, value: value.replace(/^---[^]*?---/, front => front.replace(/[^\n]/g, '')) }, {
    remarkPlugins: [remarkMath, memoProperties],
  })

describe('the parts of a memo', () => {
  it.each([
    ['<Curve experiment="x" metric="test/error" />', "<Curve> has no property 'metric'; it has experiment, arms"],
    ['<Compare experiment="x" basis="a" />', "<Compare> has no property 'basis'"],
    ['A <Measured experiment="x" seed={1} /> in a line', "<Measured> has no property 'seed'"],
    ['<Recorded experiment="x" arms={["a"]}><Grid experiment="x" x="a" y="b" xLabel="a" /></Recorded>',
      "<Grid> lacks the property 'yLabel'"],
    ['<Measured experiment="x" show="worst" />', "<Measured> property 'show' is 'worst', and must be one of mean,"],
    ['<Curve experiment="x" arms="a" />', "<Curve> property 'arms' is a text, and must be readonly string[]"],
    ['<Mistakes experiment="x" count="3" />', "<Mistakes> property 'count' is a text, and must be number"],
    ['<Guess question="?" options={["a"]} answer />', "<Guess> property 'answer' needs a value"],
    ['<Compare experiment="x" rows={[{ experiment: "x", arm: "a", lable: "b" }]} />',
      "<Compare> property 'rows' has 'lable' in one of its elements, which have experiment, arm, label"],
    ['<Question experiment="x">How?</Question>', '<Question> shows nothing of what stands between its tags'],
    ['<TryWords experiment="x" />', "<TryWords> has no property 'experiment'; it has none"],
  ])('are told what they take: %s', async (text, mistake) => {
    await expect(readParts('memo.mdx', `\n\n${text}`)).rejects.toThrow(`memo.mdx:3: ${mistake}`)
  })
  it('take what they declare', async () => {
    await readParts('memo.mdx', '<Compare experiment="x" train arms={["a"]} rows={[{ experiment: "x", arm: "a" }]} />')
  })
})

describe.each(memos)('%s', file => {
  const text = readFileSync(new URL(file, root), 'utf8')
  const folder = file.split('/')[0] ?? ''
  const topic = topics.find(({ slug }) => folder.replace(/^\d+-/, '') === slug)

  it('types no measured number', () => {
    expect(typedFigures(text)).toEqual([])
  })
  it('tells its parts only what they take', async () => {
    await readParts(file, text)
  })
  it('names experiments of its topic only', () => {
    const named = [...text.matchAll(/experiment(?:="|: ')([a-z0-9-]+)/g)].map(match => match[1])
    const known = topic?.experiments.map(({ name }) => name) ?? []
    expect(named.filter(name => !known.includes(name ?? ''))).toEqual([])
  })
  it('points to exercises that exist', () => {
    const named = [...text.matchAll(/<Exercise name="([a-z0-9-]+)/g)].map(match => match[1])
    const known = topic?.exercises?.map(({ name }) => name) ?? []
    expect(named.filter(name => !known.includes(name ?? ''))).toEqual([])
  })
})

describe.each(folders.filter(name => existsSync(new URL(`${name}/results`, root))))('%s: recorded results', folder => {
  const topic = topics.find(({ slug }) => folder.replace(/^\d+-/, '') === slug)
  it.each(readdirSync(new URL(`${folder}/results/`, root)).filter(name => name.endsWith('.json')))(
    '%s is of an experiment, with settings it still has',
    file => {
      const text = readFileSync(new URL(`${folder}/results/${file}`, root), 'utf8')
      const result = resultSchema.parse(JSON.parse(text))
      const experiment = topic?.experiments.find(({ name }) => name === result.experiment)
      const recording = topic?.recordings?.find(({ experiment: name }) => name === result.experiment)
      expect(file).toBe(`${result.experiment}.json`)
      for (const arm of result.arms) {
        expect(recording?.arms.find(({ id }) => id === arm.id)?.settings).toEqual(arm.settings)
        expect(() => parseSettings(experiment!, arm.settings)).not.toThrow()
        expect(new Set(arm.runs.map(({ seed }) => seed)).size).toBe(arm.runs.length)
      }
      expect(text.length).toBeLessThan(300_000)
    },
  )
})

describe('published results', () => {
  const published = topics.flatMap(topic => topic.experiments.flatMap(({ published: rows }) => rows ?? []))
  it('have a source with a year and an address, and one meaning an id', () => {
    for (const { id, source, value } of published) {
      expect(source.citation, id).toMatch(/\b(19|20)\d\d$/)
      expect(source.url, id).toMatch(/^https?:\/\//)
      expect(new Set(published.filter(row => row.id === id).map(row => row.value))).toEqual(new Set([value]))
    }
  })
  it('include claims, each with a source and an id of its own', () => {
    const claims = topics.flatMap(topic => topic.claims ?? [])
    const ids = [...claims, ...new Map(published.map(row => [row.id, row])).values()].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, source } of claims) {
      expect(source.citation, id).toMatch(/\b(19|20)\d\d$/)
      expect(source.url, id).toMatch(/^https?:\/\//)
    }
  })
})

describe.each(topics.filter(({ comparisons }) => comparisons))('comparisons of $slug', topic => {
  const rows = topic.comparisons ?? []
  const published = topics.flatMap(({ experiments }) => experiments.flatMap(one => one.published ?? []))
  const claims = topics.flatMap(one => one.claims ?? [])

  it('are of what somebody published, and a claim names the arms that it orders', () => {
    for (const { id, experiment, worse, better } of rows) {
      expect([...published, ...claims].some(one => one.id === id), id).toBe(true)
      if (claims.some(one => one.id === id) && experiment !== undefined)
        expect([worse, better], id).not.toContain(undefined)
    }
  })
  it('name recorded or awaited arms of the topic', () => {
    const idsOf = (id: string, experiment: string) => {
      const recording = topic.recordings?.find(one => one.experiment === experiment)
      expect(recording, `${id}: ${experiment}`).toBeDefined()
      return recording?.arms.map(one => one.id) ?? []
    }
    for (const { id, experiment, arm, worse, better, worseIn = experiment } of rows) {
      if (experiment === undefined || worseIn === undefined) continue
      for (const named of [arm, better]) if (named !== undefined) expect(idsOf(id, experiment), id).toContain(named)
      if (worse === undefined) continue
      expect(idsOf(id, worseIn), id).toContain(worse)
      expect(worse, id).not.toBe(better)
    }
  })
})
