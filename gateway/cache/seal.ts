import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Registro } from '../../schema/registro.js';

/** Marks what this service wrote, so that nothing else found under its names is ever an answer. */
export interface Seal {
  close(name: string, text: string): string;
  /** The text, or null where it was cut, changed, moved from another name, or written by somebody else. */
  open(name: string, sealed: string): string | null;
}

const MARK_LENGTH = 43;
/** Without a secret the seal tells accidents and strangers apart, not somebody who means it. */
const NO_SECRET = 'sugit';

export function createSeal(secret: string | null): Seal {
  const markOf = (name: string, text: string): string =>
    createHmac('sha256', secret ?? NO_SECRET)
      .update(`${name}\n${text}`)
      .digest('base64url');
  return {
    close: (name, text) => `${markOf(name, text)}${text}`,
    open: (name, sealed) => {
      const mark = Buffer.from(sealed.slice(0, MARK_LENGTH));
      const text = sealed.slice(MARK_LENGTH);
      const own = Buffer.from(markOf(name, text));
      return mark.length === own.length && timingSafeEqual(mark, own) ? text : null;
    },
  };
}

/** Moves with any declaration of a registro: rows of another form lie under other names. */
export function formaOf(registros: readonly Registro[]): string {
  const sorted = [...registros].sort((a, b) => (a.nombre < b.nombre ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, 12);
}
