// The lab lets a run's model write: pieces as they come, the text of the command line for the same seed, an end with
// its reader, and a refusal in words for whatever cannot be written.
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseSettings, sampleText, type TrainingSettings } from '@ddlf/lab'
import { openTrainedRun, runTokenizer, startRun } from '@ddlf/lab/node'
import { createLab, serveLab, type Lab, type ShownFigure, type TextLine } from '@ddlf/lab/server'
import { characterTokenizer } from '@ddlf/data/tokenizers'
import { stateDict, withSeed } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { ALPHABET, experiments } from './writing-experiments.ts'

const experimentsModule = new URL('./writing-experiments.ts', import.meta.url).href
const [writer, reader] = experiments
const settings: TrainingSettings = parseSettings(writer!, {})
const model = withSeed(7, () => writer!.model(settings))

const root = mkdtempSync(path.join(tmpdir(), 'ddlf-texts-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A lab with one run, which keeps a checkpoint. */
function labWithRun(): { lab: Lab; name: string } {
  const store = startRun({
    root, experiment: 'writer', config: { ...settings }, seed: 1, command: ['ddlf'], data: {},
    metrics: writer!.task.metrics,
  })
  const loop = { epoch: 0, stepInEpoch: 0, globalStep: 0, metrics: {} }
  store.saveCheckpoint({ tensors: stateDict(model), loop }, { best: true })
  return { lab: createLab({ root, experiments, experimentsModule, pollMilliseconds: 5 }), name: store.name }
}

const asking = (lab: Lab, host: string, body: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: {
    'host': host, 'authorization': `Bearer ${lab.token}`, 'content-type': 'application/json',
    'origin': `http://${host}`, 'x-lab-page': '1',
  },
})
const HOST = '127.0.0.1:4173'
const ask = async (lab: Lab, name: string, body: unknown): Promise<Response> =>
  lab.app.request(`http://${HOST}/api/runs/${name}/text`, asking(lab, HOST, body))
const linesOf = async (response: Response): Promise<TextLine[]> =>
  (await response.text()).trim().split('\n').map(line => JSON.parse(line) as TextLine)
const textOf = (lines: readonly TextLine[]) => lines.map(line => ('text' in line ? line.text : '')).join('')

describe('a text', { timeout: 120_000 }, () => {
  const { lab, name } = labWithRun()

  it('is the one that the model writes, in pieces, and its page knows that there is one', async () => {
    const detail = (await (await lab.app.request(`http://${HOST}/api/runs/${name}`, {
      headers: { host: HOST, authorization: `Bearer ${lab.token}` },
    })).json()) as { writesText: boolean }
    expect(detail.writesText).toBe(true)
    const response = await ask(lab, name, { prompt: 'abc', tokens: 40, temperature: 0.9, topK: 5, seed: 3 })
    expect(response.status).toBe(200)
    const lines = await linesOf(response)
    expect(lines.at(-1)).toEqual({ end: true })
    expect(lines.length).toBeGreaterThan(3)
    let expected = ''
    const options = { prompts: ['abc'], tokens: 40, temperature: 0.9, topK: 5, seed: 3 }
    const given = { runtime: onnxNodeRuntime({ threads: 1 }), tokenizer: characterTokenizer(ALPHABET) }
    for await (const [piece] of sampleText({ experiment: writer!, settings, model }, { ...given, ...options })) {
      expected += piece!
    }
    expect(textOf(lines)).toBe(expected)
  })

  it('is a figure of the page, too, with nothing before it', async () => {
    const response = await lab.app.request(`http://${HOST}/api/runs/${name}/figures`, {
      headers: { host: HOST, authorization: `Bearer ${lab.token}` },
    })
    const [figure, ...more] = (await response.json()) as ShownFigure[]
    expect(more).toEqual([])
    expect(figure).toMatchObject({ title: 'Texts that it writes' })
    const given = { runtime: onnxNodeRuntime({ threads: 1 }), tokenizer: characterTokenizer(ALPHABET) }
    const pieces = sampleText({ experiment: writer!, settings, model }, {
      ...given, prompts: ['', '', ''], tokens: 200, temperature: 0.8, seed: 1,
    })
    const expected = ['', '', '']
    for await (const made of pieces) made.forEach((piece, i) => (expected[i] = `${expected[i]!}${piece}`))
    expect(figure!.texts).toEqual(expected)
    expect(expected.map(({ length }) => length)).toEqual([200, 200, 200])
  })

  it('is refused in words', async () => {
    const unknown = await linesOf(await ask(lab, name, { prompt: 'xyz' }))
    expect(unknown).toEqual([expect.objectContaining({ error: expect.stringMatching(/never seen/) as string })])
    for (const body of [{ tokens: 0 }, { tokens: 1e6 }, { temperature: -1 }, { topP: 2 }, { stop: 1 }, { prompt: 3 }]) {
      expect((await ask(lab, name, body)).status, JSON.stringify(body)).toBe(400)
    }
    expect((await ask(lab, name, { prompt: 'a'.repeat(30_000) })).status).toBe(400)
    expect((await ask(lab, 'writer/20990101-000000-none', {})).status).toBe(400)
    const foreign = { ...asking(lab, HOST, {}), headers: { 'host': HOST, 'authorization': `Bearer ${lab.token}` } }
    expect((await lab.app.request(`http://${HOST}/api/runs/${name}/text`, foreign)).status).toBe(415)
  })

  it('is refused of a run that has no model of language, whatever it keeps of its words', async () => {
    const config = parseSettings(reader!, {})
    const store = startRun({ root, experiment: 'reader', config, seed: 1, command: ['ddlf'], data: {} })
    const loop = { epoch: 0, stepInEpoch: 0, globalStep: 0, metrics: {} }
    store.saveCheckpoint({ tensors: stateDict(reader!.model(config)), loop }, { best: true })
    const [line] = await linesOf(await ask(lab, store.name, {}))
    expect(line).toMatchObject({ error: 'Only a language model goes on with a text.' })
    await expect(runTokenizer(openTrainedRun(experiments, root, store.name))).rejects.toThrow(
      /tokenizer that a run keeps[^]*task is classification, without tokenizer\.json/,
    )
  })

  it('that is asked for by half tells the terminal nothing', async () => {
    const served = await serveLab(lab, { port: 0 })
    const { host, port, pathname } = new URL(`${served.address}api/runs/${name}/text`)
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const headers = { ...asking(lab, host, {}).headers as Record<string, string>, 'content-length': '500' }
    const half = request({ host: '127.0.0.1', port, path: pathname, method: 'POST', headers })
    half.on('error', () => undefined)
    const connected = new Promise(resolve => half.on('socket', socket => socket.on('connect', resolve)))
    half.write('{"tok')
    await connected
    // The lab has taken the beginning when it answers somebody else.
    await (await fetch(`${served.address}api/runs`, { headers: { authorization: `Bearer ${lab.token}` } })).text()
    half.destroy()
    await (await fetch(`${served.address}api/runs`, { headers: { authorization: `Bearer ${lab.token}` } })).text()
    await served.close()
    expect(told).not.toHaveBeenCalled()
    told.mockRestore()
  })

  it('ends with its reader, and makes room for others', async () => {
    const served = await serveLab(lab, { port: 0 })
    const { host } = new URL(served.address)
    const address = `${served.address}api/runs/${name}/text`
    const leaving = new AbortController()
    const begin = () => fetch(address, { ...asking(lab, host, { tokens: 4000 }), signal: leaving.signal })
    const answers = await Promise.all([begin(), begin(), begin(), begin()])
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 200, 429])
    leaving.abort()
    await expect
      .poll(async () => {
        const again = await fetch(address, asking(lab, host, { tokens: 1 }))
        await again.text()
        return again.status
      }, { timeout: 60_000 })
      .toBe(200)
    await served.close()
  })
})
