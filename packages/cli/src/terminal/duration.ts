// Durations as they are typed: 90s, 30m, 2h, 1h30m, 1d.
import { UserError } from '@ddlf/tensor/errors'

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Reads an option's duration in seconds. @throws UserError where the text is none, or is not longer than nothing */
export const duration =
  (option: string) =>
  (text: string): number => {
    const parts = [
      ...text
        .trim()
        .toLowerCase()
        .matchAll(/(\d+(?:\.\d+)?)\s*([smhd])\s*/g),
    ]
    const whole = parts.map(([part]) => part).join('')
    const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? 's'] ?? 0), 0)
    if (parts.length > 0 && whole === text.trim().toLowerCase() && seconds > 0) return seconds
    throw new UserError({
      rule: `${option} takes a duration.`,
      received: text === '' ? 'an empty text' : text,
      next: 'Write for example 90s, 30m, 2h or 1h30m.',
    })
  }
