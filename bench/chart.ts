/** Bars of the time of each contender over that of the limit, on a logarithmic axis. */
import type { Result } from './measure.js';

const COLORS: Readonly<Record<string, string>> = {
  limit: '#9aa5b1',
  ours: '#1d6f42',
  stitched: '#c2571a',
};
const OTHER = '#6b4fa0';

const LEFT = 290;
const WIDTH = 900;
const BAR = 18;
const GAP = 22;

/** Time ÷ limit for every query, so that less is better everywhere. */
const slowness = (result: Result, name: string): number =>
  name === 'nation' || name === 'realNation' ? result.ratio.median : 1 / result.ratio.median;

const LOWEST = 0.1;

export function toSvg(
  results: ReadonlyMap<string, readonly Result[]>,
  titles: Readonly<Record<string, string>>,
): string {
  const all = [...results].flatMap(([name, list]) => list.map((r) => slowness(r, name)));
  const highest = Math.max(10, ...all);
  const span = Math.log10(highest / LOWEST);
  const x = (value: number): number =>
    LEFT + (Math.log10(Math.max(value, LOWEST) / LOWEST) / span) * (WIDTH - LEFT - 60);
  const parts: string[] = [];
  let y = 50;
  for (const [name, list] of results) {
    const middle = y + (list.length * BAR) / 2 + 4;
    parts.push(text(LEFT - 12, middle, titles[name] ?? name, 'end'));
    for (const result of list) {
      const value = slowness(result, name);
      const color = COLORS[result.contender] ?? OTHER;
      parts.push(
        `<rect x="${LEFT}" y="${y}" width="${(x(value) - LEFT).toFixed(1)}" height="${BAR - 3}" fill="${color}"/>`,
        text(x(value) + 6, y + 12, `${result.contender} ${value.toFixed(2)}×`, 'start'),
      );
      y += BAR;
    }
    y += GAP;
  }
  parts.push(
    `<line x1="${x(1).toFixed(1)}" y1="40" x2="${x(1).toFixed(1)}" y2="${y - GAP}" stroke="#333" stroke-dasharray="4 3"/>`,
  );
  const title = text(
    20,
    24,
    'Tiempo por consulta ÷ límite (escala logarítmica; menos es mejor)',
    'start',
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH + 80}" height="${y}" viewBox="0 0 ${WIDTH + 80} ${y}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    title,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

const text = (x: number, y: number, content: string, anchor: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
