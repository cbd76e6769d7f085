import { type Html, html, type Part } from './html.ts';

export type FigureTable = {
  readonly caption: string;
  readonly columns: readonly string[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly Part[])[];
  /** Columns, from 0, with texts instead of figures. */
  readonly texts?: readonly number[];
};

/** A table that scrolls on a narrow screen, also with the keyboard. */
export function figureTable({ caption, columns, rows, texts = [] }: FigureTable): Html {
  const kind = (column: number): Html =>
    column === 0 || texts.includes(column) ? html`` : html` class="figure"`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map((name, i) => html`<th scope="col"${kind(i)}>${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([heading = '', ...cells]) =>
    html`<tr><th scope="row">${heading}</th>${cells.map((cell, i) => html`<td${kind(i + 1)}>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}
