// Parts of addresses, which anybody can type.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decoded } from '../packages/site/src/islands/decoded.ts'

describe('a part of an address', () => {
  it('is read as it was meant', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => {
      expect(decoded(encodeURIComponent(text))).toBe(text)
    }))
  })
  it('stays as it is where it cannot be decoded', () => {
    for (const part of ['100%', '%', '%zz', '%e0%a4%a', 'a%20%ff']) expect(decoded(part)).toBe(part)
  })
})
