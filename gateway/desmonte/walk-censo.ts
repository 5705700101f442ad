import type { Filtro } from '../../schema/registro.js';
import type { Barrido } from './barrido.js';
import { completeBarrido, openBarrido, saveTrozo } from './barrido.js';
import { isMoved, leerTomadas, moved, oneAhead, refuseAborted } from './leer.js';
import type { Conteo } from './progreso.js';
import { contratoOf } from './punto.js';
import type { Ritmo } from './ritmo.js';
import type { Tarea } from './tarea.js';
import { contextOf } from './tarea.js';

const REINICIOS = 2;

/** Walks the old side once. A source that moves under the walk is read again from the beginning. */
export async function walkForCenso(
  tarea: Tarea,
  filtro: Filtro | null,
  ritmo: Ritmo,
  conteo: Conteo,
): Promise<{ readonly barrido: Barrido; readonly sinClave: number }> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await walkOnce(tarea, filtro, ritmo, conteo);
    } catch (error) {
      if (!isMoved(error) || attempt >= REINICIOS) throw error;
    }
  }
}

async function walkOnce(
  tarea: Tarea,
  filtro: Filtro | null,
  ritmo: Ritmo,
  conteo: Conteo,
): Promise<{ readonly barrido: Barrido; readonly sinClave: number }> {
  const { viejo, registro, tramo, store, now } = tarea;
  const iso = (): string => new Date(now()).toISOString();
  const baja = await viejo.version(registro, contextOf(tarea));
  const contrato = contratoOf(registro, tramo);
  const barrido = await openBarrido(
    store,
    { tramo: tramo.id, tipo: 'censo', contrato, baja },
    iso(),
  );
  conteo.set({ paso: 'barrido', leidas: 0, cuarentena: 0 });
  let leidas = 0;
  let sinClave = 0;
  let trozo = 0;
  for await (const leida of oneAhead(leerTomadas('censo', tarea, filtro, null, ritmo))) {
    const { tomada, version } = leida;
    if (version.token !== baja.token) throw moved();
    trozo += 1;
    const tiempo = Date.parse(version.sourceTime ?? version.checkedAt);
    await saveTrozo(store, barrido, trozo, tomada.hojas, tiempo);
    leidas += leida.leidas;
    sinClave += tomada.sinClave;
    conteo.add(leida.leidas, 0, tomada.malas.length);
    refuseAborted(tarea);
  }
  const alta = await viejo.version(registro, contextOf(tarea));
  if (alta.token !== baja.token) throw moved();
  const done = { marca: { baja, alta }, leidas, cuarentena: sinClave };
  return { barrido: await completeBarrido(store, barrido, done, iso()), sinClave };
}
