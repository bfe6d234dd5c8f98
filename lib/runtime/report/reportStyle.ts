/** Style of the report page, light and dark, for paper too. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --text: #17202b; --dim: #566272; --line: #dfe4ea; --panel: #fff; --page: #f4f6f8;
  --total: #17202b; --spread: #0b7a5b; --adverse: #c0392b; --inventory: #8a5a00; --funding: #5b4fc4; --fees: #7a7f87;
  --bid: #0b7a5b; --ask: #c0392b; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --text: #e6ebf1; --dim: #9aa7b6; --line: #2a3442; --panel: #151c26;
  --page: #0d131b; --total: #e6ebf1; --spread: #3ecf9b; --adverse: #ff7b6e; --inventory: #f0b64a; --funding: #a59bff;
  --fees: #9aa0a8; --bid: #3ecf9b; --ask: #ff7b6e; --warn: #f0b64a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { margin: 0 0 8px; font-size: 28px; }
h2 { margin: 0 0 12px; font-size: 18px; }
header p { margin: 2px 0; color: var(--dim); }
header b { color: var(--warn); }
section { margin-top: 20px; padding: 16px; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 10px; margin: 20px 0 0; }
.tiles div { padding: 12px; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
dt { color: var(--dim); font-size: 13px; }
dd { margin: 0; font-size: 20px; font-variant-numeric: tabular-nums; }
dd small { display: block; color: var(--dim); font-size: 12px; line-height: 1.35; }
.plot { margin: 0 0 4px; color: var(--dim); font-size: 13px; }
svg { display: block; width: 100%; min-width: 600px; height: auto; margin-bottom: 8px; font: 11px system-ui, sans-serif; }
svg text { fill: var(--dim); }
svg .grid { stroke: var(--line); }
svg .zero, svg .whisker { stroke: var(--dim); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0 0 12px; color: var(--dim); font-size: 13px; }
.legend i { display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 2px; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { color: var(--dim); font-weight: 500; }
td.text, th.text { white-space: normal; min-width: 220px; }
td small { display: block; color: var(--dim); }
.figure { text-align: right; }
.pass { color: var(--spread); font-weight: 600; }
.fail { color: var(--adverse); font-weight: 600; }
.open { color: var(--warn); font-weight: 600; }
.none { color: var(--dim); }
.modes { display: flex; height: 18px; margin-bottom: 12px; overflow: hidden; border-radius: 4px; background: var(--line); }
.modes .normal { background: var(--spread); } .modes .widened { background: var(--inventory); }
.modes .reduceOnly { background: var(--funding); } .modes .flatten { background: var(--adverse); }
.modes .halted { background: var(--fees); }
ul { margin: 0; padding-left: 20px; }
@media print { body { background: none; } section { break-inside: avoid; } }
`;
