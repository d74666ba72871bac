// A Redis server of Debian's package for a test, with its append-only file in a folder that goes with it.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

/** Why the tests of the queue are skipped; undefined where they can run. */
export const noRedis = (() => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'no redis-server on this machine: apt-get install redis-server'
  }
})()

/** A server under way. */
export interface RedisServer {
  readonly address: string
  readonly port: number
  /** Ends it as kill -9 does; its file stays. */
  kill(): Promise<void>
  /** Starts it again on its file. */
  start(): Promise<void>
  /** Ends it and removes its file. */
  remove(): Promise<void>
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })

const answers = (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.end()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })

/**
 * Starts a server on a port of the loopback address that nobody uses.
 * @param options.fsync when its file is on the disk: before every answer (default), or each second, which is Redis' own
 * default
 */
export async function startRedis(
  options: {
    readonly password?: string
    readonly bind?: readonly string[]
    readonly fsync?: 'always' | 'everysec'
  } = {},
): Promise<RedisServer> {
  const { bind = ['127.0.0.1'], fsync = 'always' } = options
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-redis-'))
  const port = await freePort()
  const secret = options.password === undefined ? [] : ['--requirepass', options.password]
  let child: ChildProcess | undefined
  const server: RedisServer = {
    address: `redis://${options.password === undefined ? '' : `:${options.password}@`}127.0.0.1:${port}`,
    port,
    async start() {
      child = spawn(
        'redis-server',
        [
          '--port',
          String(port),
          '--bind',
          ...bind,
          '--protected-mode',
          'no',
          '--dir',
          folder,
          '--appendonly',
          'yes',
          '--appendfsync',
          fsync,
          '--save',
          '',
          ...secret,
        ],
        { stdio: 'ignore' },
      )
      for (let i = 0; i < 200 && !(await answers(port)); i++) await new Promise(resolve => setTimeout(resolve, 50))
    },
    async kill() {
      const one = child
      if (!one || one.exitCode !== null || one.signalCode !== null) return
      const gone = new Promise(resolve => one.once('exit', resolve))
      one.kill('SIGKILL')
      await gone
    },
    async remove() {
      await server.kill()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}
