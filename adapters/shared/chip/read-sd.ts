import { normalizeChip } from '../../../schema/values/chip.js';
import { parseDecimal, type DecimalText } from '../../../schema/values/decimal.js';
import { parseChipPeriodo, type Periodo } from '../../../schema/values/periodo.js';
import { isPlaceholder } from '../../../schema/values/text.js';
import { DropError } from '../drop-error.js';
import type {
  SubmissionBlock,
  SubmissionDetail,
  SubmissionHeader,
} from '../flat-file/submission.js';
import type { ChipForma } from './forma.js';
import { CIFRA_DE_CONTROL, type ChipRenglon, type ChipReporte } from './reporte.js';

/** A block of a submission file → the report it carries. */
export function toReporteSD(block: SubmissionBlock, forma: ChipForma, file: string): ChipReporte {
  const { codigoChip, vigencia, periodo, recibidoEn } = toIdentidadSD(block.header, block.linea);
  const isControl = ({ campos }: SubmissionDetail): boolean =>
    campos[0]?.trim().toUpperCase() === CIFRA_DE_CONTROL;
  return {
    forma,
    codigoChip,
    nombreEntidad: null,
    vigencia,
    periodo,
    unidadOrigen: 'PESOS',
    recepcion: { canal: 'SD', recepcion: file, recibidoEn },
    renglones: block.detalles.filter((d) => !isControl(d)).map((d) => toRenglon(forma, d)),
    control: block.detalles.filter(isControl).map((d) => toControl(forma, d)),
  };
}

export interface Identidad {
  readonly codigoChip: string;
  readonly vigencia: number;
  readonly periodo: Periodo;
  readonly recibidoEn: string | null;
}

/** Whose report it is, and of when. */
export function toIdentidadSD(header: SubmissionHeader, linea: number): Identidad {
  const codigoChip = normalizeChip(header.entidad);
  if (codigoChip === null) throw invalid(`«${header.entidad}» no es un código CHIP`, linea);
  const periodo = parseChipPeriodo(header.periodo)?.periodo ?? null;
  if (periodo === null) throw invalid(`«${header.periodo}» no termina un trimestre`, linea);
  const [, day, month, year] = /^(\d{2})-(\d{2})-(\d{4})$/.exec(header.fecha ?? '') ?? [];
  const recibidoEn =
    year === undefined ? null : `${year}-${String(month)}-${String(day)}T00:00:00-05:00`;
  return { codigoChip, vigencia: Number(header.anio), periodo, recibidoEn };
}

const invalid = (what: string, linea: number): DropError =>
  new DropError('VALOR_INVALIDO', `${what}.`, linea);

/** Empty fields at the end are what a generator leaves after its last column. */
function trimEnd(campos: readonly string[], width: number): readonly string[] {
  let length = campos.length;
  while (length > width && campos[length - 1]?.trim() === '') length--;
  return campos.slice(0, length);
}

function toRenglon(forma: ChipForma, { campos, linea }: SubmissionDetail): ChipRenglon {
  const [widest = []] = forma.layouts;
  const cells = trimEnd(campos, widest.length);
  const layout = forma.layouts.find(({ length }) => length === cells.length);
  if (layout !== undefined) return readFields(forma, layout, cells, linea);
  if (cells.length < widest.length) {
    const expected = forma.layouts.map(({ length }) => length).join(' o ');
    const motivo = `El registro trae ${cells.length} campos y ${forma.formulario} lleva ${expected}.`;
    throw new DropError('LINEA_CORTADA', motivo, linea);
  }
  throw invalid(`El registro trae ${cells.length} campos: sobra un tabulador`, linea);
}

/** Control totals have a width of their own in some generators: then their last fields are the amounts. */
function toControl(forma: ChipForma, { campos, linea }: SubmissionDetail): ChipRenglon {
  const [widest = []] = forma.layouts;
  const cells = trimEnd(campos, widest.length);
  const layout = forma.layouts.find(({ length }) => length === cells.length);
  if (layout !== undefined) return readFields(forma, layout, cells, linea);
  const montos = widest.filter((name) => name in forma.montos);
  const amounts = [montos, montos.filter((name) => forma.montos[name]?.opcional !== true)].find(
    ({ length }) => length === cells.length - 1 || length === cells.length - 2,
  );
  if (amounts === undefined) throw invalid('La cifra de control no trae los totales', linea);
  const skipped = Array.from({ length: cells.length - 1 - amounts.length }, () => '-');
  return readFields(forma, ['codigo', ...skipped, ...amounts], cells, linea);
}

function readFields(
  forma: ChipForma,
  layout: readonly string[],
  cells: readonly string[],
  linea: number,
): ChipRenglon {
  const textos: Record<string, string | null> = {};
  const montos: Record<string, DecimalText | null> = {};
  layout.forEach((name, at) => {
    const cell = cells[at]?.trim() ?? '';
    if (name in forma.textos) textos[name] = isPlaceholder(cell) ? null : cell;
    else if (name in forma.montos) montos[name] = readMonto(cell, name, linea);
  });
  return { linea, codigo: (cells[0] ?? '').trim().toUpperCase(), nombre: null, textos, montos };
}

function readMonto(cell: string, name: string, linea: number): DecimalText | null {
  if (isPlaceholder(cell)) return null;
  const monto = parseDecimal(cell);
  if (monto === null) throw invalid(`«${cell.slice(0, 40)}» no es un valor de ${name}`, linea);
  return monto;
}
