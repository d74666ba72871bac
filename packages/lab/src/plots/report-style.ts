// How a report looks: light and dark by the reader's system, and on paper.

/** The style sheet of a report. */
export const PAGE_STYLE = [
  ':root{color-scheme:light ' +
  'dark;--ink:#24292f;--soft:#59636e;--paper:#fff;--panel:#f6f8fa;--line:#d1d9e0;--figure-ink:#24292f;' +
  '--figure-paper:#fff}',
  '@media (prefers-color-scheme:dark){:root{--ink:#d5dae0;--soft:#9198a1;--paper:#0d1117;' +
  '--panel:#151b23;--line:#3d444d;--figure-ink:#d5dae0;--figure-paper:#0d1117}}',
  '*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 ' +
  'system-ui,-apple-system,"Segoe UI",sans-serif}',
  'main{max-width:1080px;margin:0 auto;padding:32px 24px ' +
  '64px}h1{font-size:28px;line-height:1.25;margin:0}h2{font-size:19px;margin:0 0 6px}',
  '.subtitle{color:var(--soft);font-size:17px;margin:6px 0 0}section{margin-top:40px;scroll-margin-top:16px}section ' +
  'p{max-width:72ch;margin:0 0 16px;color:var(--soft)}',
  '.headline{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:24px 0 ' +
  '0}.headline div{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px 14px}',
  '.headline dt{color:var(--soft);font-size:13px}.headline dd{margin:2px 0 ' +
  '0;font-size:24px;font-weight:600;font-variant-numeric:tabular-nums}.headline ' +
  'small{display:block;font-size:12px;font-weight:400;line-height:1.4;color:var(--soft)}',
  'nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin-top:20px;padding:10px 0;border-block:1px solid ' +
  'var(--line);font-size:14px}a{color:inherit;text-underline-offset:3px}a:focus-visible{outline:2px solid ' +
  '#2e69b2;outline-offset:2px}',
  'figure{margin:0;max-width:100%}.side{display:flex;flex-wrap:wrap;gap:28px ' +
  '40px;align-items:flex-start}.tables{display:flex;flex-direction:column;gap:28px;max-width:100%}' +
  '.table{overflow-x:auto}',
  'table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums}caption{' +
  'text-align:left;font-weight:600;padding-bottom:6px}th,td{padding:4px 14px 4px 0;text-align:left;' +
  'vertical-align:top;border-bottom:1px solid var(--line)}thead th{color:var(--soft);font-weight:500}',
  '.number{text-align:right;white-space:nowrap}.strong td{font-weight:600}.keys{width:100%}.keys ' +
  'th{width:1%;white-space:nowrap;padding-right:24px;color:var(--soft);font-weight:500}.keys ' +
  'td{overflow-wrap:anywhere}',
  '@media print{:root{--ink:#000;--soft:#333;--paper:#fff;--panel:#fff;--line:#999;--figure-ink:#000;' +
  '--figure-paper:#fff}body{font-size:11pt}main{max-width:none;padding:0}nav{display:none}' +
  'figure,tr,.headline{break-inside:avoid}h2{break-after:avoid}}',
].join('')
