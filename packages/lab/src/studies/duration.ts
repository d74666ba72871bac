// Durations as they are typed: 90s, 30m, 2h, 1h30m, 1d.
import { UserError } from '@ddlf/tensor/errors'

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

const EXAMPLES = 'Write for example 90s, 30m, 2h or 1h30m (s, m, h and d are seconds, minutes, hours and days).'

/** What to do about a text that is no duration. */
function nextFor(text: string): string {
  if (!/^\d+(\.\d+)?$/.test(text)) return EXAMPLES
  return Number(text) > 0 ? `Say its unit: ${text}s, ${text}m or ${text}h (seconds, minutes, hours).` : EXAMPLES
}

/**
 * Reads a duration in seconds.
 * @param option what it is for, as messages name it: `--timeout`
 * @returns a function of the text; it throws a UserError where the text is none, or is not longer than nothing
 */
export const duration =
  (option: string) =>
  (text: string): number => {
    const typed = text.trim().toLowerCase()
    const parts = [...typed.matchAll(/(\d+(?:\.\d+)?)\s*([smhd])\s*/g)]
    const isWhole = typed !== '' && parts.map(([part]) => part).join('') === typed
    const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? 's'] ?? 0), 0)
    if (isWhole && seconds > 0) return seconds
    throw new UserError({
      rule: isWhole || /^0+(\.0+)?$/.test(typed)
        ? `${option} takes a duration that is longer than nothing.`
        : `${option} takes a duration: a number with its unit.`,
      received: text === '' ? 'an empty text' : text,
      next: nextFor(typed),
    })
  }
