/** The curve of parity of a tramo: one point per complete census. Pure: data in, a picture and its words out. */
export interface PuntoParidad {
  readonly en: string;
  /** Records of both sides together, and how many of them are equal or explained. */
  readonly registros: number;
  readonly iguales: number;
}

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 64;
const RIGHT = 16;
const TOP = 16;
const BOTTOM = 36;
const PPM = 1_000_000;

/** Parity in millionths. Never rounded up to all: one difference in ten millions must show. */
export const paridadPpm = ({ registros, iguales }: PuntoParidad): number =>
  registros === 0 ? PPM : Math.floor((iguales / registros) * PPM);

export function toPercent(ppm: number): string {
  const whole = Math.floor(ppm / 10_000);
  const rest = String(ppm % 10_000)
    .padStart(4, '0')
    .replace(/0+$/, '');
  return rest === '' ? `${whole} %` : `${whole},${rest} %`;
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** The vertical axis begins a little below the lowest point: a curve from 99,98 to 100 must not look flat. */
function floorOf(values: readonly number[]): number {
  const lowest = Math.min(PPM, ...values);
  const span = Math.max(100, Math.ceil((PPM - lowest) * 1.2));
  return Math.max(0, PPM - span);
}

/** What the picture shows, in words. */
export const describeCurva = (puntos: readonly PuntoParidad[]): string => {
  const [first] = puntos;
  const last = puntos.at(-1);
  if (first === undefined || last === undefined) return 'Aún no hay censos completos.';
  return (
    `${puntos.length} censos completos, de ${toPercent(paridadPpm(first))} el ${first.en.slice(0, 10)} ` +
    `a ${toPercent(paridadPpm(last))} el ${last.en.slice(0, 10)}; ` +
    `el último encontró ${last.registros - last.iguales} diferencias en ${last.registros} registros.`
  );
};

export function drawCurva(tramo: string, puntos: readonly PuntoParidad[]): string {
  const values = puntos.map(paridadPpm);
  const floor = floorOf(values);
  const inner = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
  const x = (i: number): number =>
    LEFT + (puntos.length < 2 ? inner.width / 2 : (i / (puntos.length - 1)) * inner.width);
  const y = (ppm: number): number => TOP + ((PPM - ppm) / (PPM - floor)) * inner.height;
  const at = values.map((ppm, i) => `${x(i).toFixed(1)},${y(ppm).toFixed(1)}`);
  const dots = values.map((ppm, i) => {
    const label = `${puntos[i]?.en ?? ''}: ${toPercent(ppm)}`;
    return `<circle cx="${x(i).toFixed(1)}" cy="${y(ppm).toFixed(1)}" r="4" fill="#0b5c8c"><title>${escapeXml(label)}</title></circle>`;
  });
  const axis = [PPM, floor].map(
    (ppm) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(ppm)}" y2="${y(ppm)}" stroke="#767676"/>` +
      `<text x="${LEFT - 6}" y="${y(ppm) + 4}" text-anchor="end">${toPercent(ppm)}</text>`,
  );
  const ends = [puntos[0], puntos.length > 1 ? puntos.at(-1) : undefined].map((punto, i) =>
    punto === undefined
      ? ''
      : `<text x="${x(i === 0 ? 0 : puntos.length - 1).toFixed(1)}" y="${HEIGHT - 12}" text-anchor="${i === 0 ? 'start' : 'end'}">${escapeXml(punto.en.slice(0, 10))}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" font-family="sans-serif" font-size="11" fill="#333333" aria-labelledby="curva-titulo curva-texto">`,
    `<title id="curva-titulo">Curva de paridad del tramo ${escapeXml(tramo)}</title>`,
    `<desc id="curva-texto">${escapeXml(describeCurva(puntos))}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...axis,
    ...(at.length > 1
      ? [`<polyline points="${at.join(' ')}" fill="none" stroke="#0b5c8c" stroke-width="2"/>`]
      : []),
    ...dots,
    ...ends,
    '</svg>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}
