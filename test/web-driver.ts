// The few commands of the W3C's WebDriver protocol that the suites need, over the driver's HTTP interface.
// Source: W3C, "WebDriver", https://www.w3.org/TR/webdriver2/.

/** The key under which the protocol hands over an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'

/** How often a click is tried. */
const CLICKS = 100

/** A browser that a driver steers. */
export interface WebDriverSession {
  goto(address: string): Promise<void>
  /** The value of a JavaScript expression in the page. */
  evaluate<T>(expression: string): Promise<T>
  click(selector: string): Promise<void>
  /** Presses a key in the element; special keys by the protocol's code points. */
  press(selector: string, key: string): Promise<void>
  close(): Promise<void>
}

/**
 * Begins a session.
 * @param driver address of the driver: `http://127.0.0.1:4567`
 * @throws Error with the driver's own words when it refuses
 */
export async function webDriverSession(
  driver: string,
  capabilities: Readonly<Record<string, unknown>>,
): Promise<WebDriverSession> {
  const ask = async <T>(method: 'POST' | 'DELETE', path: string, body?: object): Promise<T> => {
    const response = await fetch(`${driver}${path}`, { method, ...(body && { body: JSON.stringify(body) }) })
    const { value } = (await response.json()) as { value: T & { error?: string; message?: string } }
    if (!response.ok) throw new Error(`${path}: ${value.error ?? ''} ${value.message ?? ''}`)
    return value
  }
  const { sessionId } = await ask<{ sessionId: string }>('POST', '/session', {
    capabilities: { alwaysMatch: capabilities },
  })
  const session = `/session/${sessionId}`
  const element = async (selector: string) => {
    const found = await ask<Record<string, string>>('POST', `${session}/element`, {
      using: 'css selector', value: selector,
    })
    return `${session}/element/${found[ELEMENT] ?? ''}`
  }
  return {
    goto: url => ask('POST', `${session}/url`, { url }),
    evaluate: expression => ask('POST', `${session}/execute/sync`, { script: `return ${expression}`, args: [] }),
    click: async selector => {
      // Refused at once where the page that is drawn still moves the element: a person would aim again.
      for (let tries = 1; ; tries++) {
        try {
          await ask('POST', `${await element(selector)}/click`, {})
          return
        } catch (error) {
          if (tries === CLICKS || !String(error).includes('not interactable')) throw error
          await new Promise(resolve => setTimeout(resolve, 500))
        }
      }
    },
    press: async (selector, key) => ask('POST', `${await element(selector)}/value`, { text: key }),
    close: () => ask('DELETE', session),
  }
}
