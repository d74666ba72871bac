// The page of page-step.ts and page-start.ts, with the workers of 30ddlf and its peers.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const kernels = {
  ddlf: dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')),
  tfjs: here('../node_modules/@tensorflow/tfjs-backend-wasm/dist'),
}
if (![kernels.tfjs, here('../node_modules/@jax-js/jax')].every(folder => existsSync(folder)))
  throw new Error('tfjs or jax-js is absent; install them with: npm ci --prefix bench')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

/**
 * Serves the page, its workers and their WebAssembly.
 * @param isolated with the headers that let a page share memory between threads
 * @returns its address, the bytes that were served so far, and how to end it
 */
export async function servePeers(isolated: boolean) {
  const scripts = new Map<string, Uint8Array>([['/page.js', await readFile(here('./page.mjs'))]])
  for (const [name, file] of [
    ['ddlf', 'page-ddlf.ts'], ['tfjs', 'page-tfjs.mjs'], ['jax', 'page-jax.mjs'],
  ] as const) {
    const { outputFiles } = await build({
      entryPoints: [here(`./${file}`)],
      bundle: true,
      minify: true,
      format: name === 'tfjs' ? 'iife' : 'esm',
      target: 'es2022',
      platform: 'browser',
      write: false,
      logLevel: 'error',
    })
    scripts.set(`/${name}.js`, outputFiles[0]?.contents ?? new Uint8Array())
  }
  const headers = isolated
    ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
    : {}
  const bodyOf = async (path: string) => {
    if (path === '/')
      return Buffer.from('<!doctype html><title>A training step</title><script type="module" src="/page.js"></script>')
    const kept = scripts.get(path)
    if (kept) return kept
    const [, name, file] = /^\/(ddlf|tfjs)\/([\w.-]+)$/.exec(path) ?? []
    return name === undefined || file === undefined
      ? undefined
      : readFile(join(kernels[name as keyof typeof kernels], file)).catch(() => undefined)
  }
  let served = 0
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    void bodyOf(pathname).then(body => {
      served += body?.length ?? 0
      response
        .writeHead(body ? 200 : 404, {
          ...headers,
          'content-type': TYPES[pathname === '/' ? '.html' : extname(pathname)] ?? 'application/octet-stream',
        })
        .end(body)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    bytes: () => served,
    close: () => server.close(),
  }
}
