import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Proceso } from './proceso.js';

/** Calls and openings of a system, of both origins, as the service and the sandbox count them. */
export async function callsOf({ base, control }: Proceso, sistema: string): Promise<number> {
  const metrics = await (await fetch(`${base}/metrics`)).text();
  const own = metrics
    .split('\n')
    .filter((line) => line.startsWith(`sugit_source_requests_total{sistema="${sistema}"`))
    .map((line) => Number(line.split(' ').at(-1)));
  const wire = control === null ? [] : await wireCalls(control, sistema);
  return [...own, ...wire].reduce((sum, n) => sum + n, 0);
}

async function wireCalls(control: string, sistema: string): Promise<number[]> {
  const { calls } = (await (await fetch(`${control}/counts`)).json()) as {
    calls: readonly { readonly sistema: string; readonly count: number }[];
  };
  return calls.filter((call) => call.sistema === sistema).map(({ count }) => count);
}

/** The budget forms leave the folder; the Cierre Fiscal, which lives on, stays. */
export async function hideFormularios(dir: string): Promise<void> {
  for (const name of await readdir(dir))
    if (/^FUT_(?!CIERRE)/.test(name))
      await rename(path.join(dir, name), path.join(dir, `.${name}`));
}
