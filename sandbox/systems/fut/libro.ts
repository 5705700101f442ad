import type { EntidadSemilla } from '../../seed.js';
import { totalOf, toRenglones, type Hoja } from './arbol.js';

/** A workbook of the "Informe al Ciudadano": every cell is text with a blank at its end. */
export interface Libro {
  readonly entidad: EntidadSemilla;
  readonly ambito: string;
  readonly periodo: string;
  readonly categoria: string;
  readonly formulario: string;
  readonly envio?: string;
  readonly recibido?: string;
  /** Labels of the dimensions and of the amounts, without their unit. */
  readonly dimensiones: readonly string[];
  readonly montos: readonly string[];
  readonly unidad: 'Pesos' | 'Miles';
  readonly hojas: readonly Hoja[];
  readonly nombreDe: (codigo: string) => string;
  readonly controlPrimero: boolean;
}

const MILES = 1000;

const toCells = (
  libro: Libro,
  codigo: string,
  textos: readonly string[],
  montos: readonly number[],
) => [
  `${codigo} `,
  `${libro.nombreDe(codigo)} `,
  ...textos.map((texto) => (texto === '' ? '  ' : `${texto} `)),
  // Decimal comma, no thousands.
  ...montos.map((monto) => `${libro.unidad === 'Miles' ? monto / MILES : monto},00 `),
];

function rowsOf(libro: Libro): string[][] {
  const { entidad, envio, recibido, dimensiones, montos, unidad, hojas } = libro;
  const blank = dimensiones.map(() => '');
  const control = toCells(libro, 'VAL', blank, totalOf(hojas));
  const renglones = toRenglones(hojas).map(({ codigo, textos, montos: amounts }) =>
    toCells(libro, codigo, textos, amounts),
  );
  return [
    [],
    [],
    [`${entidad.codigoChip} - ${entidad.nombres.chip} `],
    [`${libro.ambito} `],
    [libro.periodo],
    [`${libro.categoria} `],
    [`${libro.formulario} `],
    ...(envio === undefined ? [] : [[`ENVÍO NÚMERO ${envio}`]]),
    ...(recibido === undefined ? [] : [[`FECHA RECEPCIÓN ${recibido}`]]),
    [],
    [],
    ['CODIGO', 'NOMBRE', ...dimensiones, ...montos.map((label) => `${label}(${unidad})`)],
    ...(libro.controlPrimero ? [control, ...renglones] : [...renglones, control]),
  ];
}

export async function writeLibro(file: string, libro: Libro): Promise<void> {
  // Loaded when it is needed: the servers are ready before.
  const { default: excel } = await import('exceljs');
  const book = new excel.Workbook();
  book.addWorksheet('reporte pag 1').addRows(rowsOf(libro));
  await book.xlsx.writeFile(file);
}
