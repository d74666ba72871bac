// What a suite has opened, closed at its end: also where opening stopped half-way, and where one thing fails to close.
export interface Closers {
  /** To be called at the end, before those that were added earlier. */
  readonly add: (close: () => unknown) => void
  /** Closes everything, last first; what fails is thrown when the rest is closed. */
  readonly closeAll: () => Promise<void>
}

/** Collects what a suite's `beforeAll` opens, for its `afterAll`. */
export function closers(): Closers {
  const open: (() => unknown)[] = []
  return {
    add: close => void open.push(close),
    closeAll: async () => {
      const failures: unknown[] = []
      for (const close of open.splice(0).reverse()) {
        try {
          await close()
        } catch (failure) {
          failures.push(failure)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
