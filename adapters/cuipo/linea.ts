import type { DecimalText } from '../../schema/values/decimal.js';
import type { Periodo } from '../../schema/values/periodo.js';
import type { Forma } from './formas.js';

/**
 * One line of a form with the oddities of its channel already removed: what SODA, a workbook and the dump have in
 * common. Channels write lines, the mapper makes records of them.
 */
export interface Linea {
  readonly codigoChip: string;
  readonly nombreEntidad: string | null;
  readonly vigencia: number;
  readonly periodo: Periodo;
  /** Only on expense forms; absent or empty on those of income. */
  readonly vigenciaGasto?: Par;
  readonly seccion?: Par;
  readonly cuenta: string;
  readonly nombreCuenta: string | null;
  readonly dimensiones: Readonly<Record<string, Par>>;
  readonly textos: Readonly<Record<string, string | null>>;
  readonly montos: Readonly<Record<string, DecimalText | null>>;
}

/** A dimension as code and name; both null where the row does not open by it (parents and subtotals). */
export interface Par {
  readonly codigo: string | null;
  readonly nombre: string | null;
}

export const VACIO: Par = { codigo: null, nombre: null };

export const isFilled = (par: Par | undefined): boolean =>
  par !== undefined && (par.codigo !== null || par.nombre !== null);

/** One channel's report of one form: who sent it and by which way. */
export interface Recepcion {
  readonly canal: 'SODA' | 'LIBRO' | 'VOLCADO';
  readonly recepcion: string | null;
  readonly recibidoEn: string | null;
}

/** Lines of one form that came by one way: the unit in which leaves are told from parents. */
export interface Reporte {
  readonly forma: Forma;
  readonly recepcion: Recepcion;
  readonly lineas: readonly Linea[];
}

/** A cell that cannot be what its column says. The channel adds where it stands. */
export class LineaError extends Error {
  readonly columna: string;

  constructor(columna: string, message: string) {
    super(message);
    this.name = 'LineaError';
    this.columna = columna;
  }
}
