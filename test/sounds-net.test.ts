// The packed net of Days 17-18 spells in a page what was recorded of it, and its figure says so in words and numbers.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import recorded from '../packages/site/src/explain/sounds-net.json' with { type: 'json' }
import { drawSounds, saidOfSounds } from '../packages/site/src/explain/sounds-figure.ts'
import { soundsNetSchema, soundsSpeller } from '../packages/site/src/explain/sounds-net.ts'

const net = soundsNetSchema.parse(recorded)
const file = readFileSync(new URL('../packages/site/src/explain/sounds-net.bin', import.meta.url))

it('spells the recorded word as recorded, and letters that it did not look at change a sound', async () => {
  const spell = soundsSpeller(net, new Uint8Array(file).buffer)
  const { word, sounds, weights } = net.example
  const found = await spell(word)
  expect(found.sounds).toEqual(sounds)
  found.weights.flat().forEach((share, i) => expect(share).toBeCloseTo(weights.flat()[i]!, 2))
  const without = await spell('nitclub')
  expect([word, sounds[1], without.sounds[1]]).toEqual(['nightclub', 'AY', 'IH'])
  for (const row of [weights[1], without.weights[1]]) expect(row![1]).toBeGreaterThan(0.9)
  expect(file.length).toBeLessThan(300_000)
})

it('draws shares of letters that are left, and says where the last sound was looked for', () => {
  const found = { word: 'ab', sounds: ['AE', 'B'], weights: [[0.9, 0.05], [0.2, 0.7]] }
  expect(drawSounds('axb', [1], found, true)).toContain('aria-label="x, struck out"')
  // A row for each sound: 90 and nothing for B's letter; the struck one has none.
  expect(drawSounds('axb', [1], found, true).match(/--share:[\d.]+/g)).toEqual(
    ['0.90', '0.00', '0.05', '0.20', '0.00', '0.70'].map(share => `--share:${share}`),
  )
  expect(saidOfSounds(found)).toBe('ab is spoken AE B, it says. For B it looked most at b, with 70 of 100.')
})
