import { DropError } from '../drop-error.js';
import type { UnidadEncabezado } from './header.js';
import { locateHeader } from './header.js';

/** The block above the table of a CHIP "Informe al Ciudadano" export. Trailing blanks removed; null where not written. */
export interface ChipHeader {
  readonly codigoEntidad: string;
  readonly nombreEntidad: string;
  readonly ambito: string | null;
  /** As written: `01-12-2025 al 31-12-2025`, or `OCT A DIC - 2019`. */
  readonly periodo: string;
  readonly desde: string | null;
  readonly hasta: string | null;
  readonly categoria: string | null;
  readonly formulario: string | null;
  /** Exports before 2021 carry neither envío nor reception. */
  readonly envio: string | null;
  /** `2026-03-18T20:48:55`, Colombian time. */
  readonly fechaRecepcion: string | null;
  /** Unit of the money columns; null when none or both are declared. */
  readonly unidad: UnidadEncabezado | null;
  /** Index of the row of labels. */
  readonly indiceEncabezado: number;
}

const ENTIDAD = /^(\d{8,9})\s*-\s*(.+)$/;
const RANGO = /^(\d{2})-(\d{2})-(\d{4})\s+al\s+(\d{2})-(\d{2})-(\d{4})$/i;
const MESES = /^[A-Z]{3}\s+A\s+[A-Z]{3}\s+-\s+\d{4}$/i;
const ENVIO = /^ENV[IÍ]O\s+N[UÚ]MERO\s+(\d+)$/i;
const RECEPCION = /^FECHA\s+RECEPCI[OÓ]N\s+(\d{4}-\d{2}-\d{2})(?:\s+(\d{2}:\d{2}:\d{2}))?/i;

/** First text of each row above the table; NBSP counts as blank here. */
const titlesOf = (rows: readonly (readonly string[])[], end: number): string[] =>
  rows
    .slice(0, end)
    .map((row) => row.map((cell) => cell.trim()).find((cell) => cell !== '') ?? '')
    .filter((title) => title !== '');

const matchOf = (titles: readonly string[], pattern: RegExp): RegExpExecArray | null => {
  for (const title of titles) {
    const match = pattern.exec(title);
    if (match !== null) return match;
  }
  return null;
};

const unidadOf = (header: ReturnType<typeof locateHeader>): UnidadEncabezado | null => {
  const units = new Set(header.labels.map((_, i) => header.unit(i)).filter((u) => u !== null));
  const [only] = units;
  return units.size === 1 && only !== undefined ? only : null;
};

const absent = (what: string): DropError =>
  new DropError('ENCABEZADO_AUSENTE', `El informe del CHIP no dice ${what} en su encabezado.`);

/** Reads the title block by content, so that the old form (labels in row 10, no envío) and the new (row 12) both do. */
export function chipHeader(rows: readonly (readonly string[])[]): ChipHeader {
  const header = locateHeader(rows, ['CODIGO', 'NOMBRE']);
  const titles = titlesOf(rows, header.index);
  const entidad = matchOf(titles, ENTIDAD);
  if (entidad === null) throw absent('la entidad');
  const at = titles.findIndex((title) => RANGO.test(title) || MESES.test(title));
  const periodo = titles[at];
  if (periodo === undefined) throw absent('el periodo');
  const [, d1, m1, y1, d2, m2, y2] = RANGO.exec(periodo) ?? [];
  const before = titles.slice(titles.indexOf(entidad[0]) + 1, at);
  const after = titles.slice(at + 1).filter((t) => !ENVIO.test(t) && !RECEPCION.test(t));
  const recepcion = matchOf(titles, RECEPCION);
  return {
    codigoEntidad: entidad[1] ?? '',
    nombreEntidad: entidad[2] ?? '',
    ambito: before[0] ?? null,
    periodo,
    desde: y1 === undefined ? null : `${y1}-${String(m1)}-${String(d1)}`,
    hasta: y2 === undefined ? null : `${y2}-${String(m2)}-${String(d2)}`,
    categoria: after[0] ?? null,
    formulario: after[1] ?? null,
    envio: matchOf(titles, ENVIO)?.[1] ?? null,
    fechaRecepcion:
      recepcion === null ? null : [recepcion[1], recepcion[2]].filter(Boolean).join('T'),
    unidad: unidadOf(header),
    indiceEncabezado: header.index,
  };
}
