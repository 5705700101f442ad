import { createHash } from 'node:crypto';
import type { Alcance } from '../rows/context.js';
import { SettingsError } from '../settings.js';
import { readTokensFile, type Rol } from './tokens-file.js';

export type { Rol } from './tokens-file.js';

export interface Reader {
  /** Null for anonymous. */
  readonly persona: string | null;
  readonly rol: Rol | null;
  readonly alcance: Alcance;
}

export const ANONYMOUS: Reader = { persona: null, rol: null, alcance: 'publico' };

/** A dashboard sees what the public sees; control bodies and migration engineers have classes of their own. */
const ALCANCE: Record<Rol, Alcance> = {
  tablero: 'publico',
  control: 'control',
  migracion: 'migracion',
};

/** Tokens are kept as digests, so that a dump of the process shows none. */
export interface TokenTable {
  /** The reader of an Authorization header; null when its token is unknown. */
  identify(authorization: string | undefined): Reader | null;
}

export function loadTokens(file: string | null): TokenTable {
  const readers = new Map<string, Reader>();
  if (file !== null) {
    const read = readTokensFile(file);
    if ('problems' in read) throw new SettingsError(read.problems);
    for (const { token, persona, rol } of read.tokens) {
      readers.set(digest(token), { persona, rol, alcance: ALCANCE[rol] });
    }
  }
  return {
    identify: (authorization) => {
      if (authorization === undefined) return ANONYMOUS;
      const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
      return token === undefined ? null : (readers.get(digest(token)) ?? null);
    },
  };
}

const digest = (token: string): string => createHash('sha256').update(token).digest('hex');
