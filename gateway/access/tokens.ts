import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Alcance } from '../rows/context.js';
import { SettingsError } from '../settings.js';

/** Roles of people; without a token a reader is anonymous and sees what is public. */
const ROL = z.enum(['tablero', 'control', 'migracion']);
export type Rol = z.infer<typeof ROL>;

const FILE = z.object({
  tokens: z.array(z.object({ token: z.string().min(8), persona: z.string().min(1), rol: ROL })),
});

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
    for (const { token, persona, rol } of readTokens(file)) {
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

/** A wrong file is a wrong setting; its message never carries what the file says. */
function readTokens(file: string): z.infer<typeof FILE>['tokens'] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new SettingsError(['SUGIT_TOKENS_FILE: no se puede leer como JSON.']);
  }
  const parsed = FILE.safeParse(content);
  if (parsed.success) return parsed.data.tokens;
  throw new SettingsError(
    parsed.error.issues.map(
      ({ path, message }) => `SUGIT_TOKENS_FILE: ${path.map(String).join('.')}: ${message}`,
    ),
  );
}

const digest = (token: string): string => createHash('sha256').update(token).digest('hex');
