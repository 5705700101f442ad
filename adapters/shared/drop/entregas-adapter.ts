import { keyOfFila } from '../../../schema/key.js';
import type { Registro } from '../../../schema/registro.js';
import type { Adapter, ByKey, Key, Origin, Outcome, Row, SourceContext } from '../../contract.js';
import { AdapterError, SourceQuarantinedError, toSourceError } from '../../errors.js';
import type { Question } from '../acopio/acopio.js';
import type { AdapterTools } from '../tools.js';
import type { Entregas, Vigentes } from './entregas.js';

export interface EntregasAdapterOptions {
  /** Both the system and the adapter that answers for it. */
  readonly sistema: string;
  readonly registros: readonly Registro[];
  readonly entregas: Entregas;
  readonly tools: Pick<AdapterTools, 'acopio'>;
  /** Whether a delivery of this slot may hold rows of a key over these claves. */
  readonly holds: (slot: string, claves: readonly string[], key: Key) => boolean;
  readonly maxKeys: number;
}

type Ask<T> = (question: Question) => Promise<ByKey<T>>;

const always = (): boolean => true;

/** The contract over a folder of deliveries: every answer comes from the acopio, a broken delivery is never an absence. */
export function createEntregasAdapter(options: EntregasAdapterOptions): Adapter {
  const { sistema, registros, entregas, holds, maxKeys } = options;
  const { acopio } = options.tools;

  const questionOf = (registro: Registro, parts: readonly string[]): Question => ({
    sistema,
    servidoPor: sistema,
    registro,
    parts,
  });

  /** Every delivery, all of them complete: what a walk or a list over everything needs. */
  async function whole(registro: Registro, ctx: SourceContext): Promise<Question> {
    const { parts, broken } = await entregas.current(always, ctx);
    if (broken.length > 0) throw new SourceQuarantinedError(sistema);
    return questionOf(registro, parts);
  }

  async function byKey<T>(
    registro: Registro,
    claves: readonly string[],
    keys: readonly Key[],
    ctx: SourceContext,
    ask: Ask<T>,
  ): Promise<ByKey<T>> {
    if (keys.length === 0) return new Map();
    try {
      const wanted = (slot: string): boolean => keys.some((key) => holds(slot, claves, key));
      const vigentes = await entregas.current(wanted, ctx);
      const none = absentOf(sistema, registro, vigentes);
      const { parts, broken } = vigentes;
      const asked = parts.length === 0 ? null : await ask(questionOf(registro, parts));
      return new Map(
        keys.map((key): [Key, Outcome<T>] => {
          const outcome = asked?.get(key) ?? none;
          const isUnknown =
            outcome.at === 'absent' && broken.some((slot) => holds(slot, claves, key));
          return [key, isUnknown ? failed(new SourceQuarantinedError(sistema)) : outcome];
        }),
      );
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      return new Map(keys.map((key) => [key, failed(error)]));
    }
  }

  const clavesOf = ({ nombre, accesos }: Registro, acceso: string): readonly string[] => {
    const claves = accesos[acceso]?.claves;
    if (claves === undefined) throw new TypeError(`${nombre} has no acceso ${acceso}`);
    return claves;
  };

  return {
    id: sistema,
    registros,
    capabilities: (registro) => ({
      read: 'native',
      page: 'native',
      measure: Object.keys(registro.medidas).length > 0 ? 'native' : 'none',
      topPerKey: 'native',
      scan: 'native',
      accesos: Object.keys(registro.accesos),
      maxKeys,
    }),
    version: async (_registro, ctx) => (await entregas.current(() => false, ctx)).version,
    read: (registro, acceso, keys, ctx) =>
      byKey(registro, clavesOf(registro, acceso), keys, ctx, async (question) =>
        onceEach(registro, await acopio.read(question, acceso, keys, ctx)),
      ),
    topPerKey: (registro, acceso, keys, filtro, orden, list, ctx) =>
      byKey(registro, clavesOf(registro, acceso), keys, ctx, (question) =>
        acopio.topPerKey(question, acceso, keys, filtro, orden, list, ctx),
      ),
    measure(registro, medida, keys, dims, ctx) {
      const grano = registro.medidas[medida]?.grano;
      if (grano === undefined) throw new TypeError(`${registro.nombre} has no medida ${medida}`);
      return byKey(registro, grano, keys, ctx, (question) =>
        acopio.measure(question, medida, keys, dims, ctx),
      );
    },
    async page(registro, filtro, orden, list, ctx) {
      try {
        const question = await whole(registro, ctx);
        const { version, ...top } = await acopio.page(question, filtro, orden, list, ctx);
        return { at: 'found', rows: [top], origin: originOf(sistema, registro, version) };
      } catch (error) {
        if (!(error instanceof AdapterError)) throw error;
        return failed(error);
      }
    },
    async *scan(registro, filtro, resume, ctx) {
      yield* acopio.scan(await whole(registro, ctx), filtro, resume, ctx);
    },
    estado: () => ({ avisos: entregas.estado() }),
    close: () => {
      entregas.close();
      return Promise.resolve();
    },
  };
}

const failed = (error: AdapterError): Extract<Outcome<never>, { at: 'failed' }> => ({
  at: 'failed',
  error: toSourceError(error),
});

const originOf = (sistema: string, registro: Registro, version: Origin['version']): Origin => ({
  sistema,
  registro: registro.nombre,
  modo: 'ACOPIO',
  version,
  servidoPor: sistema,
});

/** Nobody delivered it: as of all that was delivered. */
const absentOf = (
  sistema: string,
  registro: Registro,
  { version, corte }: Vigentes,
): Extract<Outcome<never>, { at: 'absent' }> => ({
  at: 'absent',
  origin: {
    ...originOf(sistema, registro, version),
    ...(corte === undefined ? {} : { corte }),
  },
});

/** Two deliveries may name one record; the first in the order of their names answers. */
function onceEach(registro: Registro, byKey: ByKey<Row>): ByKey<Row> {
  return new Map(
    [...byKey].map(([key, outcome]): [Key, Outcome<Row>] => {
      if (outcome.at !== 'found') return [key, outcome];
      const rows = new Map<string, Row>();
      for (const row of outcome.rows) {
        const clave = keyOfFila(row, registro.clave) ?? '';
        if (!rows.has(clave)) rows.set(clave, row);
      }
      return [key, { ...outcome, rows: [...rows.values()] }];
    }),
  );
}
