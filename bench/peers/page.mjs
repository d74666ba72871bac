// The page of page-step.ts: keeps the workers and asks one something.
const workers = new Map()

globalThis.ask = (name, message) => new Promise((resolve, reject) => {
  const [script] = name.split('#')
  const worker = workers.get(name) ?? new Worker(`/${script}.js`, { type: script === 'tfjs' ? 'classic' : 'module' })
  workers.set(name, worker)
  worker.onmessage = ({ data }) => resolve(data)
  worker.onerror = event => reject(new Error(event.message))
  worker.postMessage(message)
})
