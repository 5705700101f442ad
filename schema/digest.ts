/**
 * The digest of a record: what a census compares. Both sides of a migration use this one function, so that equal digests
 * mean equal records under the comparators of the registro.
 */
import { createHash, hash } from 'node:crypto';
import { keyOfFila, type Key } from './key.js';
import type { Campo, Fila, Registro, Valor } from './registro.js';
import { isDecimal, parseDecimal } from './values/decimal.js';
import { normalizeName } from './values/text.js';

/** Digests of different versions are never compared. Changes with everything that changes a digest. */
export const DIGEST_VERSION = 1;

/** Buckets of the census: the first 12 bits of the SHA-256 of the clave. */
export const BUCKETS = 4_096;

export const bucketOf = (clave: Key): number => parseInt(hash('sha256', clave).slice(0, 3), 16);

/** The clave of a record, its ordinal included. A record without it has no identity: it throws. */
export function claveOf(registro: Registro, fila: Fila): Key {
  const clave = keyOfFila(fila, registro.clave);
  if (clave === undefined) throw new TypeError(`${registro.nombre}: a record lacks its clave`);
  return clave;
}

/** SHA-256 (hex) of what the comparators look at. Null, absent, empty and 0 are four different things. */
export const recordDigest = (registro: Registro, fila: Fila): string =>
  digestOf(writersOf(registro).comparados, fila);

/** SHA-256 (hex) of every campo, exactly: tells whether a record must be written again. */
export const contentDigest = (registro: Registro, fila: Fila): string =>
  digestOf(writersOf(registro).todos, fila);

/** What a record is known by. */
export interface Huella {
  readonly clave: Key;
  /** `bucketOf(clave)`. */
  readonly bucket: number;
  /** `recordDigest`. */
  readonly resumen: string;
  /** `contentDigest`. */
  readonly contenido: string;
}

/** The same without its content, which a comparison does not look at; it throws for the same records. */
export function huellaComparadaOf(registro: Registro, fila: Fila): Omit<Huella, 'contenido'> {
  const clave = claveOf(registro, fila);
  const { comparados, todos } = writersOf(registro);
  let compared = '';
  for (const { name, label, write, compare } of todos.campos) {
    const value = fila[name];
    if (value === undefined) continue;
    if (compare === null) {
      if (value !== null) write(value);
      continue;
    }
    const text = label + (value === null ? 'null' : compare(value));
    compared += compared === '' ? text : `,${text}`;
  }
  const resumen = hash('sha256', `${comparados.head}{${compared}}`);
  return { clave, bucket: bucketOf(clave), resumen };
}

/** All that a record is known by, in one pass over its campos: a load needs both digests of every record. */
export function huellaOf(registro: Registro, fila: Fila): Huella {
  const clave = claveOf(registro, fila);
  const { comparados, todos } = writersOf(registro);
  let compared = '';
  let exact = '';
  for (const { name, label, write, compare } of todos.campos) {
    const value = fila[name];
    if (value === undefined) continue;
    const text = value === null ? `${label}null` : label + write(value);
    exact += exact === '' ? text : `,${text}`;
    if (compare === null) continue;
    const same = value === null || compare === write;
    const other = same ? text : label + compare(value);
    compared += compared === '' ? other : `,${other}`;
  }
  return {
    clave,
    bucket: bucketOf(clave),
    resumen: hash('sha256', `${comparados.head}{${compared}}`),
    contenido: hash('sha256', `${todos.head}{${exact}}`),
  };
}

type Writer = (value: Valor) => string;

interface Named {
  /** `"campo":`, as it stands in the canonical text. */
  readonly label: string;
  readonly name: string;
  readonly write: Writer;
  /** How the comparator sees it; null where it does not look. */
  readonly compare: Writer | null;
}

interface Writers {
  readonly comparados: Digester;
  readonly todos: Digester;
}

interface Digester {
  readonly head: string;
  readonly campos: readonly Named[];
}

const known = new WeakMap<Registro, Writers>();

function writersOf(registro: Registro): Writers {
  const found = known.get(registro);
  if (found !== undefined) return found;
  const todos = Object.entries(registro.campos)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, campo]): Named => {
      const label = `${JSON.stringify(name)}:`;
      return { name, label, write: exactWriter(campo), compare: comparedWriter(campo) };
    });
  const comparados = todos.flatMap((campo) =>
    campo.compare === null ? [] : [{ ...campo, write: campo.compare }],
  );
  const head = (kind: string): string => `${kind}/${DIGEST_VERSION} ${registro.nombre}\n`;
  const writers = {
    comparados: { head: head('registro'), campos: comparados },
    todos: { head: head('contenido'), campos: todos },
  };
  known.set(registro, writers);
  return writers;
}

/** The canonical JSON: campos in the order of their names, absent ones left out. */
function digestOf({ head, campos }: Digester, fila: Fila): string {
  let text = '';
  for (const { name, label, write } of campos) {
    const value = fila[name];
    if (value === undefined) continue;
    text += `${text === '' ? '' : ','}${label}${value === null ? 'null' : write(value)}`;
  }
  return hash('sha256', `${head}{${text}}`);
}

const UNSTORABLE = /[\u0000\uD800-\uDFFF]/;

/** The store cannot hold a NUL, nor half a surrogate pair: they are no part of what a record says. */
const storable = (text: string): string =>
  UNSTORABLE.test(text) ? text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\uFFFD') : text;

/** Names of accounts and entities repeat by the thousand: what was written once is kept, within bounds. */
function remembering(write: (text: string) => string): Writer {
  const known = new Map<string, string>();
  return (value) => {
    const text = String(value);
    const found = known.get(text);
    if (found !== undefined) return found;
    const written = write(text);
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, written);
    return written;
  };
}

const REMEMBERED = 5_000;

/** What JSON escapes, and what the store cannot hold: most texts have none of it and stand between quotes as they are. */
const UNUSUAL = /[\u0000-\u001F"\\\uD800-\uDFFF]/;

const exactText: Writer = (value) => {
  const text = String(value);
  return UNUSUAL.test(text) ? JSON.stringify(storable(text)) : `"${text}"`;
};
const comparableText: Writer = remembering((text) => JSON.stringify(normalizeName(storable(text))));

const exactNumber: Writer = (value) => {
  const text = String(value);
  const canonical = isDecimal(text) ? text : parseDecimal(text);
  if (canonical === null) throw new TypeError('an amount is not an exact decimal');
  return `"${canonical}"`;
};

const plain: Writer = (value) => JSON.stringify(value);

function exactWriter({ tipo }: Campo): Writer {
  if (tipo === 'dinero' || tipo === 'decimal') return exactNumber;
  return tipo === 'entero' || tipo === 'logico' ? plain : exactText;
}

const comparedWriter = (campo: Campo): Writer | null => {
  if (campo.comparador === 'ninguno') return null;
  const isText = campo.comparador === 'texto' && exactWriter(campo) === exactText;
  return isText ? comparableText : exactWriter(campo);
};

/** The digest of one bucket: its record digests in the order of their claves (bytes of UTF-8), then their number. */
export function bucketDigest(digests: Iterable<string>): string {
  const sha = createHash('sha256');
  let count = 0n;
  for (const digest of digests) {
    sha.update(digest, 'hex');
    count++;
  }
  const tail = Buffer.alloc(8);
  tail.writeBigInt64BE(count);
  return sha.update(tail).digest('hex');
}

/** One digest for buckets in their order; empty ones are left out. */
export function rootDigest(
  buckets: Iterable<{ readonly bucket: number; readonly filas: number; readonly digest: string }>,
): string {
  const sha = createHash('sha256');
  for (const { bucket, filas, digest } of buckets) sha.update(`${bucket} ${filas} ${digest}\n`);
  return sha.digest('hex');
}

const ASCII = /^[\x20-\x7e]*$/;

/** The order of claves in both engines. JavaScript compares UTF-16 units, which differs beyond the basic plane. */
export function compareClaves(a: Key, b: Key): number {
  if (ASCII.test(a) && ASCII.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
