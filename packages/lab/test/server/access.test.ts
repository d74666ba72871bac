// The lab's token: every address is closed without it, the address is exchanged for a cookie, and pages alone change
// things.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLab, serveLab } from '@ddlf/lab/server'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { cookieName, isSameSecret, newToken } from '../../src/server/access.ts'

const root = mkdtempSync(join(tmpdir(), 'ddlf-access-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
writeFileSync(join(root, 'index.html'), '<h1>The course</h1>')

const lab = createLab({ root, experiments: [], experimentsModule: '', site: root })
const HOST = '127.0.0.1:4173'
const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  lab.app.request(`http://${HOST}${path}`, { ...init, headers: { host: HOST, ...headers } })
const withCookie = { cookie: `${cookieName(HOST)}=${lab.token}` }

const everyAddress = [
  '/',
  '/index.html',
  '/lab/',
  '/_astro/x.js',
  '/nothing',
  '/api/lab',
  '/api/experiments',
  '/api/runs',
  '/api/runs/a/b',
  '/api/runs/a/b/events',
  '/api/runs/a/b/mistakes',
  '/api/compare?run=a/b',
  '/api/nothing',
]

describe('without the token', () => {
  it.each(everyAddress)('%s is refused', async path => {
    for (const method of ['GET', 'HEAD']) {
      const response = await ask(path, { 'content-type': 'application/json' }, { method })
      expect([method, response.status]).toEqual([method, 401])
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
  })
  it.each(['/api/runs', '/api/runs/a/b/stop', '/api/runs/a/b/resume', '/api/anything'])(
    'POST %s is refused, from a page too',
    async path => {
      const headers = { 'content-type': 'application/json', origin: `http://${HOST}`, 'x-lab-page': '1' }
      expect((await ask(path, headers, { method: 'POST', body: '{}' })).status).toBe(401)
    },
  )
  it('says where the address is to be found', async () => {
    expect(await (await ask('/lab/')).text()).toMatch(/ddlf -- lab<\/code>\s+printed in the terminal/)
    expect(await (await ask('/api/runs')).json()).toMatchObject({
      next: expect.stringContaining('npm run ddlf -- lab') as string,
    })
  })
  it('refuses what is near it', async () => {
    const near = [lab.token.slice(0, -1), `${lab.token}A`, lab.token.toLowerCase(), '', 'undefined', newToken()]
    for (const wrong of near) {
      expect((await ask('/api/runs', { cookie: `${cookieName(HOST)}=${wrong}` })).status).toBe(401)
      expect((await ask('/api/runs', { authorization: `Bearer ${wrong}` })).status).toBe(401)
      expect((await ask(`/?token=${wrong}`)).status).toBe(401)
    }
  })
  it('takes the token in the address for pages only, where it is taken out at once', async () => {
    expect((await ask(`/api/runs?token=${lab.token}`)).status).toBe(401)
  })
})

describe('with the token', () => {
  it('is exchanged for a cookie that scripts and other sites do not get, and leaves the address', async () => {
    const response = await ask(`/lab/?view=all&token=${lab.token}`)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/lab/?view=all'])
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toBe(`ddlf-lab-4173=${lab.token}; Path=/; HttpOnly; SameSite=Strict`)
    expect((await ask('/', { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200)
    expect((await ask('/api/lab', withCookie)).status).toBe(200)
    expect((await ask('/api/lab', { authorization: `Bearer ${lab.token}` })).status).toBe(200)
  })
  it('leads to no other host', async () => {
    expect((await ask(`//evil.example/?token=${lab.token}`)).headers.get('location')).toMatch(/^\/(?!\/)/)
  })
  it('comes in also by a link on another page, where a strict cookie would be kept back on a redirection', async () => {
    const response = await ask(`/lab/?token=${lab.token}`, {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('content="0; url=/lab/"')
  })
  it('keeps two labs of one machine apart by the port', async () => {
    expect((await ask('/api/lab', { host: '127.0.0.1:5000', ...withCookie })).status).toBe(401)
    expect(cookieName('localhost')).toBe('ddlf-lab-80')
  })
  it('still refuses foreign hosts and origins', async () => {
    expect((await ask('/api/lab', { ...withCookie, host: 'evil.example' })).status).toBe(403)
    expect((await ask('/api/lab', { ...withCookie, origin: 'http://evil.example' })).status).toBe(403)
  })
  it('starts, stops and resumes from pages only', async () => {
    const body = { method: 'POST', body: '{"experiment":"x","settings":{}}' }
    const json = { ...withCookie, 'content-type': 'application/json' }
    for (const path of ['/api/runs', '/api/runs/a/b/stop', '/api/runs/a/b/resume']) {
      expect((await ask(path, json, body)).status).toBe(403)
      expect((await ask(path, { ...json, 'x-lab-page': '1' }, body)).status).toBe(403)
      expect((await ask(path, { ...json, origin: `http://${HOST}` }, body)).status).toBe(403)
      // The page itself comes through to the next question: there is no such experiment, no such run.
      expect((await ask(path, { ...json, origin: `http://${HOST}`, 'x-lab-page': '1' }, body)).status).toBe(400)
    }
  })
})

describe('the token', () => {
  it('differs at each start and has 256 bits', () => {
    expect(Buffer.from(newToken(), 'base64url')).toHaveLength(32)
    expect(newToken()).not.toBe(newToken())
    expect(createLab({ root, experiments: [], experimentsModule: '' }).token).not.toBe(lab.token)
  })
  it('is the same as itself alone', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => isSameSecret(a, b) === (a === b) && isSameSecret(a, a)))
  })
  it('reaches no log and no answer but the cookie', async () => {
    const written: string[] = []
    for (const name of ['log', 'error', 'warn', 'info'] as const)
      vi.spyOn(console, name).mockImplementation((...parts) => void written.push(parts.join(' ')))
    const served = await serveLab(
      createLab({ root, experiments: [], experimentsModule: '', site: root, token: 'a-key-to-look-for' }),
      { port: 0 },
    )
    const headers = { authorization: 'Bearer a-key-to-look-for' }
    for (const path of everyAddress) {
      const response = await fetch(served.address + path.slice(1), { headers })
      written.push(await response.text(), JSON.stringify([...response.headers]))
    }
    expect(served.address).not.toContain('key')
    expect(served.entrance('lab/')).toBe(`${served.address}lab/?token=a-key-to-look-for`)
    await served.close()
    vi.restoreAllMocks()
    expect(written.join('\n')).not.toContain('a-key-to-look-for')
  })
})
