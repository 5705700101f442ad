import { afterEach, beforeEach } from '@jest/globals';
import type { Adapter, Key, Row, SourceContext } from '../../adapters/contract.js';
import { byAcceso } from '../../subgraphs/subgraph.js';
import type { Clase } from '../route/comparadores.js';
import { createRuteo } from '../route/ruteo.js';
import type { Fase, Tramo } from '../route/tramo.js';
import type { AnyOutcome } from '../rows/outcome.js';
import { createAskSources } from '../rows/sources.js';
import { Cifra, found, operationOf, toSourceContext } from '../rows/testing.js';
import { Bitacora } from './bitacora.js';
import type { Anotada } from './bitacora.js';
import type { Pregunta } from './fallas.js';
import { Sombra } from './sombra.js';
import { createTokenBucket } from './token-bucket.js';
import { Ventanas } from './ventanas.js';

export const ctx: SourceContext = toSourceContext(operationOf());
export const porEntidad = byAcceso(Cifra, 'porEntidad');

export type Answer = (key: Key, ctx: SourceContext) => AnyOutcome | Promise<AnyOutcome>;

class Side {
  readonly calls: string[] = [];
  flying = 0;
  mostFlying = 0;
  readonly adapter: Adapter;

  constructor(id: string, answer: Answer) {
    const ask = async (keys: readonly Key[], asked: SourceContext) => {
      this.calls.push(`${asked.origen} ${keys.join(',')}`);
      this.flying += 1;
      this.mostFlying = Math.max(this.mostFlying, this.flying);
      try {
        return new Map(
          await Promise.all(
            keys.map(async (key): Promise<[Key, AnyOutcome]> => [key, await answer(key, asked)]),
          ),
        );
      } finally {
        this.flying -= 1;
      }
    };
    this.adapter = {
      id,
      capabilities: () => ({ maxKeys: 100_000 }),
      read: (_r: unknown, _a: unknown, keys: readonly Key[], asked: SourceContext) =>
        ask(keys, asked),
      measure: (
        _r: unknown,
        _m: unknown,
        keys: readonly Key[],
        _d: unknown,
        asked: SourceContext,
      ) => ask(keys, asked),
    } as unknown as Adapter;
  }
}

export const tramoOf = (fase: Fase, mas: Partial<Tramo> = {}): Tramo => ({
  id: 't',
  registro: Cifra.nombre,
  cohorte: {},
  viejo: 'viejo',
  nuevo: 'nuevo',
  fase,
  canaryPpm: 0,
  canaryCohorte: null,
  salt: 's',
  mappingVersion: 1,
  comparatorVersion: 1,
  epoca: 1,
  ...mas,
});

export const row = (entidad: string, mas: Row = {}): Row => ({
  id: `id-${entidad}`,
  entidad,
  ...mas,
});
export const same: Answer = (key) => found([row(key, { valor: '10' })]);

export class Notes extends Bitacora {
  readonly notes: Anotada[] = [];
  readonly fallas: Clase[] = [];
  respondidas = 0;

  override note(anotada: Anotada): void {
    this.notes.push(anotada);
  }

  override noteFalla(_pregunta: Pregunta, clase: Clase): void {
    this.fallas.push(clase);
  }

  /** What was asked, compared and dropped. */
  readonly demanda = { preguntas: 0, comparadas: 0, descartadas: 0 };
  override noteDemanda(...[, , cuenta, n]: Parameters<Bitacora['noteDemanda']>): void {
    this.demanda[cuenta] += n;
  }

  override noteRespondida(): void {
    this.respondidas += 1;
  }

  clases(): Clase[] {
    return this.notes.map(({ comparacion }) => comparacion.clase);
  }
}

export const reloj = { now: 0 };
const open: Sombra[] = [];

/** A slice of which both sides are in memory, under comparison. */
export function shadowed(
  { viejo = same, nuevo = same }: { viejo?: Answer; nuevo?: Answer },
  tramo = tramoOf('shadow'),
  mas: Partial<ConstructorParameters<typeof Sombra>[0]> = {},
) {
  const old = new Side('viejo', viejo);
  const fresh = new Side('nuevo', nuevo);
  const adapters = new Map([
    ['viejo', old.adapter],
    ['nuevo', fresh.adapter],
  ]);
  const notes = new Notes();
  const ventanas = new Ventanas(() => reloj.now, 60_000);
  const sombra = new Sombra({
    adapters,
    bitacora: notes,
    ventanas,
    reglasOf: () => [],
    legacyBudget: createTokenBucket(0, 2, () => reloj.now),
    now: () => reloj.now,
    ...mas,
  });
  open.push(sombra);
  const ruteo = createRuteo(1, [tramo], new Map([[Cifra.nombre, 'viejo']]));
  const ask = createAskSources(
    adapters,
    () => ruteo,
    () => undefined,
    sombra,
  );
  const read = (...keys: string[]) => ask(porEntidad, keys, ctx);
  return { old, fresh, notes, ventanas, sombra, ask, read };
}

/** Called once in a file: the same instant before each case, and nothing open after it. */
export function setUpSombras(): void {
  beforeEach(() => {
    reloj.now = Date.parse('2026-03-01T12:00:00Z');
  });
  afterEach(() => {
    for (const sombra of open.splice(0)) sombra.close();
  });
}
