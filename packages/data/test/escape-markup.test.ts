// Foreign text inside HTML and SVG: it stays one text, whatever it holds, and what nobody would see is written out.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeMarkup } from '../src/escape-markup.ts'

const NAMED: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }
const decoded = (markup: string) => markup.replace(/&(?:amp|lt|gt|quot|#39);/g, entity => NAMED[entity] ?? '')

test.each([
  ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
  [`"><script>alert('x')</script>&lt;`, '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;lt;'],
  ['nul\u0000l', 'nul\\u0000l'],
  ['\u001b]52;c;x\u0007\u009b', '\\u001b]52;c;x\\u0007\\u009b'],
  ['in\u202egnp.exe \u2066x\u2069', 'in\\u202egnp.exe \\u2066x\\u2069'],
  ['two\nlines\tand 日本 🙂 é', 'two\nlines\tand 日本 🙂 é'],
])('%j', (text, markup) => {
  expect(escapeMarkup(text)).toBe(markup)
})

test('holds no character of markup, and reads as the text, for any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => {
    const markup = escapeMarkup(text)
    expect(markup).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/)
    expect(markup).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    expect(decoded(markup).replace(/\\u[0-9a-f]{4}/g, '')).toBe(
      text
        .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '')
        .replace(/\\u[0-9a-f]{4}/g, ''),
    )
  }))
})
