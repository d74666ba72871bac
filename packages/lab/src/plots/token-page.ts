// One self-contained page that colours the tokens of a text: no script, no request, light and dark, every token
// reachable by key.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { checkOptions } from '@ddlf/tensor/errors'
import type { TokenPiece } from '../analysis/tokens/token-pieces.ts'
import type { TokenStatistics } from '../analysis/tokens/token-statistics.ts'

export interface TokenPageContent {
  readonly title: string
  /** One line under the title, such as the tokenizer's file. */
  readonly subtitle: string
  readonly statistics: TokenStatistics
  /** The tokens that are drawn; where they are fewer than the statistics count, the page says so. */
  readonly pieces: readonly TokenPiece[]
  /** Texts of the frequent tokens, in the order of the statistics. */
  readonly frequentTexts: readonly string[]
}

/** Colours of neighbouring tokens, light and dark; ink on each has a contrast of at least 7 : 1. */
const LIGHT = ['#cfe3fb', '#fbe0c4', '#cdeed6', '#eadcfb', '#fbd7e2']
const DARK = ['#173a63', '#5a3410', '#15482a', '#43286b', '#5c1c38']

const STYLE = [
  ':root{color-scheme:light ' +
  'dark;--ink:#1f2328;--soft:#59636e;--paper:#fff;--panel:#f6f8fa;--line:#d1d9e0;--mark:#0550ae}',
  ...LIGHT.map((colour, i) => `.c${i}{background:${colour}}`),
  '@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--paper:#0d1117;' +
  '--panel:#151b23;--line:#3d444d;--mark:#79c0ff}',
  ...DARK.map((colour, i) => `.c${i}{background:${colour}}`),
  '}*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 ' +
  'system-ui,-apple-system,"Segoe UI",sans-serif}',
  'main{max-width:1000px;margin:0 auto;padding:32px 24px ' +
  '120px}h1{font-size:26px;line-height:1.25;margin:0;overflow-wrap:anywhere}h2{font-size:18px;margin:36px 0 8px}',
  'p{color:var(--soft);max-width:72ch;margin:6px 0}a{color:var(--mark)}',
  'dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}dl div{border:1px ' +
  'solid var(--line);border-radius:8px;background:var(--panel);padding:10px 14px}',
  'dt{color:var(--soft);font-size:13px}dd{margin:2px 0 ' +
  '0;font-size:21px;font-weight:600;font-variant-numeric:tabular-nums}',
  '.text{border:1px solid var(--line);border-radius:8px;padding:18px;font:15px/2.1 ' +
  'ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}',
  '.t{position:relative;border-radius:3px;padding:2px 0;cursor:default}.t:focus,.t:hover{outline:2px solid ' +
  'var(--mark);outline-offset:1px;z-index:1}',
  '.t:focus::after,.t:hover::after{content:attr(data-about);position:fixed;left:0;right:0;bottom:0;' +
  'z-index:2;padding:10px 24px;background:var(--panel);border-top:2px solid var(--mark);',
  'color:var(--ink);font:14px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap}',
  '.bytes{font-size:11px;font-style:italic}.special{border:1px dashed var(--ink);border-radius:6px;padding:1px ' +
  '4px;font-size:13px}.end{color:var(--soft)}',
  'table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:4px 18px 4px ' +
  '0;text-align:left;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:500}',
  '.number{text-align:right}code{font:14px ' +
  'ui-monospace,Menlo,Consolas,monospace;white-space:pre}.table{overflow-x:auto}',
  '@media print{.t:hover::after,.t:focus::after{content:none}}',
].join('')

const count = (value: number) => value.toLocaleString('en-US')

/** A text on one line, so that blanks and line ends can be seen. */
export const visibleText = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replace(/\\(["\\])/g, '$1')

/** Line ends are shown, and end the line too. */
const withLineEnds = (text: string) =>
  escapeMarkup(text).replace(
    /\r\n|\n|\r/g,
    end => `<span class="end" aria-hidden="true">${end === '\n' ? '⏎' : '␍'}</span>\n`,
  )

function tokenMarkup({ id, token, text, kind }: TokenPiece, i: number): string {
  const about = escapeMarkup(
    `${id}  ${visibleText(text)}` +
    (token === text ? '' : `  (${visibleText(token)} in the file)`) +
    (kind === 'bytes' ? '  part of a character' : kind === 'special' ? '  special token' : ''),
  )
  const style = kind === 'text' ? `t c${i % LIGHT.length}` : `t c${i % LIGHT.length} ${kind}`
  return `<span class="${style}" tabindex="0" ` +
    `data-about="${about}">${kind === 'text' ? withLineEnds(text) : escapeMarkup(text)}</span>`
}

function frequentTable({ frequent, tokens }: TokenStatistics, texts: readonly string[]): string {
  const rows = frequent.map(
    ({ id, count: times }, i) =>
      `<tr><td><code>${escapeMarkup(visibleText(texts[i] ?? ''))}</code></td><td class="number">${id}</td><td ` +
      `class="number">${count(times)}</td><td class="number">${((100 * times) / tokens).toFixed(1)} %</td></tr>`,
  )
  const head =
    '<tr><th scope="col">token</th><th scope="col" class="number">id</th><th scope="col" ' +
    'class="number">times</th><th scope="col" class="number">share</th></tr>'
  return `<div class="table"><table><thead>${head}</thead><tbody>${rows.join('')}</tbody></table></div>`
}

/** The page as HTML. Everything from the text is escaped; its content security policy forbids scripts and requests. */
export function tokenPage(content: TokenPageContent): string {
  const { title, subtitle, statistics, pieces, frequentTexts } = checkOptions('tokenPage', content, [
    'title', 'subtitle', 'statistics', 'pieces', 'frequentTexts',
  ])
  const numbers: [string, string][] = [
    ['tokens', count(statistics.tokens)],
    ['characters', count(statistics.characters)],
    ['characters a token', statistics.charactersPerToken.toFixed(2)],
    ['bytes a token', statistics.bytesPerToken.toFixed(2)],
    ['different tokens', `${count(statistics.distinct)} of ${count(statistics.vocabularySize)}`],
  ]
  const part =
    pieces.length < statistics.tokens
      ? `<p>The first ${count(pieces.length)} of ${count(statistics.tokens)} tokens.</p>`
      : ''
  return [
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" ' +
    'content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta ` +
    `name="color-scheme" content="light dark">`,
    `<title>${escapeMarkup(title)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escapeMarkup(title)}</h1><p>${escapeMarkup(subtitle)}</p>`,
    `<dl>${numbers.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`,
    '<h2>The text in tokens</h2><p>Point at a token, or go to it with the Tab key, to see its id. Neighbours have ' +
    'different colours; ',
    'parts of a character are written as bytes. <a href="#frequent">Go past the text</a></p>',
    `${part}<div class="text">${pieces.map(tokenMarkup).join('')}</div>`,
    `<h2 id="frequent" tabindex="-1">Most frequent</h2>${frequentTable(statistics, frequentTexts)}`,
    '</main></body></html>\n',
  ].join('\n')
}
