// Which code computes results here.
import { fileURLToPath } from 'node:url'
import { codeHash } from '@ddlf/lab/node'
import { experimentsModule } from './commands/options.ts'

/** The code that computes results, which the two ends of a queue must share. */
export const codeVersion = (): string => codeHash(fileURLToPath(new URL('.', experimentsModule))) ?? 'unknown'
