import { fechaDeMes } from './meses.js';
import type { TituloRaw } from './raw.js';
import { DropError } from '../shared/drop-error.js';

/** Of which year a report speaks, and up to which day. */
export interface Titulo {
  readonly vigencia: number;
  readonly corte: string;
  /** Reports of reservas and cuentas por pagar have the same columns, about the budget of another year. */
  readonly esActual: boolean;
}

/**
 * Reads the lines above the header (`Año Fiscal: 2024`, `Vigencia: Actual`, `Periodo: Enero-Diciembre`) and, where there
 * are none, the name of the file: `ejecucion_desagregada_2024-12-31.csv`.
 */
export function toTitulo({ archivo, celdas }: TituloRaw): Titulo {
  const text = celdas.map(plain).join(' ');
  const name = plain(archivo);
  const dated = /(?<!\d)(20\d{2})[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)/.exec(name);
  const year = /a\S{1,3}o fiscal\W+(20\d{2})/.exec(text)?.[1] ?? dated?.[1] ?? YEAR.exec(name)?.[1];
  if (year === undefined) {
    const motivo =
      'El reporte no dice su vigencia: falta «Año Fiscal» sobre el encabezado y el nombre del archivo no trae el año.';
    throw new DropError('VALOR_INVALIDO', motivo);
  }
  const vigencia = Number(year);
  const mes = /periodo\W+[a-z]+\s*-\s*([a-z]+)/.exec(text)?.[1];
  const corte =
    (mes === undefined ? null : fechaDeMes(vigencia, mes)) ??
    (dated === null ? null : dated.slice(1, 4).join('-')) ??
    `${year}-12-31`;
  const gasto = /(?<!\w)vigencia\W+([a-z]+)/.exec(text)?.[1];
  return { vigencia, corte, esActual: gasto === undefined || gasto === 'actual' };
}

const YEAR = /(?<!\d)(20\d{2})(?!\d)/;

/** Without accents and in small letters: SIIF writes `Año` and `AÑO`. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
