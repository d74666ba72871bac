// What a small net can read of what a reader types.
import { expect, test } from 'vitest'
import { knownPart } from '../packages/site/src/islands/known-part.ts'

const isLetter = (one: string) => /[a-z]/.test(one)

test('leaves out what a net has never met, and names each such character once', () => {
  expect(knownPart('ab1c1😀', isLetter)).toEqual(['abc', ' It knows no ‘1’ or ‘😀’: left out.'])
})

test('says nothing where all is known', () => {
  expect(knownPart('abc', isLetter)).toEqual(['abc', ''])
  expect(knownPart('', isLetter)).toEqual(['', ''])
})
