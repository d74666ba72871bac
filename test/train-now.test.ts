// The plan page's button where a training cannot begin: it says why, waits no longer than it is asked to, and the next
// press tries again.
import { parseHTML } from 'linkedom'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

/** As `quick-worker.ts` has them; pages are checked apart from tests, which know no document. */
interface Failed { readonly kind: 'failed', readonly message: string }
interface Loading { readonly kind: 'loading', readonly loaded: number, readonly total: number }
interface Asked { readonly kind: 'train' | 'stop', readonly digits?: string }
const island = new URL('../packages/site/src/islands/train-now.ts', import.meta.url).href

/** A worker that keeps what it is sent and answers as the test says. */
class StandIn {
  static readonly made: StandIn[] = []
  readonly sent: Asked[] = []
  ended = false
  onmessage: ((event: { readonly data: Failed | Loading }) => void) | undefined | null
  onerror: ((event: { readonly message: string }) => void) | undefined

  constructor() {
    StandIn.made.push(this)
  }

  postMessage(message: Asked): void {
    this.sent.push(message)
  }

  terminate(): void {
    this.ended = true
  }
}

const PAGE = `<body><button data-train-button disabled>Train a network now</button>
<section data-train-now data-digits="digits.packed">
<div data-picture></div><span data-said></span><span data-curve></span><p data-answer></p>
</section></body>`

let page: ReturnType<typeof parseHTML>['document']
beforeEach(async () => {
  page = parseHTML(PAGE).document
  StandIn.made.length = 0
  vi.stubGlobal('document', page)
  vi.stubGlobal('Worker', StandIn)
  vi.resetModules()
  await import(island)
})
afterEach(() => vi.unstubAllGlobals())

const button = () => page.querySelector('button') as unknown as { textContent: string, onclick?: () => void }
const press = () => button().onclick?.()
const said = () => page.querySelector('[data-said]')?.textContent
const phase = () => page.querySelector('[data-train-now]')?.getAttribute('data-phase')
const train: Asked = { kind: 'train', digits: 'digits.packed' }

it('asks the same worker again where the digits could not be fetched', () => {
  press()
  const [worker] = StandIn.made
  expect(worker?.sent).toEqual([train])
  worker?.onmessage?.({ data: { kind: 'failed', message: 'digits.packed: 404 Not Found' } })
  expect([said(), phase(), button().textContent]).toEqual([
    'It could not train: digits.packed: 404 Not Found', 'failed', 'Try again',
  ])
  press()
  expect(worker?.sent).toEqual([train, train])
  expect([phase(), button().textContent]).toEqual(['training', 'Stop'])
  expect(StandIn.made).toHaveLength(1)
})

it('waits for digits that stall no longer than it is asked to, and asks another worker the next time', () => {
  press()
  const [worker] = StandIn.made
  worker?.onmessage?.({ data: { kind: 'loading', loaded: 9000, total: 300_000 } })
  expect([said(), button().textContent]).toEqual(['Loading digits: 9 KB', 'Stop'])
  press()
  expect([worker?.ended, said(), phase(), button().textContent]).toEqual([
    true, 'Stopped before the first step.', 'stopped', 'Try again',
  ])
  // What it had said by then comes too late.
  worker?.onmessage?.({ data: { kind: 'loading', loaded: 10_000, total: 300_000 } })
  expect(said()).toBe('Stopped before the first step.')
  press()
  expect(StandIn.made[1]?.sent).toEqual([train])
  expect(phase()).toBe('training')
})

it('begins another worker where the first could not be loaded', () => {
  press()
  StandIn.made[0]?.onerror?.({ message: '' })
  expect(said()).toBe('It could not train: its program could not be loaded')
  expect([StandIn.made[0]?.ended, phase(), button().textContent]).toEqual([true, 'failed', 'Try again'])
  press()
  expect(StandIn.made[1]?.sent).toEqual([train])
  expect(phase()).toBe('training')
})
