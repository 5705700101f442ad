import { keyOfFila } from '../../../schema/key.js';
import type { Fila } from '../../../schema/registro.js';
import { groupBy } from '../../../schema/group-by.js';

/**
 * Several receptions of one report: the latest one answers; where none says its date, the workbook before the submission
 * file, then the later envío. The others are not dropped silently: a root that they contradict says so.
 */
export interface Precedencia {
  /** Campos that name a report. */
  readonly reporte: readonly string[];
  readonly clave: readonly string[];
  /** Campos compared for a contradiction; empty for registros without roots. */
  readonly montos: readonly string[];
  /** The rows that tell of contradictions. */
  readonly isRaiz: (fila: Fila) => boolean;
}

export function keepLatest(filas: readonly Fila[], precedencia: Precedencia): readonly Fila[] {
  const byReporte = groupBy(filas, (fila) => keyOfFila(fila, precedencia.reporte));
  return [...byReporte.values()].flatMap((ofReporte) => {
    const [latest = [], ...others] = [...groupBy(ofReporte, recepcionKey).values()].sort(
      byPrecedence,
    );
    // The same envío may lie in the folder twice.
    const kept = new Map(latest.map((fila) => [keyOfFila(fila, precedencia.clave), fila]));
    return others.length === 0 || precedencia.montos.length === 0
      ? [...kept.values()]
      : [...kept].map(([key, fila]) => withContradiccion(fila, key, others.flat(), precedencia));
  });
}

const recepcionKey = (fila: Fila): string =>
  [fila.canal, fila.recepcion, fila.recibidoEn].map((part) => String(part ?? '')).join('|');

function byPrecedence([a = {}]: readonly Fila[], [b = {}]: readonly Fila[]): number {
  const byDate = instantOf(b) - instantOf(a);
  if (byDate !== 0) return byDate;
  if (a.canal !== b.canal) return a.canal === 'LIBRO' ? -1 : 1;
  const [left, right] = [String(a.recepcion ?? ''), String(b.recepcion ?? '')];
  if (/^\d+$/.test(left) && /^\d+$/.test(right)) return Number(right) - Number(left);
  return left < right ? 1 : -1;
}

/** No date ranks as the oldest. */
const instantOf = ({ recibidoEn }: Fila): number =>
  typeof recibidoEn === 'string' ? Date.parse(recibidoEn) || 0 : 0;

function withContradiccion(
  fila: Fila,
  key: string | undefined,
  others: readonly Fila[],
  { clave, montos, isRaiz }: Precedencia,
): Fila {
  if (!isRaiz(fila)) return fila;
  const same = others.filter((other) => keyOfFila(other, clave) === key);
  const said = describeContradiccion(fila, same, montos);
  const texts = [fila.contradiccion, said].filter((text) => typeof text === 'string');
  return { ...fila, contradiccion: texts.length === 0 ? null : texts.join('; ') };
}

/** `LIBRO 4544800: compromisos 100, pagos 80`, one text per reception that differs; null when all agree. */
export function describeContradiccion(
  fila: Fila,
  others: readonly Fila[],
  montos: readonly string[],
): string | null {
  const differing = others.filter((other) =>
    montos.some((monto) => (other[monto] ?? null) !== (fila[monto] ?? null)),
  );
  if (differing.length === 0) return null;
  return differing
    .map((other) => {
      const changed = montos.filter((monto) => (other[monto] ?? null) !== (fila[monto] ?? null));
      const said = changed.map((monto) => `${monto} ${String(other[monto] ?? 'sin dato')}`);
      return `${[other.canal, other.recepcion].filter(Boolean).join(' ')}: ${said.join(', ')}`;
    })
    .sort()
    .join('; ');
}
