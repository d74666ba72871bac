// What a record keeps of the command that began a run: no password of a queue.
import { expect, test } from 'vitest'
import { recordedCommand } from '../../src/command-text.ts'

test.each([
  'redis://:se3cret@host:6379',
  'rediss://user:se3cret@host/0',
  'redis://:se3cret@@ho st',
  'redis://:se/3cret@host',
])('a command with the queue %s is kept without its password', address => {
  for (const words of [['--queue', address], [`--queue=${address}`]]) {
    const kept = recordedCommand(['ddlf', 'tune', 'mlp-on-mnist', ...words, '--set', 'data=a:b@c'])
    expect(kept.join(' ')).not.toContain('3cret')
    expect(kept.join(' ')).toContain('***')
    expect(kept.slice(-2)).toEqual(['--set', 'data=a:b@c'])
  }
})
