import type { IBufferCell, Terminal } from '@xterm/headless';

const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const FONT_SIZE = 14;
const PADDING = 14;
const TITLE_BAR = 30;

const BACKGROUND = '#1b1f27';
const FOREGROUND = '#d5d9e0';
// The 16 colours of a terminal, in its order.
const PALETTE = [
  ...['#3b4252', '#e06c75', '#8ccf7e', '#e5c07b', '#67a8e4', '#c678dd', '#5bc8c8', '#d5d9e0'],
  ...['#8b93a3', '#ef8a92', '#a3e495', '#f0d399', '#85bdf0', '#d69aea', '#7fdede', '#ffffff'],
];

type Style = { readonly colour: string; readonly isBold: boolean; readonly isDim: boolean };

/** Draws the lines of a terminal's active buffer, up to the last one that has text, as SVG. */
export function terminalSvg(terminal: Terminal, title: string): string {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, y) => active.getLine(y));
  const count = lines.findLastIndex((line) => line?.translateToString(true) !== '') + 1;
  const width = Math.ceil(terminal.cols * CELL_WIDTH + 2 * PADDING);
  const height = TITLE_BAR + count * LINE_HEIGHT + 2 * PADDING - 4;
  const texts = lines.slice(0, count).flatMap((line, y) => {
    const cells = Array.from({ length: terminal.cols }, (_, x) => line?.getCell(x));
    const baseline = TITLE_BAR + PADDING + (y + 0.72) * LINE_HEIGHT;
    const top = TITLE_BAR + PADDING + y * LINE_HEIGHT;
    return piecesOf(cells).map(({ x, text, style }) =>
      /^█+$/.test(text) ? block(x, top, text.length, style) : textElement(x, baseline, text, style),
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}">
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
${['#e06c75', '#e5c07b', '#8ccf7e'].map((fill, i) => `<circle cx="${18 + i * 18}" cy="17" r="5.5" fill="${fill}"/>`).join('\n')}
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${FONT_SIZE}">
${texts.join('\n')}
</g>
</svg>
`;
}

type Piece = { readonly x: number; readonly style: Style; text: string };

/** Neighbouring cells of one style, without the blanks that nothing is drawn for. */
function piecesOf(cells: readonly (IBufferCell | undefined)[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [x, cell] of cells.entries()) {
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const last = pieces.at(-1);
    const chars = cell.getChars() || ' ';
    if (last !== undefined && isSame(last.style, style)) last.text += chars;
    else pieces.push({ x, style, text: chars });
  }
  return pieces.map((piece) => ({ ...piece, text: piece.text.trimEnd() })).filter(({ text }) => text !== '');
}

const isSame = (a: Style, b: Style): boolean =>
  a.colour === b.colour && a.isBold === b.isBold && a.isDim === b.isDim;

function styleOf(cell: IBufferCell): Style {
  const colour = cell.isFgPalette() ? PALETTE[cell.getFgColor()] : undefined;
  return { colour: colour ?? FOREGROUND, isBold: cell.isBold() !== 0, isDim: cell.isDim() !== 0 };
}

function textElement(x: number, y: number, text: string, { colour, isBold, isDim }: Style): string {
  const left = (PADDING + x * CELL_WIDTH).toFixed(1);
  // Whatever font a reader has, each piece is as wide as its cells.
  const length = ([...text].length * CELL_WIDTH).toFixed(1);
  const more = `${isBold ? ' font-weight="bold"' : ''}${isDim ? ' opacity="0.65"' : ''}`;
  return `<text x="${left}" y="${y.toFixed(1)}" textLength="${length}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="${colour}"${more}>${escapeXml(text)}</text>`;
}

/** Full blocks as one rectangle: letters side by side show the gaps between them. */
function block(x: number, y: number, cells: number, { colour }: Style): string {
  const left = (PADDING + x * CELL_WIDTH).toFixed(1);
  const width = (cells * CELL_WIDTH).toFixed(1);
  return `<rect x="${left}" y="${y}" width="${width}" height="${LINE_HEIGHT - 1}" fill="${colour}"/>`;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
