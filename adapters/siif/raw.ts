import type { Header } from '../shared/spreadsheet/header.js';

/** Columns of the report "Ejecución" that are read; every other one stays in the file. */
export const COLUMNAS = {
  uej: 'UEJ',
  nombreUej: 'NOMBRE UEJ',
  rubro: 'RUBRO',
  tipo: 'TIPO',
  fuente: 'FUENTE',
  recurso: 'REC',
  situacion: 'SIT',
  descripcion: 'DESCRIPCION',
  inicial: 'APR. INICIAL',
  adicionada: 'APR. ADICIONADA',
  reducida: 'APR. REDUCIDA',
  vigente: 'APR. VIGENTE',
  bloqueada: 'APR BLOQUEADA',
  cdp: 'CDP',
  disponible: 'APR. DISPONIBLE',
  compromiso: 'COMPROMISO',
  obligacion: 'OBLIGACION',
  ordenPago: 'ORDEN PAGO',
  pagos: 'PAGOS',
} as const;
export type Columna = keyof typeof COLUMNAS;

export const ETIQUETAS: readonly string[] = Object.values(COLUMNAS);
/** Headers of the reports by document (CDP, compromisos, pagos), which carry persons and bank accounts and are not read. */
export const ETIQUETAS_DOCUMENTO = ['Numero Documento', 'Fecha de Registro', 'Estado'];

/** Headers of the reports of reservas and of cuentas por pagar: the budget of the year before, and no appropriation. */
export const ETIQUETAS_REZAGO = ['UEJ', 'RUBRO', 'VALOR MAXIMO A CONSTITUIR', 'VALOR CONSTITUIDO'];

/** A line of the report as SIIF writes it, with its line number in the file. */
export interface LineaRaw {
  readonly linea: number;
  readonly celdas: Readonly<Record<Columna, string>>;
}

/** What stands above the header (`Año Fiscal:`, `Vigencia:`, `Periodo:`) and the name of the file. */
export interface TituloRaw {
  readonly archivo: string;
  readonly celdas: readonly string[];
}

export interface ReporteRaw {
  readonly titulo: TituloRaw;
  readonly lineas: readonly LineaRaw[];
}

/** Picks the named columns; a label that the report repeats (`Valor Actual` twice) is all its positions. */
export function pickCeldas(
  header: Header,
  fila: readonly string[],
): { readonly celdas: Record<Columna, string>; readonly distintas: string | null } {
  let distintas: string | null = null;
  const entries = Object.entries(COLUMNAS).map(([columna, label]) => {
    const values = header.positions(label).map((position) => fila[position] ?? '');
    if (new Set(values).size > 1) distintas ??= label;
    return [columna, values[0] ?? ''] as const;
  });
  return { celdas: Object.fromEntries(entries) as Record<Columna, string>, distintas };
}
