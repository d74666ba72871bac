// Every exercise: its hole fails with an explanation, its answer passes, and it has hints.
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { topics } from '../index.ts'

for (const topic of topics.filter(({ exercises }) => exercises !== undefined)) {
  const folder = new URL(`../topics/01-${topic.slug}/exercises/`, import.meta.url)
  describe.each([...(topic.exercises ?? [])])(`${topic.slug}: $name`, exercise => {
    const load = async (part: string) =>
      (await import(new URL(`${part}/${exercise.name}.ts`, folder).href)) as Record<string, unknown>

    it('has a hole whose check explains what is missing', async () => {
      const finding = exercise.check(await load('holes'))
      expect(finding?.because).toMatch(/\.$/)
      expect(finding?.call).toContain('(')
    })
    it('has an answer that passes', async () => {
      expect(exercise.check(await load('answers'))).toBeUndefined()
    })
    it('has hints', () => {
      expect(exercise.hints.length).toBeGreaterThanOrEqual(2)
      expect(existsSync(new URL(`holes/${exercise.name}.ts`, folder))).toBe(true)
    })
    it('says so when the function is missing', () => {
      expect(exercise.check({})?.because).toContain('must export')
    })
  })
}
