// Takes from the thread of a learner's code what a browser offers beyond computing: network, storage, other threads,
// and the word with the page.

/** Globals that reach beyond the thread or end it, or what the browser keeps for the site. */
const OUTWARD = [
  'BroadcastChannel', 'EventSource', 'SharedWorker', 'WebSocket', 'WebTransport', 'Worker', 'XMLHttpRequest', 'caches',
  'close', 'cookieStore', 'fetch', 'importScripts', 'indexedDB', 'navigator', 'postMessage',
] as const

/** Removes them from a global object and all of its prototypes, for good. */
export function shutOut(scope: object): void {
  for (const name of OUTWARD) {
    for (let place: object | null = scope; place !== null; place = Reflect.getPrototypeOf(place))
      Reflect.deleteProperty(place, name)
    // What a browser lets nobody delete is covered.
    if (name in scope) Reflect.defineProperty(scope, name, { value: undefined, writable: false, configurable: false })
  }
}
