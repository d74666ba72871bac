// Waits that somebody may end.

/** Waits for something, or until somebody does not want it any more. @returns undefined then */
export async function unlessAborted<T>(wanted: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let leave: () => void = () => undefined
  const left = new Promise<undefined>(resolve => {
    leave = () => resolve(undefined)
  })
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  try {
    return await Promise.race([wanted, left])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
