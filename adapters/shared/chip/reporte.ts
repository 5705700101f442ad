import type { DecimalText } from '../../../schema/values/decimal.js';
import type { Periodo } from '../../../schema/values/periodo.js';
import type { ChipForma } from './forma.js';

/** One form of one entity and period, as one reception of it says. Amounts are pesos whatever unit the file is in. */
export interface ChipReporte {
  readonly forma: ChipForma;
  readonly codigoChip: string;
  /** Submission files do not say it. */
  readonly nombreEntidad: string | null;
  readonly vigencia: number;
  readonly periodo: Periodo;
  readonly unidadOrigen: 'PESOS' | 'MILES';
  readonly recepcion: ChipRecepcion;
  readonly renglones: readonly ChipRenglon[];
  /** Control totals (`VAL`). */
  readonly control: readonly ChipRenglon[];
}

export interface ChipRecepcion {
  readonly canal: 'SD' | 'LIBRO';
  /** Envío number where the file says it, else the name of the file. */
  readonly recepcion: string;
  /** ISO, with the offset of Colombia. */
  readonly recibidoEn: string | null;
}

export interface ChipRenglon {
  /** Line of a submission file, row of a sheet. */
  readonly linea: number;
  readonly codigo: string;
  readonly nombre: string | null;
  /** Blank and placeholder texts are null. */
  readonly textos: Readonly<Record<string, string | null>>;
  readonly montos: Readonly<Record<string, DecimalText | null>>;
}

/** Control total of every form: no concepto. */
export const CIFRA_DE_CONTROL = 'VAL';
