import type { Adapter, ByKey, Key, Row } from '../../adapters/contract.js';
import { groupBy } from '../../schema/group-by.js';
import { byAcceso } from '../../subgraphs/subgraph.js';
import type { Clase, Comparador } from '../route/comparadores.js';
import { compareAnswers } from '../route/comparadores.js';
import { rowBelongs } from '../route/tramo.js';
import type { Bitacora } from './bitacora.js';
import { rutaOf } from './bitacora.js';
import { claveDigest } from './clave-digest.js';
import type { Pregunta } from './fallas.js';
import { preguntaOf } from './fallas.js';
import { createRitmo, oneAhead, refuseAborted } from './leer.js';
import { Conteo } from './progreso.js';
import { loadReglas } from './reunir.js';
import { rutasOf } from './rutas.js';
import { errorClass } from './sides.js';
import type { Tarea } from './tarea.js';
import { contextOf, Detenida } from './tarea.js';
import type { Ventanas } from './ventanas.js';

export interface CotejoOptions {
  readonly bitacora: Bitacora;
  readonly ventanas: Ventanas;
  readonly flush: () => Promise<void>;
}

export interface Cotejo {
  readonly rutas: number;
  readonly registros: number;
  readonly distintas: number;
}

const MOST_KEYS_PER_CALL = 200;
const FEWEST_KEYS_PER_CALL = 10;
/** Fewer calls than this, and one that waited for something else is the p95 of all. */
const CALLS_THAT_MEASURE = 40;
const CALLS_PER_FLUSH = 10;
const FASES_QUE_COTEJAN: readonly string[] = ['shadow', 'canary', 'primary'];

/**
 * Asks both sides for every ruta of a tramo, as readers ask, and compares campo by campo: what no reader asked for yet is
 * compared too. Answers nobody, and gives way to those who wait.
 */
export async function runCotejo(tarea: Tarea, options: CotejoOptions): Promise<Cotejo> {
  const { tramo, registro, store, now } = tarea;
  if (!FASES_QUE_COTEJAN.includes(tramo.fase))
    throw new Detenida('PHASE_NOT_ALLOWED', `En la fase ${tramo.fase} no se coteja.`);
  const acceso = accesoOf(tarea);
  const claves = registro.accesos[acceso]?.claves ?? [];
  const keys = await rutasOf(tarea, claves);
  const conteo = new Conteo(tarea, 'cotejo', keys.length);
  conteo.set({ paso: 'comparacion' });
  const reglas = await loadReglas(store, tramo.id);
  const comparador = { registro, salt: tramo.salt, reglas, ahora: new Date(now()).toISOString() };
  const { bitacora } = options;
  let registros = 0;
  let distintas = 0;
  const batches = batchesOf(keys);
  for await (const { at, batch, viejo, nuevo } of oneAhead(
    askBoth(tarea, options, acceso, batches),
  )) {
    for (const key of batch) {
      const en = new Date(now()).toISOString();
      const pregunta = preguntaOf(tramo, byAcceso(registro, acceso).id, key, en);
      const clases = note(tarea, bitacora, comparador, pregunta, viejo.get(key), nuevo.get(key));
      registros += clases.length;
      distintas += clases.filter((clase) => clase === 'mismatch').length;
    }
    conteo.add(batch.length, 0, 0);
    if (at % CALLS_PER_FLUSH === 0) await options.flush();
  }
  await options.flush();
  conteo.set({ paso: 'terminada' });
  return { rutas: keys.length, registros, distintas };
}

function batchesOf(keys: readonly Key[]): (readonly Key[])[] {
  const measured = Math.max(FEWEST_KEYS_PER_CALL, Math.floor(keys.length / CALLS_THAT_MEASURE));
  const size = Math.min(MOST_KEYS_PER_CALL, measured);
  const count = Math.ceil(keys.length / size);
  return Array.from({ length: count }, (_, at) => keys.slice(at * size, (at + 1) * size));
}

type Side = 'viejo' | 'nuevo';

interface Both extends Readonly<Record<Side, ByKey<Row>>> {
  readonly at: number;
  readonly batch: readonly Key[];
}

/** Each side is the first one every other time: what delays the first delays both alike. */
async function* askBoth(
  tarea: Tarea,
  options: CotejoOptions,
  acceso: string,
  batches: readonly (readonly Key[])[],
): AsyncGenerator<Both> {
  const ritmo = createRitmo(tarea);
  for (const [at, batch] of batches.entries()) {
    await ritmo.turn();
    refuseAborted(tarea);
    const ask = (side: Side): Promise<ByKey<Row>> => timed(tarea, options, side, acceso, batch);
    if (at % 2 === 0) yield { at, batch, viejo: await ask('viejo'), nuevo: await ask('nuevo') };
    else yield { at, batch, nuevo: await ask('nuevo'), viejo: await ask('viejo') };
  }
}

function accesoOf({ registro, viejo }: Tarea): string {
  const able = viejo.capabilities(registro).accesos;
  const found = Object.entries(registro.accesos).find(
    ([name, { claves }]) =>
      able.includes(name) &&
      claves.every((campo) => registro.ruta.includes(campo)) &&
      claves.every((campo) => registro.clave.includes(campo)),
  );
  if (found === undefined)
    throw new Detenida(
      'CAPACIDAD_INSUFICIENTE',
      `${registro.nombre} no se puede pedir por su ruta: lo coteja solo la sombra.`,
    );
  return found[0];
}

async function timed(
  tarea: Tarea,
  { ventanas }: CotejoOptions,
  side: Side,
  acceso: string,
  keys: readonly Key[],
): Promise<ByKey<Row>> {
  const adapter: Adapter = side === 'viejo' ? tarea.viejo : tarea.unico;
  const started = performance.now();
  const answer = await adapter.read(tarea.registro, acceso, keys, contextOf(tarea));
  const fallas = [...answer.values()].filter(({ at }) => at === 'failed').length;
  ventanas.answered(tarea.tramo, side, { n: keys.length, fallas, ms: performance.now() - started });
  return answer;
}

type One = ReturnType<ByKey<Row>['get']>;

function note(
  { tramo, registro }: Tarea,
  bitacora: Bitacora,
  comparador: Comparador,
  pregunta: Pregunta,
  viejo: One,
  nuevo: One,
): readonly Clase[] {
  const error = errorClass(viejo, nuevo);
  if (error !== null) {
    bitacora.noteFalla(pregunta, error);
    return [error];
  }
  const own = (one: One): readonly Row[] =>
    one?.at === 'found' ? one.rows.filter((row) => rowBelongs(tramo.cohorte, row)) : [];
  const compared = compareAnswers(comparador, own(viejo), own(nuevo));
  bitacora.noteRespondida(pregunta);
  for (const [ruta, claves] of groupBy(compared, ({ fila }) => rutaOf(registro, fila))) {
    // The key says all of its rutas: one that is alike in everything is one line.
    if (claves.every(({ comparacion }) => comparacion.clase === 'equal'))
      bitacora.noteRuta({ tramo, ruta, iguales: claves.length });
    else
      for (const { clave, comparacion } of claves)
        bitacora.note({
          tramo,
          claveDigest: claveDigest(tramo, clave),
          ruta,
          rechequeo: 0,
          comparacion,
        });
  }
  return compared.map(({ comparacion }) => comparacion.clase);
}
