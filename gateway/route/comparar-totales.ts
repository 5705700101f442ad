import type { CampoDistinto, Comparacion } from './comparadores.js';

/** One group of a medida, as both sides give it: exact sums, and how many records stand behind them. */
export interface Total {
  readonly dims: Readonly<Record<string, string | null>>;
  readonly sums: Readonly<Record<string, string | null>>;
  readonly count: number;
}

/** Totals are equal or they are not: no tolerance hides a lost row. Only paths are shown, for sums may be of few. */
export function compareTotales(viejo: readonly Total[], nuevo: readonly Total[]): Comparacion {
  const left = byDims(viejo);
  const right = byDims(nuevo);
  const campos = new Map<string, CampoDistinto>();
  const differ = (campo: string): void => {
    campos.set(campo, { campo, viejo: 'distinto', nuevo: 'distinto' });
  };
  for (const id of new Set([...left.keys(), ...right.keys()])) {
    const a = left.get(id);
    const b = right.get(id);
    if (a === undefined || b === undefined) differ('grupo');
    else {
      if (a.count !== b.count) differ('conteo');
      for (const name of new Set([...Object.keys(a.sums), ...Object.keys(b.sums)]))
        if (a.sums[name] !== b.sums[name]) differ(name);
    }
  }
  return {
    clase: campos.size === 0 ? 'equal' : 'mismatch',
    regla: null,
    campos: [...campos.values()],
  };
}

const byDims = (totales: readonly Total[]): Map<string, Total> =>
  new Map(
    totales.map((total) => [
      JSON.stringify(Object.entries(total.dims).sort(([a], [b]) => (a < b ? -1 : 1))),
      total,
    ]),
  );
