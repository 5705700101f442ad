/** Quarters as the systems write them. A report of a quarter is cumulative: it covers the year up to its last month. */

export const PERIODOS = ['T1', 'T2', 'T3', 'T4'] as const;
export type Periodo = (typeof PERIODOS)[number];

export interface RangoMeses {
  readonly mesInicial: number;
  readonly mesFinal: number;
  /** The quarter that ends with the last month; null when no quarter ends there. */
  readonly periodo: Periodo | null;
}

export interface VigenciaPeriodo {
  readonly vigencia: number;
  readonly periodo: Periodo;
}

export const isPeriodo = (text: string): text is Periodo =>
  (PERIODOS as readonly string[]).includes(text);

/** The last month of a quarter. */
export const lastMonthOf = (periodo: Periodo): number => (PERIODOS.indexOf(periodo) + 1) * 3;

/** The quarter that ends with this month, or null. */
export const periodoEndingIn = (mes: number): Periodo | null =>
  mes % 3 === 0 ? (PERIODOS[mes / 3 - 1] ?? null) : null;

/** The last day of the quarter, `2025-12-31`. */
export const fechaCorte = (vigencia: number, periodo: Periodo): string =>
  `${vigencia}-${two(lastMonthOf(periodo))}-${two(lastDay(vigencia, lastMonthOf(periodo)))}`;

/** `20251201`: how CUIPO's open data name the fourth quarter of 2025. */
export const toCuipoPeriodo = (vigencia: number, periodo: Periodo): string =>
  `${vigencia}${two(lastMonthOf(periodo))}01`;

export function parseCuipoPeriodo(text: string): VigenciaPeriodo | null {
  const match = /^(\d{4})(\d{2})01$/.exec(text.trim());
  if (match === null) return null;
  const periodo = periodoEndingIn(Number(match[2]));
  return periodo === null ? null : { vigencia: Number(match[1]), periodo };
}

/** Reads a CHIP period by its rule, `1MMmm` = first and last month: `11012`, `11212` and `10112` all end in T4. */
export function parseChipPeriodo(text: string): RangoMeses | null {
  const match = /^1(\d{2})(\d{2})$/.exec(text.trim());
  return match === null ? null : toRango(Number(match[1]), Number(match[2]));
}

/** Writes a CHIP period: the months of the quarter (`RANGO`), its last month (`MES`) or the year so far (`ANUAL`). */
export function toChipPeriodo(periodo: Periodo, forma: 'RANGO' | 'MES' | 'ANUAL'): string {
  const last = lastMonthOf(periodo);
  const first = { RANGO: last - 2, MES: last, ANUAL: 1 }[forma];
  return `1${two(first)}${two(last)}`;
}

/** Reads the label of a CHIP workbook: `01-10-2019 al 31-12-2019`, or the portal's `OCT A DIC - 2019`. */
export function parsePeriodoLabel(text: string): (RangoMeses & { vigencia: number }) | null {
  const label = text.trim().toUpperCase();
  const dates = /^01-(\d{2})-(\d{4})\s+AL\s+\d{2}-(\d{2})-(\d{4})$/.exec(label);
  if (dates !== null) {
    const rango = toRango(Number(dates[1]), Number(dates[3]));
    return rango === null || dates[2] !== dates[4]
      ? null
      : { ...rango, vigencia: Number(dates[2]) };
  }
  const names = /^([A-Z]{3})[A-Z]*\s+A\s+([A-Z]{3})[A-Z]*\s*-\s*(\d{4})$/.exec(label);
  if (names === null) return null;
  const rango = toRango(monthNamed(names[1]), monthNamed(names[2]));
  return rango === null ? null : { ...rango, vigencia: Number(names[3]) };
}

/** Writes the label of a quarter as FUT workbooks carry it. */
export function toPeriodoLabel(vigencia: number, periodo: Periodo): string {
  const last = lastMonthOf(periodo);
  const day = lastDay(vigencia, last);
  return `01-${two(last - 2)}-${vigencia} al ${two(day)}-${two(last)}-${vigencia}`;
}

const MESES = 'ENE FEB MAR ABR MAY JUN JUL AGO SEP OCT NOV DIC'.split(' ');

const monthNamed = (name = ''): number => MESES.indexOf(name) + 1;

const two = (value: number): string => String(value).padStart(2, '0');

const lastDay = (anio: number, mes: number): number =>
  new Date(Date.UTC(anio, mes, 0)).getUTCDate();

function toRango(mesInicial: number, mesFinal: number): RangoMeses | null {
  if (mesInicial < 1 || mesFinal > 12 || mesInicial > mesFinal) return null;
  return { mesInicial, mesFinal, periodo: periodoEndingIn(mesFinal) };
}
