import type { Fila } from '../../schema/registro.js';
import { keyOf, keyOfFila } from '../../schema/key.js';
import { groupBy } from '../../schema/group-by.js';
import type { Forma } from './formas.js';
import { describeContradiccion } from './mapper.js';

/**
 * Several receptions of one form of one entity and quarter: the latest reception answers; where none says its date, the
 * workbook before SODA before the dump. The others are not dropped silently: a root that they contradict says so.
 */

const RANGO: Readonly<Record<string, number>> = { LIBRO: 2, SODA: 1, VOLCADO: 0 };

/** Keeps the records of the reception that answers for each report. */
export function keepLatest(forma: Forma, filas: readonly Fila[], isRaiz: boolean): Fila[] {
  return [...groupBy(filas, reporteKey).values()].flatMap((ofReporte) => {
    const [latest = [], ...others] = [...groupBy(ofReporte, recepcionKey).values()].sort(
      byPrecedence,
    );
    const clave = isRaiz ? forma.raiz.clave : forma.registro.clave;
    // The same envío may lie in the folder twice.
    const kept = new Map(latest.map((fila) => [keyOfFila(fila, clave), fila]));
    return isRaiz
      ? [...kept].map(([key, fila]) => withContradiccion(forma, fila, sameRaiz(others, clave, key)))
      : [...kept.values()];
  });
}

/** The report that a record belongs to. */
export const reporteKey = (fila: Fila): string =>
  keyOf([fila.codigoChip ?? '', fila.vigencia ?? '', fila.periodo ?? '']);

const recepcionKey = (fila: Fila): string =>
  [fila.canal, fila.recepcion, fila.recibidoEn].map((part) => String(part ?? '')).join('|');

function byPrecedence([a = {}]: readonly Fila[], [b = {}]: readonly Fila[]): number {
  const byDate = instantOf(b) - instantOf(a);
  if (byDate !== 0) return byDate;
  // Two envíos of one instant: the later number.
  const byCanal = (RANGO[String(b.canal)] ?? 0) - (RANGO[String(a.canal)] ?? 0);
  return byCanal === 0 ? envioOf(b) - envioOf(a) : byCanal;
}

/** No date ranks as the oldest. */
const instantOf = ({ recibidoEn }: Fila): number =>
  typeof recibidoEn === 'string' ? Date.parse(recibidoEn) || 0 : 0;

const envioOf = ({ recepcion }: Fila): number => Number(recepcion) || 0;

const sameRaiz = (
  others: readonly (readonly Fila[])[],
  clave: readonly string[],
  key: string | undefined,
): Fila[] => others.flat().filter((fila) => keyOfFila(fila, clave) === key);

function withContradiccion(forma: Forma, fila: Fila, others: readonly Fila[]): Fila {
  const found = [fila.contradiccion, describeContradiccion(forma, fila, others)];
  const texts = found.filter((text) => typeof text === 'string');
  return { ...fila, contradiccion: texts.length === 0 ? null : texts.join('; ') };
}
