import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Roles of people; without a token a reader is anonymous and sees what is public. */
const ROL = z.enum(['tablero', 'control', 'migracion']);
export type Rol = z.infer<typeof ROL>;

const FILE = z.object({
  tokens: z.array(z.object({ token: z.string().min(8), persona: z.string().min(1), rol: ROL })),
});
type Tokens = z.infer<typeof FILE>['tokens'];

/** What is in the file of the tokens, or all that is wrong with it: that never carries what the file says. */
export function readTokensFile(
  file: string,
): { readonly tokens: Tokens } | { readonly problems: readonly string[] } {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { problems: ['SUGIT_TOKENS_FILE: no se puede leer como JSON.'] };
  }
  const parsed = FILE.safeParse(content);
  if (parsed.success) return parsed.data;
  return {
    problems: parsed.error.issues.map(
      ({ path, message }) => `SUGIT_TOKENS_FILE: ${path.map(String).join('.')}: ${message}`,
    ),
  };
}
