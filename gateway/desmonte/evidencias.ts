import type { SqlStore } from '../almacen/port.js';
import type { TipoEvidencia, ValorDe } from '../route/evidencia.js';
import { countPicos } from '../route/picos.js';
import type { PoliticaPico } from '../route/politica.js';
import type { Tramo } from '../route/tramo.js';
import { loadDemanda } from './demanda.js';
import type { TramoRow } from './store.js';
import { loadTransiciones, saveEvidencia } from './store.js';
import {
  gatherComparacion,
  gatherCuarentena,
  gatherInstancias,
  gatherRespaldo,
  gatherRutasCubiertas,
  toErrores,
  toLatencia,
} from './reunir.js';
import { gatherUso } from './uso.js';
import type { Ventanas } from './ventanas.js';

export interface EvidenciasOptions {
  readonly store: SqlStore;
  readonly ventanas: Ventanas;
  readonly row: TramoRow;
  readonly nowMs: number;
  readonly pico: PoliticaPico;
  readonly descartadas: number;
  /** How many rutas the new side holds of the tramo. */
  readonly rutas: () => Promise<number>;
}

/** Brings together what the running gateway saw of a tramo, so that its next gate judges what is so now. */
export async function saveObservado(options: EvidenciasOptions): Promise<void> {
  const { store, ventanas, row, nowMs, descartadas } = options;
  const { tramo, faseDesde } = row;
  const en = new Date(nowMs).toISOString();
  const keep = (evidencia: Nueva): Promise<string> => saveEvidencia(store, tramo, evidencia, en);
  await keep({ tipo: 'cuarentena', valor: await gatherCuarentena(store, tramo) });
  await keep({ tipo: 'instancias', valor: await gatherInstancias(store, tramo, nowMs) });
  if (!OBSERVABLE.has(tramo.fase)) return;
  await keep({ tipo: 'comparacion', valor: await gatherComparacion(store, tramo, descartadas) });
  await keep({ tipo: 'cobertura', valor: await cobertura(options) });
  if (tramo.fase === 'shadow')
    await keep({ tipo: 'picos', valor: { vistos: await gatherPicos(options) } });
  const ventana = ventanas.of(tramo);
  // A quiet minute says nothing: what was measured before it stands.
  if (ventana.viejo.n > 0 && ventana.nuevo.n > 0)
    await keep({ tipo: 'latencia', valor: toLatencia(ventana) });
  if (ventana.nuevo.n > 0) await keep({ tipo: 'errores', valor: toErrores(ventana) });
  await keep({
    tipo: 'canario',
    valor: { pasos: await gatherPasos(store, tramo, faseDesde, nowMs) },
  });
  await keep({ tipo: 'respaldo', valor: await gatherRespaldo(store, tramo, faseDesde) });
  await keep({ tipo: 'uso', valor: await gatherUso(store, tramo, row) });
}

type Nueva = {
  [T in TipoEvidencia]: { readonly tipo: T; readonly valor: ValorDe<T> };
}[TipoEvidencia];

const OBSERVABLE: ReadonlySet<string> = new Set(['shadow', 'canary', 'primary', 'draining']);

async function cobertura({ store, row, rutas }: EvidenciasOptions): Promise<ValorDe<'cobertura'>> {
  const { tramo } = row;
  const used = await store.query<{ n: number }>(
    'select count(distinct coordenada)::int as n from uso where registro = $1',
    [tramo.registro],
  );
  const coordenadas = used[0]?.n ?? 0;
  const cubiertas = await gatherRutasCubiertas(store, tramo);
  // Records are compared whole: once any was, every campo that a coordinate reads was compared.
  return {
    rutas: await rutas(),
    rutasCubiertas: cubiertas,
    coordenadas,
    coordenadasCubiertas: cubiertas > 0 ? coordenadas : 0,
  };
}

async function gatherPicos({ store, row, nowMs, pico }: EvidenciasOptions): Promise<number> {
  const { tramo, faseDesde } = row;
  const trail = await loadTransiciones(store, tramo.id);
  // Other versions begin anew, as another phase does.
  const desde = trail.at(-1)?.en ?? faseDesde;
  const horas = await loadDemanda(store, tramo, nowMs);
  return countPicos(horas, { desde, ahora: new Date(nowMs).toISOString() }, pico);
}

const HORA_MS = 3_600_000;

/** Shares of the canary since the phase began, and how long each stood. */
async function gatherPasos(
  store: SqlStore,
  tramo: Tramo,
  faseDesde: string,
  nowMs: number,
): Promise<ValorDe<'canario'>['pasos']> {
  const trail = (await loadTransiciones(store, tramo.id)).filter(
    ({ en, hacia }) => hacia === 'canary' && en >= faseDesde,
  );
  return trail.map(({ en, estado }, at) => {
    const until = trail[at + 1]?.en;
    const end = until === undefined ? nowMs : Date.parse(until);
    return { ppm: estado.canaryPpm, horasLimpias: Math.max(0, end - Date.parse(en)) / HORA_MS };
  });
}
