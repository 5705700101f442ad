import { loadPresupuesto } from '../../schema/catalogos/presupuesto.js';
import type { Fila } from '../../schema/registro.js';
import { negateDecimal, sumDecimals, type DecimalText } from '../../schema/values/decimal.js';
import { DropError } from '../shared/drop-error.js';
import { toMonto, type Columna, type ErpRaw } from './raw.js';

/** Of which entity and month a file speaks. */
export interface Corte {
  readonly codigoChip: string;
  readonly vigencia: number;
  readonly mes: number;
  readonly muestra: boolean;
}

const money = (raw: ErpRaw, columna: Columna, linea: number): DecimalText => {
  const value = toMonto(raw[columna]);
  if (value !== null) return value;
  throw new DropError('VALOR_INVALIDO', `«${columna}» no es un número.`, linea);
};

function montosOf(raw: ErpRaw, linea: number) {
  const read = (columna: Columna): DecimalText => money(raw, columna, linea);
  return {
    inicial: read('Ppto Inicial'),
    reducciones: read('Reducciones'),
    adiciones: read('Adiciones'),
    creditos: read('Creditos'),
    contracreditos: read('Contracreditos'),
    total: read('Total Ppto actual'),
    enDisponibilidad: read('Disponibilidad'),
    enCompromiso: read('Compromiso'),
    enFactura: read('Factura'),
    enPago: read('Pagos'),
  };
}

type Montos = ReturnType<typeof montosOf>;

/** From exclusive buckets to the cumulative chain: what is paid was invoiced, committed and certified before. */
const cadenaOf = ({ enDisponibilidad, enCompromiso, enFactura, enPago }: Montos) => ({
  cdp: sumDecimals([enDisponibilidad, enCompromiso, enFactura, enPago]),
  compromisos: sumDecimals([enCompromiso, enFactura, enPago]),
  obligaciones: sumDecimals([enFactura, enPago]),
  pagos: enPago,
});

/** What SAP itself states in every row; a row that breaks it was cut, shifted or edited by hand. */
function checkIdentities(
  raw: ErpRaw,
  montos: Montos,
  cadena: ReturnType<typeof cadenaOf>,
  linea: number,
): void {
  const { inicial, reducciones, adiciones, creditos, contracreditos, total } = montos;
  const expect = (columna: Columna, stated: DecimalText, computed: DecimalText): void => {
    if (stated === computed) return;
    const motivo = `«${columna}» dice ${stated} y sus componentes dan ${computed}.`;
    throw new DropError('TOTALES_NO_CUADRAN', motivo, linea);
  };
  expect(
    'Total Ppto actual',
    total,
    sumDecimals([
      inicial,
      negateDecimal(reducciones),
      adiciones,
      creditos,
      negateDecimal(contracreditos),
    ]),
  );
  const neto = sumDecimals([total, negateDecimal(cadena.cdp)]);
  expect('Disponible neto', money(raw, 'Disponible neto', linea), neto);
  expect('Ejecucion', money(raw, 'Ejecucion', linea), cadena.compromisos);
}

let accounts: ReadonlyMap<string, string | null> | null = null;

/** Accounts by their digits; null where two accounts have the same. */
function accountsByDigits(): ReadonlyMap<string, string | null> {
  if (accounts !== null) return accounts;
  const found = new Map<string, string | null>();
  for (const { codigo } of loadPresupuesto().ccpet().items) {
    const digits = codigo.replaceAll('.', '');
    found.set(digits, found.has(digits) ? null : codigo);
  }
  return (accounts = found);
}

/** Levels of the CCPET have different lengths, so dots are looked up and never guessed. */
export const toCuenta = (posicion: string): string | null =>
  accountsByDigits().get(posicion) ?? null;

/** PPPPSSSS.NNNx.zz: programme, subprogramme, product. The first seven digits are not the product. */
export function toProductoMga(areaFuncional: string): string | null {
  const match = /^(\d{4})\d{4}\.(\d{3})\w\.\w+$/.exec(areaFuncional);
  if (match === null) return null;
  const codigo = `${match[1] ?? ''}${match[2] ?? ''}`;
  return loadPresupuesto().productos().has(codigo) ? codigo : null;
}

/** A spreadsheet that touched the export may have left a `.0`. */
const toCodigo = (cell: string): string => cell.trim().replace(/^(\d+)\.0$/, '$1');

/** Makes records of the lines of one file; a repeated combination of dimensions gets the next ordinal. */
export function createToEjecucion(corte: Corte): (raw: ErpRaw, linea: number) => Fila {
  const seen = new Map<string, number>();
  return (raw, linea) => {
    const identidad = {
      fondo: toCodigo(raw['Fondo']),
      centroGestor: toCodigo(raw['Centro Gestor']),
      posicion: toCodigo(raw['Posicion Presupuestaria']),
      areaFuncional: raw['Area Funcional'].trim(),
      proyecto: toCodigo(raw['Proyecto']),
    };
    if (!/^\d+$/.test(identidad.posicion)) {
      const motivo = '«Posicion Presupuestaria» no es un código de dígitos.';
      throw new DropError('VALOR_INVALIDO', motivo, linea);
    }
    const montos = montosOf(raw, linea);
    const cadena = cadenaOf(montos);
    checkIdentities(raw, montos, cadena, linea);
    const clave = JSON.stringify(identidad);
    const ordinal = (seen.get(clave) ?? 0) + 1;
    seen.set(clave, ordinal);
    const nombre = raw['Nombre'].trim();
    return {
      ...corte,
      ...identidad,
      cuenta: toCuenta(identidad.posicion),
      productoMga: toProductoMga(identidad.areaFuncional),
      nombre: nombre === '' ? null : nombre,
      ...montos,
      ...cadena,
      ordinal,
    };
  };
}
