import { parseDecimal, parseUsCommas, type DecimalText } from '../../schema/values/decimal.js';

export const MONTOS = [
  'Ppto Inicial',
  'Reducciones',
  'Adiciones',
  'Creditos',
  'Contracreditos',
  'Total Ppto actual',
  'Disponibilidad',
  'Compromiso',
  'Factura',
  'Pagos',
  'Disponible neto',
  'Ejecucion',
] as const;

/** Labels of a SAP FM execution export, as SAP writes them. */
export const COLUMNAS = [
  'Fondo',
  'Centro Gestor',
  'Posicion Presupuestaria',
  'Area Funcional',
  'Proyecto',
  'Nombre',
  ...MONTOS,
] as const;

export type Columna = (typeof COLUMNAS)[number];

/** One line. `% ejecucion` is left out: a quotient with the noise of a float, which follows from the rest. */
export type ErpRaw = Readonly<Record<Columna, string>>;

/** Commas stand between thousands where a person exported with them. */
export const toMonto = (cell: string): DecimalText | null =>
  parseDecimal(cell) ?? parseUsCommas(cell);
