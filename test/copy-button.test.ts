// The button that copies a text: it says for a moment whether it has, and is read aloud by its name again.
import { parseHTML } from 'linkedom'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

interface Button {
  readonly textContent: string
  click(): void
  getAttribute(name: string): string | null
}
const island = new URL('../packages/site/src/islands/copy-button.ts', import.meta.url).href

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', parseHTML('<main></main>').document)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it.each<[string, object, string]>([
  ['copies', { clipboard: { writeText: () => Promise.resolve() } }, 'Copied'],
  ['is refused', { clipboard: { writeText: () => Promise.reject(new Error('not allowed')) } }, 'Could not copy'],
  ['has no clipboard, over the network without TLS', {}, 'Could not copy'],
])('%s, and says so for a moment', async (_, navigator, words) => {
  vi.stubGlobal('navigator', navigator)
  const { copyButton } = (await import(island)) as { copyButton: (text: () => string, name: string) => Button }
  const button = copyButton(() => 'npm test', 'Copy npm test')
  const seen = () => [button.textContent, button.getAttribute('aria-label')]
  expect(seen()).toEqual(['Copy', 'Copy npm test'])
  button.click()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen()).toEqual([words, null])
  vi.runAllTimers()
  expect(seen()).toEqual(['Copy', 'Copy npm test'])
})
