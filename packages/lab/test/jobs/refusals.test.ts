// What is said of errors while a queue in Redis is open: refusals of the server alone, each once.
import { expect, test } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { refusals } from '../../src/jobs/redis/connection.ts'

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

test('refusals of an open queue are told once; cuts, what passes, and errors of the work are not', () => {
  const told: string[] = []
  const heard = refusals('redis://127.0.0.1:1', ({ parts }) => told.push(parts.received ?? ''))
  const oom = reply('OOM command not allowed')
  heard.hear(oom)
  heard.open()
  const others = [
    new Error('Connection is closed.'), reply('LOADING Redis is loading'), 'no error',
    new UserError({ rule: 'The disk is full.', received: 'no room' }),
  ]
  for (const error of [...others, oom, reply('OOM command not allowed'), reply('NOPERM no right')]) heard.hear(error)
  heard.close()
  heard.hear(reply('READONLY a replica'))
  expect(told).toEqual(['OOM command not allowed', 'NOPERM no right'].map(words => `redis://127.0.0.1:1: ${words}`))
})
