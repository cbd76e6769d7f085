import { scaleLinear, scaleLog } from 'd3-scale';

/** Lines over a common axis. */
export type Chart = {
  /** The file's name, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
};

export type Axis = {
  readonly title: string;
  /** Each step of the scale is ten times the one before. */
  readonly logarithmic?: true;
  /** Where the axis begins; 0 unless given. */
  readonly from?: number;
  /** Where the axis ends at least. */
  readonly upTo?: number;
};

export type Line = { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] };

const WIDTH = 760;
const HEIGHT = 360;
const MARGIN = { left: 64, right: 170, top: 40, bottom: 52 };
// Distinct for the colour-blind as well (Okabe and Ito, "Color Universal Design").
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const MAX_TICKS = 8;

/** A picture that needs nothing but a browser. @throws {RangeError} when there is no point to draw */
export function svgOf({ title, x, y, lines }: Chart): string {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) throw new RangeError(`there is nothing to draw in "${title}"`);
  const across = scaleOf(
    x,
    points.map(([value]) => value),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const up = scaleOf(
    y,
    points.map(([, value]) => value),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const [right, bottom] = [WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom];
  const grid = [
    ...across.ticks.map((tick) => {
      const at = across.place(tick);
      return `<path d="M${at} ${MARGIN.top}V${bottom}" stroke="#ddd"/>${text(at, bottom + 18, shown(tick), 'middle')}`;
    }),
    ...up.ticks.map((tick) => {
      const at = up.place(tick);
      return `<path d="M${MARGIN.left} ${at}H${right}" stroke="#ddd"/>${text(MARGIN.left - 8, at + 4, shown(tick), 'end')}`;
    }),
  ];
  const drawn = lines.map(({ name, points: own }, i) => {
    const color = COLORS[i % COLORS.length];
    const path = own.map(([px, py]) => `${across.place(px)},${up.place(py)}`).join(' ');
    const dots =
      own.length > 40
        ? ''
        : own
            .map(
              ([px, py]) => `<circle cx="${across.place(px)}" cy="${up.place(py)}" r="3" fill="${color}"/>`,
            )
            .join('');
    const key = MARGIN.top + 14 + i * 20;
    return (
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.8"/>${dots}` +
      `<path d="M${right + 12} ${key}h18" stroke="${color}" stroke-width="3"/>${text(right + 36, key + 4, name, 'start')}`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<g font-size="14" font-weight="bold">${text(MARGIN.left, 24, title, 'start')}</g>`,
    ...grid,
    ...drawn,
    text((MARGIN.left + right) / 2, HEIGHT - 12, x.title, 'middle'),
    `<g transform="rotate(-90 16 ${(MARGIN.top + bottom) / 2})">${text(16, (MARGIN.top + bottom) / 2, y.title, 'middle')}</g>`,
    '</svg>',
    '',
  ].join('\n');
}

type Scale = { readonly ticks: readonly number[]; readonly place: (value: number) => number };

function scaleOf(axis: Axis, values: readonly number[], from: number, to: number): Scale {
  const most = Math.max(...values, axis.upTo ?? Number.NEGATIVE_INFINITY);
  const scale = axis.logarithmic
    ? scaleLog([Math.min(...values), most], [from, to]).nice()
    : scaleLinear([axis.from ?? 0, most > 0 ? most : 1], [from, to]).nice(MAX_TICKS);
  const ticks = scale.ticks(MAX_TICKS);
  return {
    ticks: axis.logarithmic ? ticks.filter((tick) => Number.isInteger(Math.log10(tick))) : ticks,
    place: (value) => Math.round(scale(value) * 10) / 10,
  };
}

const shown = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 6 });

const text = (x: number, y: number, value: string, anchor: 'start' | 'middle' | 'end'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#222">${escaped(value)}</text>`;

const escaped = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
