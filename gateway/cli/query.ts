import { readFile } from 'node:fs/promises';
import type { Settings } from '../settings.js';

interface QueryOptions {
  readonly file?: string;
  readonly variables: string;
  readonly url?: string;
}

type Write = (text: string) => void;

/** Asks the running gateway; the answer goes to standard output, whole, as it came. */
export async function runQuery(
  text: string | undefined,
  options: QueryOptions,
  settings: Settings,
  print: Write,
  say: Write,
): Promise<number> {
  const query = options.file === undefined ? text : await readFile(options.file, 'utf8');
  if (query === undefined) {
    say('Falta la consulta: dé un texto o --file.');
    return 2;
  }
  const variables = parseVariables(options.variables);
  if (variables === null) {
    say('--variables no es un objeto JSON, por ejemplo {"codigo":"05091"}.');
    return 2;
  }
  const url = options.url ?? `http://${settings.host}:${settings.port}/graphql`;
  const answer = await post(url, { query, variables }, settings.token);
  if (answer === null) {
    say(`El servicio no responde en ${url}. ¿Está en marcha? (sugit start)`);
    return 3;
  }
  print(JSON.stringify(answer, null, 2));
  return 'errors' in answer ? 1 : 0;
}

function parseVariables(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : null;
  } catch {
    return null;
  }
}

async function post(
  url: string,
  body: unknown,
  token: string | null,
): Promise<Record<string, unknown> | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return null;
  }
}
