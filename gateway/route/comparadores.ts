import { createHmac } from 'node:crypto';
import { claveOf } from '../../schema/digest.js';
import type { Key } from '../../schema/key.js';
import type { Campo, Fila, Registro, Valor } from '../../schema/registro.js';
import { isDecimal, parseDecimal } from '../../schema/values/decimal.js';
import { normalizeName } from '../../schema/values/text.js';

/** What became of one comparison. Only the first three are successes. */
export const CLASES = [
  'equal',
  'equal_normalised',
  'explained',
  'transient',
  'mismatch',
  'new_error',
  'legacy_error',
  'both_error_equal',
  'timeout',
  'dropped',
] as const;
export type Clase = (typeof CLASES)[number];

const SUCCESS: ReadonlySet<Clase> = new Set(['equal', 'equal_normalised', 'explained']);
/** An error of the new side counts against it: leaving it out is how other tools flatter themselves. */
const FAILURE: ReadonlySet<Clase> = new Set(['mismatch', 'new_error', 'timeout']);

export const isSuccess = (clase: Clase): boolean => SUCCESS.has(clase);
export const isFailure = (clase: Clase): boolean => FAILURE.has(clase);

/** A difference that a person answers for: of one campo, of one kind, until a day and up to a share. */
export interface Regla {
  readonly id: string;
  readonly campo: string;
  readonly efecto: EfectoRegla;
  readonly responsable: string;
  readonly motivo: string;
  /** ISO 8601. */
  readonly vence: string;
  readonly maximoPpm: number;
}

/** `ignorar` takes any difference of the campo; the others only that these two stand for each other. */
export type EfectoRegla = 'ignorar' | 'nulo-ausente' | 'nulo-vacio' | 'nulo-cero';

/** A campo in which the sides differ. What they say is shown as kind or digest, never as it is. */
export interface CampoDistinto {
  readonly campo: string;
  readonly viejo: string;
  readonly nuevo: string;
}

export interface Comparacion {
  readonly clase: Clase;
  readonly regla: string | null;
  readonly campos: readonly CampoDistinto[];
}

export interface Comparador {
  readonly registro: Registro;
  /** Of the tramo: without it a digest of a document number is as good as the number. */
  readonly salt: string;
  readonly reglas: readonly Regla[];
  /** ISO 8601. */
  readonly ahora: string;
}

const EQUAL: Comparacion = { clase: 'equal', regla: null, campos: [] };
const NORMALISED: Comparacion = { clase: 'equal_normalised', regla: null, campos: [] };

/** Compares two records of one clave, campo by campo as the registro declares it. */
export function compareFilas(comparador: Comparador, viejo: Fila, nuevo: Fila): Comparacion {
  const campos: CampoDistinto[] = [];
  let regla: string | null = null;
  let allExplained = true;
  let isExact = true;
  for (const [name, campo] of Object.entries(comparador.registro.campos)) {
    if (campo.comparador === 'ninguno') continue;
    const a = viejo[name];
    const b = nuevo[name];
    if (a === b) continue;
    const how = compareValues(campo, a, b);
    if (how !== 'differ') {
      isExact &&= how === 'equal';
      continue;
    }
    const by = ruleFor(comparador, name, a, b);
    if (by === undefined) allExplained = false;
    else regla ??= by.id;
    campos.push({ campo: name, viejo: show(comparador, a), nuevo: show(comparador, b) });
  }
  if (campos.length === 0) return isExact ? EQUAL : NORMALISED;
  return allExplained
    ? { clase: 'explained', regla, campos }
    : { clase: 'mismatch', regla: null, campos };
}

type Existing = Valor | undefined;

/** Absent, null, empty and 0 are four things: two of different kind differ, whatever the comparator. */
function compareValues(campo: Campo, a: Existing, b: Existing): 'equal' | 'normalised' | 'differ' {
  if (a === undefined || b === undefined || a === null || b === null) return 'differ';
  if (campo.tipo === 'dinero' || campo.tipo === 'decimal')
    return canonical(a) === canonical(b) ? 'equal' : 'differ';
  if (campo.comparador !== 'texto' || typeof a !== 'string' || typeof b !== 'string')
    return 'differ';
  if ((a === '') !== (b === '')) return 'differ';
  return normalizeName(a) === normalizeName(b) ? 'normalised' : 'differ';
}

/** What is no number stays as it is, and equals only itself. */
function canonical(value: Valor): string {
  const text = String(value);
  return isDecimal(text) ? text : (parseDecimal(text) ?? `?${text}`);
}

function ruleFor(
  { reglas, ahora }: Comparador,
  campo: string,
  a: Existing,
  b: Existing,
): Regla | undefined {
  const now = Date.parse(ahora);
  return reglas.find(
    (regla) => regla.campo === campo && Date.parse(regla.vence) > now && explains(regla, a, b),
  );
}

function explains({ efecto }: Regla, a: Existing, b: Existing): boolean {
  if (efecto === 'ignorar') return true;
  const other = efecto === 'nulo-ausente' ? 'ausente' : efecto === 'nulo-vacio' ? 'vacio' : 'cero';
  const kinds = [kindOf(a), kindOf(b)];
  return kinds.includes('nulo') && kinds.includes(other);
}

function kindOf(value: Existing): 'ausente' | 'nulo' | 'vacio' | 'cero' | 'valor' {
  if (value === undefined) return 'ausente';
  if (value === null) return 'nulo';
  if (value === '') return 'vacio';
  return value === 0 || value === '0' ? 'cero' : 'valor';
}

const DIGEST_SHOWN = 16;

function show({ salt }: Comparador, value: Existing): string {
  const kind = kindOf(value);
  if (kind !== 'valor') return kind;
  return createHmac('sha256', salt)
    .update(`${typeof value}:${String(value)}`)
    .digest('hex')
    .slice(0, DIGEST_SHOWN);
}

/** One record of an answer, compared: its clave and what came out. */
export interface Comparada {
  readonly clave: Key;
  /** A record of either side, for its ruta. */
  readonly fila: Fila;
  readonly comparacion: Comparacion;
}

/** The path of a difference that concerns the whole record. */
export const REGISTRO_ENTERO = '*';

/** Compares two answers of one key: a multiset by clave, for neither side promises an order. */
export function compareAnswers(
  comparador: Comparador,
  viejo: readonly Fila[],
  nuevo: readonly Fila[],
): Comparada[] {
  const left = byClave(comparador.registro, viejo);
  const right = byClave(comparador.registro, nuevo);
  const compared: Comparada[] = [];
  for (const [clave, filas] of left) {
    const others = right.get(clave) ?? [];
    const [fila] = filas;
    const [other] = others;
    const isPair = filas.length === 1 && others.length === 1;
    const comparacion =
      isPair && other !== undefined
        ? compareFilas(comparador, fila, other)
        : wholeDiffers(filas.length, others.length);
    compared.push({ clave, fila, comparacion });
  }
  for (const [clave, filas] of right) {
    if (!left.has(clave))
      compared.push({ clave, fila: filas[0], comparacion: wholeDiffers(0, filas.length) });
  }
  return compared;
}

/** A clave that one side lacks or repeats. */
const wholeDiffers = (viejo: number, nuevo: number): Comparacion => ({
  clase: 'mismatch',
  regla: null,
  campos: [{ campo: REGISTRO_ENTERO, viejo: presence(viejo), nuevo: presence(nuevo) }],
});

const presence = (count: number): string =>
  count === 0 ? 'ausente' : count === 1 ? 'presente' : 'repetido';

type SomeFilas = [Fila, ...Fila[]];

function byClave(registro: Registro, filas: readonly Fila[]): Map<Key, SomeFilas> {
  const found = new Map<Key, SomeFilas>();
  for (const fila of filas) {
    const clave = claveOf(registro, fila);
    const same = found.get(clave);
    if (same === undefined) found.set(clave, [fila]);
    else same.push(fila);
  }
  return found;
}
