// What is said of own data after loading: how many items are used, how many left out and why, and strictness.
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { IntakeCounter, intakeLine, leftOutCount, mergeIntakes, refuseLeftOut } from '../src/index.ts'

function counted(): IntakeCounter {
  const counter = new IntakeCounter('pictures')
  counter.use(3)
  counter.leaveOut('damaged', 'dog/5.png')
  for (let k = 0; k < 7; k++) counter.leaveOut('hidden', `cat/.${k}.png`)
  return counter
}

describe('an intake', () => {
  it('is one line with counts, reasons and the first names', () => {
    const counter = counted()
    expect(intakeLine(counter.result())).toBe(
      '3 pictures used, 8 left out: 1 damaged (dog/5.png), 7 hidden (cat/.0.png, cat/.1.png, cat/.2.png, cat/.3.png, ' +
      'cat/.4.png, ...)',
    )
    counter.note('names were brought to NFC')
    counter.note('names were brought to NFC')
    expect(intakeLine(counter.result())).toMatch(/\.\.\.\); names were brought to NFC$/)
    expect(intakeLine(new IntakeCounter('rows').result())).toBe('0 rows used, none left out')
  })
  it('adds up over the parts of a set', () => {
    const merged = mergeIntakes([counted().result(), counted().result(), new IntakeCounter('pictures').result()])
    expect([merged.used, leftOutCount(merged), merged.leftOut.map(({ count }) => count)]).toEqual([6, 16, [2, 14]])
    expect(merged.leftOut[0]?.first).toEqual(['dog/5.png', 'dog/5.png'])
    expect(merged.leftOut[1]?.first).toHaveLength(5)
  })
  it('is refused when strict, unless nothing was left out', () => {
    expect(() => { refuseLeftOut(counted().result(), './pets') }).toThrow(UserError)
    expect(() => {
      refuseLeftOut(counted().result(), './pets')
    }).toThrow(/\.\/pets: with --strict[^]*8 that would be left out: 1 damaged/)
    refuseLeftOut(new IntakeCounter('rows').result(), 'rows.csv')
  })
})
