import { DropError } from '../drop-error.js';

/** Units that the label of a money column declares. */
export type UnidadEncabezado = 'PESOS' | 'MILES';

const UNIT = /\((pesos|miles)(?: de pesos)?\)/i;

/**
 * A label reduced to what identifies it: no accents, case, blanks, NBSP, punctuation, line-break artefacts
 * (`Direcciona- miento`) nor unit. `%` stays: `% ejecucion` is not `Ejecucion`.
 */
export const normalizeLabel = (label: string): string =>
  label
    .replace(UNIT, '')
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9%]/g, '');

/** NBSP where the value above repeats; blank text, as plain spaces, is an empty value instead. */
export const isRepeat = (cell: string | undefined): boolean =>
  cell !== undefined && /^\s*\u00a0\s*$/.test(cell);

/** The header row of a sheet, found by content. Columns are looked up by label, whatever its accents, case or blanks. */
export interface Header {
  /** Index in `rows`; data start at `index + 1`. */
  readonly index: number;
  /** Labels as written. */
  readonly labels: readonly string[];
  /** Required labels that the row lacks; empty unless missing ones were allowed. */
  readonly missing: readonly string[];
  /** Every position of a label, left to right: sources repeat labels (`Valor Actual` twice). */
  positions(label: string): readonly number[];
  /** First position, or null. */
  find(label: string): number | null;
  /** First position, or a DropError naming the missing column. */
  column(label: string): number;
  /** Unit that the label at a position declares. */
  unit(position: number): UnidadEncabezado | null;
}

const unitOf = (label: string | undefined): UnidadEncabezado | null => {
  const unit = UNIT.exec(label ?? '')?.[1];
  if (unit === undefined) return null;
  return unit.toLowerCase() === 'pesos' ? 'PESOS' : 'MILES';
};

const indexLabels = (labels: readonly string[]): ReadonlyMap<string, readonly number[]> => {
  const positions = new Map<string, number[]>();
  labels.forEach((label, position) => {
    const key = normalizeLabel(label);
    if (key === '') return;
    const known = positions.get(key);
    if (known === undefined) positions.set(key, [position]);
    else known.push(position);
  });
  return positions;
};

const toHeader = (
  index: number,
  labels: readonly string[],
  required: readonly string[],
): Header => {
  const byLabel = indexLabels(labels);
  const positions = (label: string): readonly number[] => byLabel.get(normalizeLabel(label)) ?? [];
  return {
    index,
    labels,
    missing: required.filter((label) => positions(label).length === 0),
    positions,
    find: (label) => positions(label)[0] ?? null,
    column: (label) => {
      const position = positions(label)[0];
      if (position !== undefined) return position;
      throw new DropError('COLUMNA_AUSENTE', `Falta la columna «${label}».`, index + 1);
    },
    unit: (position) => unitOf(labels[position]),
  };
};

export interface LocateHeaderOptions {
  /** Deliver a header that lacks some required labels instead of throwing; at least half must be there. */
  readonly allowMissing?: boolean;
  /** Rows searched from the top. */
  readonly within?: number;
}

/**
 * Finds the header row by content: the row that holds most of the required labels, at least half of them (and two where two
 * are required). Row numbers are no help: exports of several years put it in row 1, 3, 4, 10, 12, 17 or 18.
 */
export function locateHeader(
  rows: readonly (readonly string[])[],
  required: readonly string[],
  options: LocateHeaderOptions = {},
): Header {
  const enough = Math.max(Math.ceil(required.length / 2), Math.min(2, required.length), 1);
  let best: Header | null = null;
  let bestFound = 0;
  const last = Math.min(rows.length, options.within ?? 60);
  for (let i = 0; i < last; i++) {
    const candidate = toHeader(i, rows[i] ?? [], required);
    const found = required.length - candidate.missing.length;
    if (found >= enough && found > bestFound) [best, bestFound] = [candidate, found];
  }
  if (best === null) {
    throw new DropError(
      'ENCABEZADO_AUSENTE',
      `No se encontró la fila de encabezados; se esperaban las columnas: ${required.join(', ')}.`,
    );
  }
  if (best.missing.length > 0 && options.allowMissing !== true) {
    throw new DropError(
      'COLUMNA_AUSENTE',
      `Faltan columnas en el encabezado: ${best.missing.join(', ')}.`,
      best.index + 1,
    );
  }
  return best;
}
