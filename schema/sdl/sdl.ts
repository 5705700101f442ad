import { readFileSync } from 'node:fs';

/** The only place that reads SDL from disk; `npm run build` copies the files beside this one. */
export function loadSdl(domain: string): string {
  return readFileSync(new URL(`./${domain}.graphql`, import.meta.url), 'utf8');
}
