import { Html } from './html.ts';

/** Each colour is noted with its contrast to the background: at least 4.5 for letters and 3 for shapes, in both themes. */
export const style = Html.trusted(`
:root {
  color-scheme: light dark;
  --ground: #fcfcfa; --raised: #f3f3ef; --ink: #1c2024; --soft: #596068; --rule: #d9dad4;
  --good: #1a7f4b; --fair: #9a5b00; --bad: #b3261e; --open: #2b62b0;
  --t1: #2b6cb8; --t2: #b4530b; --t3: #0b7f72; --t4: #8a4fae; --t5: #6b7078; --t6: #7b90a6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --raised: #1d2125; --ink: #e5e7e9; --soft: #9da5ad; --rule: #33393f;
    --good: #5bc48a; --fair: #e2a54a; --bad: #f0857d; --open: #7fb0ee;
    --t1: #6aa9ea; --t2: #e8924a; --t3: #45bfae; --t4: #c08ee0; --t5: #8f969e; --t6: #66788c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 56rem; padding: 2rem 1.25rem 4rem;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
header { border-left: .3rem solid var(--mood); padding-left: 1rem; }
.good { --mood: var(--good); } .fair { --mood: var(--fair); } .bad { --mood: var(--bad); } .open { --mood: var(--open); }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.3; font-weight: 650; text-wrap: balance; }
header p { margin: .5rem 0 0; color: var(--soft); }
h2 { margin: 0 0 .5rem; font-size: 1.125rem; font-weight: 650; }
h3 { margin: 0 0 .35rem; font-size: 1rem; font-weight: 650; }
h3 span { margin-left: .4rem; color: var(--soft); font-weight: 400; }
p { margin: 0 0 .75rem; }
main > section { margin-top: 2.75rem; }
main > section > p { max-width: 44rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: 1.25rem 1rem; margin: 2rem 0 0; }
.figures div { border-top: 1px solid var(--rule); padding-top: .5rem; }
.figures dt { color: var(--soft); font-size: .875rem; }
.figures dd { margin: 0; }
.figures b { display: block; font-size: 1.5rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: .875rem; }
ul { margin: 0; padding-left: 1.2rem; }
.note { color: var(--soft); }
figure { margin: 1rem 0 0; }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: 0 0 .35rem; padding: 0; list-style: none; color: var(--soft); font-size: .875rem; }
i { display: inline-block; width: .7rem; height: .7rem; margin-right: .45rem; border-radius: 2px; background: var(--tone); }
i.limit { height: 0; width: 1.1rem; border-top: 2px dashed var(--soft); border-radius: 0; vertical-align: .22em; background: none; }
.t1 { --tone: var(--t1); } .t2 { --tone: var(--t2); } .t3 { --tone: var(--t3); } .t4 { --tone: var(--t4); } .t5 { --tone: var(--t5); } .t6 { --tone: var(--t6); }
svg { display: block; max-width: 100%; }
.chart { width: calc(100% - 3.25rem); margin-left: 3.25rem; overflow: visible; }
.chart .line { fill: none; stroke: var(--tone); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.chart .line.limit { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 5 4; stroke-linecap: butt; }
.area { fill: var(--tone); stroke: var(--ground); stroke-width: .5; vector-effect: non-scaling-stroke; }
.bar { border-radius: 3px; overflow: hidden; margin: 0 0 .9rem; }
.grid { stroke: var(--rule); stroke-width: 1; }
.break { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; }
.tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--soft); font-size: .875rem; width: fit-content; }
summary:hover { color: var(--ink); }
:focus-visible { outline: 2px solid var(--open); outline-offset: 2px; border-radius: 2px; }
.scroll { overflow-x: auto; margin: .5rem 0 .75rem; }
details .scroll { max-height: 26rem; overflow-y: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { overflow-wrap: normal; }
td:not(.figure) { overflow-wrap: anywhere; min-width: 10rem; }
th small { display: block; color: var(--soft); font-size: .875rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
th { font-weight: 400; }
thead th { color: var(--soft); font-size: .875rem; position: sticky; top: 0; background: var(--ground); }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .875em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--raised); padding: .1em .3em; border-radius: 3px; white-space: nowrap; }
.command { white-space: normal; }
.cause code { background: none; padding: 0; }
.causes { margin: 1rem 0 0; }
.causes div { display: flex; gap: 1rem; padding: .3rem 0; }
.causes dt { min-width: 4.5rem; font-variant-numeric: tabular-nums; }
dd { margin: 0; }
.cause { margin: 1.25rem 0; padding: 1rem 1.1rem; background: var(--raised); border-radius: 6px; }
.cause dl { display: grid; grid-template-columns: 6rem 1fr; gap: .15rem .75rem; margin: 0; }
.cause dt { color: var(--soft); }
.cause thead th { background: var(--raised); }
footer { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: .75rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 40rem) {
  body { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.3rem; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .cause dl { grid-template-columns: 1fr; gap: 0; }
  .cause dd { margin-bottom: .4rem; }
  td:not(.figure) { min-width: 5.5rem; }
  th, td { padding-right: .6rem; }
  th code { white-space: normal; }
}
@media print {
  :root {
    --ground: #fff; --raised: #fff; --ink: #000; --soft: #444; --rule: #bbb;
    --t1: #2b6cb8; --t2: #b4530b; --t3: #0b7f72; --t4: #8a4fae; --t5: #6b7078; --t6: #7b90a6;
    --good: #1a7f4b; --fair: #9a5b00; --bad: #b3261e; --open: #2b62b0;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  figure, .cause, .figures div, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll, details .scroll { max-height: none; overflow: visible; }
  .cause { border: 1px solid var(--rule); }
  svg, i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details:not([open]) { display: none; }
}
`);
