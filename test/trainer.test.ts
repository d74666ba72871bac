// The trainer of the pages: training on one thread, on WebGPU and as in the terminal; the graph of the chosen net.
import { readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLoader } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { experiments } from '@ddlf/course'
import { findExperiment, memoryRunStore, parseSettings, train } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { hasBrowser, launchBrowser } from './browser.ts'
import { closers } from './closers.ts'
import { siteInBrowser, violationsIn, type SiteInBrowser } from './site-in-browser.ts'
import type { StaticServer } from './static-server.ts'

/** A photograph of 100 x 100 grey pixels. */
function photoOf(greyOf: (x: number, y: number) => number): Buffer {
  const picture = new PNG({ width: 100, height: 100 })
  for (let at = 0; at < 10_000; at++)
    picture.data.set([...new Array<number>(3).fill(greyOf(at % 100, Math.floor(at / 100))), 255], 4 * at)
  return PNG.sync.write(picture)
}

describe.skipIf(!hasBrowser)('the trainer', () => {
  let server: StaticServer
  let open: SiteInBrowser['open']
  const closing = closers()
  beforeAll(async () => {
    ;({ server, open } = await siteInBrowser(closing))
  }, 900_000)
  afterAll(closing.closeAll)

  it('trains in the page on one thread, shows what it mistakes, and reads a drawn digit', async () => {
    const { page, troubles } = await open('30ddlf/mlp-on-mnist/how-well/#try:hidden=128&epochs=1&seed=1')
    expect(await page.evaluate('crossOriginIsolated')).toBe(false)
    await page.waitForSelector('.trainer .slider')
    const controls = await page.locator('.trainer .slider > span').allTextContents()
    for (const control of ['Units in a layer', 'Hidden layers', 'Learning rate', 'Batch size', 'Dropout', 'Epochs'])
      expect(
        controls.some(text => text.startsWith(control)),
        control,
      ).toBe(true)
    expect(controls.some(text => text.startsWith('Processor'))).toBe(false)
    await page.click('.trainer button[type=submit]')
    // The first pictures of the weights, which training then changes.
    await page.waitForSelector('.filters figcaption:text("of 32 units")', { timeout: 120_000 })
    const filters = () => page.evaluate<string>('document.querySelector(".filters canvas").toDataURL()')
    const firstFilters = await filters()
    await page.waitForSelector('.state[data-phase=done]', { timeout: 180_000 })
    const status = (await page.textContent('.state p')) ?? ''
    expect(Number(/([\d.]+) % of the test digits/.exec(status)?.[1])).toBeGreaterThan(92)
    // Three settings are seen first.
    expect(await page.locator('.trainer .slider:visible').count()).toBe(3)
    expect(await page.evaluate<number>('[...document.querySelectorAll(".confusion td.right")].reduce((sum, cell) => ' +
      'sum + Number(cell.textContent), 0)')).toBeGreaterThan(9200)
    expect(await filters()).not.toBe(firstFilters)
    for (const chart of [0, 1])
      expect(await page.locator('.curves svg').nth(chart).locator('.line:not(.swatch)').count()).toBe(2)
    await page.locator('.curves .chart-place').last().focus()
    await page.keyboard.press('End')
    expect(await page.locator('.curves .reading').allTextContents()).toEqual([
      expect.stringMatching(/^epoch 1: training/), expect.stringMatching(/^epoch 1: training/),
    ])
    expect(await page.evaluate('caches.open("mnist-2").then(kept => kept.keys()).then(files => files.length)')).toBe(6)
    await page.locator('.pad').scrollIntoViewIfNeeded()
    const pad = (await page.locator('.pad').boundingBox())!
    const middle = pad.x + pad.width / 2
    await page.mouse.move(middle, pad.y + 40)
    await page.mouse.down()
    for (let y = 40; y <= pad.height - 40; y += 8) await page.mouse.move(middle + 1, pad.y + y)
    await page.mouse.up()
    await page.waitForSelector('[data-answer="1"]', { timeout: 30_000 })
    // The saliency, right of the digit, is in colour where the answer hangs on a pixel.
    expect(await page.evaluate<boolean>(`[...document.querySelector(".seen").getContext("2d").getImageData(28, 0, ` +
      `28, 28).data].some((value, i) => i % 4 === 2 && value < 128)`)).toBe(true)
    expect(troubles).toEqual([])
    await page.close()
  }, 300_000)

  it('begins on the first digits, takes more as they arrive, and says which it had', async () => {
    const { page } = await open('30ddlf/mlp-on-mnist/how-well/#try:hidden=32&epochs=2&batchSize=512')
    const asked: string[] = []
    page.on('request', request => {
      const name = /([\w-]+)\.packed$/.exec(request.url())?.[1]
      if (name !== undefined) asked.push(name)
    })
    const gates = Object.fromEntries(['test', 'train-2', 'train-3'].map(name => {
      let pass: (goesOn: boolean) => void = () => undefined
      const passed = new Promise<boolean>(resolve => {
        pass = resolve
      })
      return [name, { pass, passed }]
    }))
    for (const [name, { passed }] of Object.entries(gates))
      await page.route(`**/${name}.packed`, async route => ((await passed) ? route.continue() : route.abort()))
    const says = (words: RegExp) => page.waitForFunction(
      `${words.toString()}.test(document.querySelector('.digits-learned')?.textContent ?? '')`, undefined,
      { timeout: 120_000 },
    )
    const ends = async () => {
      await page.waitForSelector('.state:is([data-phase=done], [data-phase=failed], [data-phase=stopped])', {
        timeout: 90_000,
      })
      expect(await page.getAttribute('.state', 'data-phase'), (await page.textContent('.state')) ?? '').toBe('done')
    }
    await page.click('.trainer button[type=submit]')
    // It learns before the test digits are there, and no more was asked for.
    await says(/^Learns from 3,000 digits\. More are on their way\.$/)
    await expect.poll(() => asked).toEqual(['labels', 'train-1', 'test'])
    gates['test']?.pass(true)
    await page.waitForSelector('.filters figcaption:text("of 32 units")', { timeout: 120_000 })
    gates['train-2']?.pass(true)
    await ends()
    expect(await page.textContent('.state p')).toContain('of the test digits right')
    await says(/^Trained on 3,000 digits(, 10,000 from step \d+)?\. They arrived while it trained/)
    expect(await page.textContent('.trainer')).toContain('With all digits from its first step, in the terminal:')
    // What is lost is said, and asked for again; then all is there, and the run is one that can be repeated.
    gates['train-3']?.pass(false)
    await says(/The rest did not arrive \(Failed to fetch\)\. The next run asks for it again\.$/)
    await page.unroute('**/train-3.packed')
    await page.click('.trainer button[type=submit]')
    await page.waitForSelector('.state[data-phase=training]', { timeout: 120_000 })
    await ends()
    await page.waitForFunction(`performance.now() > 0 && caches.open('mnist-2').then(kept => kept.keys())
      .then(files => files.length === 6)`)
    await page.click('.trainer button[type=submit]')
    await says(/^(Learns from|Trained on) 60,000 digits\.$/)
    expect(await page.textContent('.trainer')).toContain('The same run in the terminal:')
    expect(new Set(asked)).toEqual(new Set(['labels', 'test', ...[1, 2, 3, 4].map(k => `train-${k}`)]))
    await page.close()
  }, 400_000)

  it('stops at once where a run waits: for its first digits, for all of them, for those that judge it', async () => {
    const part = '#try:hidden=32&epochs=1&batchSize=512'
    const waits: [held: string, address: string, reached: string][] = [
      ['train-1', part, '.state[data-phase=loading] p:text("first digits")'],
      ['test', `${part}&validation=0.1`, '.state[data-phase=loading] p:text("of 60,000 digits")'],
      ['test', part, '.state[data-phase=training] p:text("Epoch 1")'],
    ]
    for (const [held, address, reached] of waits) {
      const { page } = await open(`30ddlf/mlp-on-mnist/how-well/${address}`)
      await page.route(`**/${held}.packed`, () => new Promise(() => undefined))
      await page.click('.trainer button[type=submit]')
      await page.waitForSelector(reached, { timeout: 120_000 })
      if (reached.includes('training')) await page.waitForFunction(
        'document.querySelector(".trainer progress").value > 0.9', undefined, { timeout: 120_000 },
      )
      await page.click('.trainer button:text("Stop")')
      await page.waitForSelector('.state[data-phase=stopped] p:text("Stopped")')
      expect(await page.textContent('.state p')).not.toContain('of the test digits right')
      expect(await page.locator('.trainer button[type=submit]').textContent()).toBe('Train')
      await page.close()
    }
  }, 300_000)

  it('shows what a LeNet finds in a digit while it learns, and where an answer comes from', async () => {
    const { page, troubles } = await open('30ddlf/intro-level-CNN/')
    const part = (name: string) => `.lenet-trainer [data-part=${name}]`
    await page.click(part('train'))
    await page.waitForSelector('.lenet-trainer[data-step]', { timeout: 60_000 })
    const picture = (name: string) => page.evaluate<string>(`document.querySelector('${part(name)}').toDataURL()`)
    const [windows, maps] = [await picture('windows'), await picture('first')]
    await page.waitForFunction(`Number(document.querySelector('.lenet-trainer').dataset.step) > 20`, undefined, {
      timeout: 60_000,
    })
    expect(await picture('windows')).not.toBe(windows)
    expect(await picture('first')).not.toBe(maps)
    const heat = await picture('heat')
    const pad = (await page.locator(part('ink')).boundingBox())!
    await page.mouse.move(pad.x + pad.width / 2, pad.y + 20)
    await page.mouse.down()
    for (let y = 20; y <= pad.height - 20; y += 12) await page.mouse.move(pad.x + pad.width / 2, pad.y + y)
    await page.mouse.up()
    await page.waitForFunction(`/sure\\. Most/.test(document.querySelector('${part('answer')}').textContent)`)
    expect(await picture('heat')).not.toBe(heat)
    // A photo of the reader's own, what is no picture, and a machine without a camera.
    const says = (words: string, where = 'trouble') => page.waitForSelector(`${part(where)}:has-text("${words}")`)
    const choose = (name: string, mimeType: string, buffer: Buffer) =>
      page.setInputFiles(part('photo'), { name, mimeType, buffer })
    await choose('letter.txt', 'text/plain', Buffer.from('seven'))
    await says('letter.txt is no picture that this browser reads.')
    await choose('empty.png', 'image/png', photoOf(() => 200))
    await says('Nothing stands out from its paper.')
    const before = await picture('ink')
    await choose('one.png', 'image/png', photoOf((x, y) => (Math.abs(x - 50) < 4 && y > 20 && y < 80 ? 30 : 120 + x)))
    await says('Most of that comes from', 'answer')
    await page.waitForSelector(part('trouble'), { state: 'hidden' })
    expect(await picture('ink')).not.toBe(before)
    // As where there is none, on a machine that has one too.
    await page.evaluate(`navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Requested device not found', 'NotFoundError'))`)
    await page.click(part('camera'))
    await says('There is no camera here.')
    const step = await page.getAttribute('.lenet-trainer', 'data-step')
    // What the net says as it learns on does not put out what went wrong.
    await page.waitForFunction(`(({ step, phase }) => Number(step) > ${step} || phase === 'done')(
      document.querySelector('.lenet-trainer').dataset)`)
    expect(await page.textContent(part('trouble'))).toContain('There is no camera here.')
    await page.click(part('train'))
    await page.waitForSelector('.lenet-trainer[data-phase=done]')
    expect(await violationsIn(page, '.lenet-trainer')).toEqual([])
    expect(troubles).toEqual([])
    await page.close()
  }, 120_000)

  it('lets go of digits that do not come, and trains when they do', async () => {
    const { page, troubles } = await open('30ddlf/intro-level-CNN/')
    const part = (name: string) => `.lenet-trainer [data-part=${name}]`
    let asked = 0
    await page.route('**/digits.packed', () => { asked++ })
    await page.click(part('train'))
    await expect.poll(() => asked, { timeout: 60_000 }).toBe(1)
    await page.click(part('train'))
    await page.waitForSelector('.lenet-trainer[data-phase=stopped]')
    expect(await page.textContent(part('said'))).toBe('Stopped before the first step.')
    expect(await page.textContent(part('train'))).toBe('Try again')
    await page.unroute('**/digits.packed')
    await page.click(part('train'))
    await page.waitForSelector('.lenet-trainer[data-step]', { timeout: 60_000 })
    expect(troubles).toEqual([])
    await page.close()
  }, 180_000)

  it("draws the step of the net that the reader has chosen, again when a slider moves", async () => {
    const { page, troubles } = await open('30ddlf/mlp-on-mnist/how-well/#try:hidden=64&dropout=0.2')
    await page.click('.trainer details.graph > summary')
    const drawing = page.locator('.trainer .graph svg')
    await drawing.waitFor()
    expect(await drawing.textContent()).toContain('random mask')
    expect(await drawing.textContent()).not.toContain('hidden.2')
    await page.focus('.slider:has-text("Hidden layers") input')
    for (const key of ['ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
    await page.waitForSelector('.trainer .graph svg:has-text("hidden.2.0.weight")')
    expect(await violationsIn(page, '.trainer')).toEqual([])
    expect(troubles).toEqual([])
    await page.close()
  }, 120_000)

  it('trains on WebGPU as on WebAssembly, where there is an adapter', async context => {
    const withAdapter = await launchBrowser({ webgpu: true })
    try {
      const page = await withAdapter.newPage()
      await page.goto(
        `${server.address}30ddlf/mlp-on-mnist/how-well/#try:hidden=32&trainExamples=1280&epochs=1&seed=2&dropout=0.2`,
      )
      const hasAdapter = await page.evaluate<boolean>(
        'navigator.gpu ? navigator.gpu.requestAdapter().then(Boolean) : false',
      )
      if (!hasAdapter) return context.skip('no WebGPU adapter in this browser')
      const lossesOn = async (provider: string) => {
        // It may not have begun to live yet.
        await page.waitForSelector('.trainer .more')
        await page.evaluate('document.querySelector(".trainer .more").open = true')
        await page.selectOption('.slider:has-text("Processor") select', provider)
        await page.click('.trainer button[type=submit]')
        await page.waitForSelector('.state[data-phase=training]', { timeout: 120_000 })
        await page.waitForSelector('.state[data-phase=done], .state[data-phase=failed]', { timeout: 240_000 })
        expect(await page.getAttribute('.state', 'data-phase'), (await page.textContent('.state')) ?? '').toBe('done')
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.click('text=Download the measurements'),
        ])
        const lines = readFileSync(await download.path(), 'utf8')
          .trim()
          .split('\n')
          .map(line => JSON.parse(line) as { step: number; name: string; value: number })
        return lines.filter(({ name }) => name === 'train/loss')
      }
      const expected = await lossesOn('wasm')
      const actual = await lossesOn('webgpu')
      expect(expected.at(-1)?.step).toBe(20)
      expect(actual.map(({ step }) => step)).toEqual(expected.map(({ step }) => step))
      actual.forEach(({ value, step }, i) =>
        expect(Math.abs(value / (expected[i]?.value ?? NaN) - 1), `step ${step}`).toBeLessThan(1e-3),
      )
      // Left to itself it measures a net with enough to do on both, and takes the faster.
      await page.goto(`${server.address}30ddlf/mlp-on-mnist/how-well/#try:hidden=512,512&trainExamples=640&epochs=1`)
      await page.reload()
      await page.waitForSelector('.slider:has-text("Processor") select', { state: 'attached' })
      await page.click('.trainer button[type=submit]')
      await page.waitForSelector('.measured-ways', { timeout: 120_000 })
      const said = (await page.textContent('.measured-ways')) ?? ''
      const speeds = [...said.matchAll(/(\d threads?|the graphics card) ([\d,]+)/g)]
        .map(([, way, speed = '']) => ({ way, speed: Number(speed.replaceAll(',', '')) }))
      expect(speeds.map(({ way }) => way).slice(-1)).toEqual(['the graphics card'])
      expect(Math.min(...speeds.map(({ speed }) => speed))).toBeGreaterThan(0)
      const most = speeds.reduce((best, one) => (one.speed > best.speed ? one : best))
      expect(said).toContain(`Trained by ${most.way}, the fastest here.`)
      await page.waitForSelector('.state[data-phase=done]', { timeout: 240_000 })
    } finally {
      await withAdapter.close()
    }
  }, 500_000)

  it('gives the same loss curve as the terminal for the same seed', async () => {
    const given = [
      'hidden=128,32',
      'trainExamples=3200',
      'epochs=2',
      'seed=3',
      'learningRate=0.05',
      'batchSize=64',
      'dropout=0',
    ]
    const { page } = await open(`30ddlf/mlp-on-mnist/how-well/#try:${given.join('&')}`)
    await page.click('.trainer button[type=submit]')
    await page.waitForSelector('.state[data-phase=done]', { timeout: 180_000 })
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download the measurements')])
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { step: number; name: string; value: number })
    await page.close()

    const experiment = findExperiment(experiments, 'mlp-on-mnist')
    const settings = parseSettings(experiment, given)
    const store = memoryRunStore('terminal')
    const [trainData, test] = [
      await loadDataset('mnist', { split: 'train' }),
      await loadDataset('mnist', { split: 'test' }),
    ]
    for await (const event of train({
      experiment,
      settings,
      train: trainData,
      test,
      runtime: onnxNodeRuntime({ threads: 1 }),
      store,
      createLoader,
    }))
      expect(event.kind).not.toBe('failed')
    const expected = store.metrics.filter(({ name }) => name === 'train/loss')
    const actual = lines.filter(({ name }) => name === 'train/loss')
    expect(expected.map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(actual.map(({ step }) => step)).toEqual(expected.map(({ step }) => step))
    actual.forEach(({ value, step }, i) =>
      expect(Math.abs(value / expected[i]!.value - 1), `step ${step}`).toBeLessThan(1e-3),
    )
  }, 300_000)
})
