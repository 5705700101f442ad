import type { Fila, Valor } from './registro.js';

/** A key as text: its parts joined by `|`, with `|` and `\` escaped. Equal parts give equal text. */
export type Key = string;

const escapePart = (part: string): string =>
  part.includes('|') || part.includes('\\') ? part.replace(/[\\|]/g, '\\$&') : part;

/** Writes a key. Throws for a null part: no value without its key. */
export function keyOf(parts: readonly Valor[]): Key {
  if (parts.length === 1) return escapePart(textOf(parts[0]));
  let key = '';
  for (let i = 0; i < parts.length; i++) {
    key += `${i === 0 ? '' : '|'}${escapePart(textOf(parts[i]))}`;
  }
  return key;
}

/** Reads a key back into its parts. */
export function partsOf(key: Key): string[] {
  if (!key.includes('\\')) return key.split('|');
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < key.length; i++) {
    if (key[i] === '|') {
      parts.push(part);
      part = '';
    } else {
      if (key[i] === '\\') i++;
      part += key[i] ?? '';
    }
  }
  parts.push(part);
  return parts;
}

/** The key of a record over some of its campos; undefined where a part is absent or null. */
export function keyOfFila(fila: Fila, campos: readonly string[]): Key | undefined {
  let key = '';
  for (let i = 0; i < campos.length; i++) {
    const value = fila[campos[i] ?? ''];
    if (value === undefined || value === null) return undefined;
    // Written here and not by way of keyOf: every record of every answer passes, and a list of parts each is garbage.
    const part = escapePart(String(value));
    key = i === 0 ? part : `${key}|${part}`;
  }
  return key;
}

function textOf(part: Valor | undefined): string {
  if (part === null || part === undefined) throw new TypeError('a key part is null');
  return String(part);
}
