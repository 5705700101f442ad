import type { Fila } from '../../schema/registro.js';
import { ServidoresResumen } from '../../schema/registros/sigep.js';
import type { Origin, SourceContext, Version } from '../contract.js';
import { AdapterError, SourceWithdrawnError, type SourceError } from '../errors.js';
import type { AdapterTools } from '../shared/tools.js';
import { SERVIDORES_PUBLICOS, type GruposAnswer, type SigepClient } from './client.js';
import { toServidores } from './mapper.js';

/** Rows of some entities, or of all, and where they came from. */
export interface Resumen {
  readonly filas: readonly Fila[];
  readonly origin: Origin;
}

export interface Servidores {
  /** `null` asks for all entities. */
  find(codigos: readonly string[] | null, ctx: SourceContext): Promise<Resumen>;
  version(ctx: SourceContext): Promise<Version>;
  estado(): readonly { codigo: string; mensaje: string; donde: string }[];
  close(): Promise<void>;
}

const SISTEMA = 'sigep';
const BASE = { sistema: SISTEMA, registro: ServidoresResumen.nombre, servidoPor: SISTEMA };
const SNAPSHOT = { ...BASE, registro: ServidoresResumen, parts: [SERVIDORES_PUBLICOS] };

/**
 * The publisher closed this dataset once without notice, so each publication is kept: its first question asks for all
 * entities (one call, some 20 000 counts) and the answer goes to the acopio. When the dataset is closed, that speaks.
 */
export function createServidores(
  client: SigepClient,
  { acopio }: Pick<AdapterTools, 'acopio'>,
): Servidores {
  let kept: Version | null | undefined;
  /** A publication newer than the one kept was met. */
  let due = false;
  let saving: Promise<void> = Promise.resolve();
  let withdrawn = false;

  const loadKept = async (): Promise<Version | null> => {
    const parts = await acopio.parts(SISTEMA);
    return parts.find(({ id }) => id === SERVIDORES_PUBLICOS)?.version ?? null;
  };

  /** In the background of the answer, which does not wait for it. A publication that could not be kept is asked again. */
  function save({ groups, version }: GruposAnswer, ctx: SourceContext): void {
    const rows = toServidores(groups);
    const part = {
      sistema: SISTEMA,
      id: SERVIDORES_PUBLICOS,
      version,
      corte: (version.sourceTime ?? version.checkedAt).slice(0, 10),
      registros: [ServidoresResumen],
      async *load() {
        yield await Promise.resolve({ registro: ServidoresResumen, rows });
      },
    };
    kept = version;
    due = false;
    const background = { ...ctx, signal: new AbortController().signal, origen: 'fondo' as const };
    saving = saving
      .then(() => acopio.ensure(part, background))
      .then(
        () => undefined,
        () => {
          kept = undefined;
        },
      );
  }

  async function findLive(codigos: readonly string[] | null, ctx: SourceContext): Promise<Resumen> {
    kept ??= await loadKept();
    const whole = codigos === null || kept === null || due;
    const answer = whole ? await client.fetchTodos(ctx) : await client.fetchGrupos(codigos, ctx);
    withdrawn = false;
    if (answer.version.token !== kept?.token) {
      if (whole) save(answer, ctx);
      else due = true;
    }
    const origin = { ...BASE, modo: 'AGREGADO_EN_FUENTE' as const, version: answer.version };
    return { filas: toServidores(answer.groups), origin };
  }

  /** The last publication that was kept, dated: `checkedAt` says when it was last seen, `stale` that it no longer can be. */
  async function findKept(
    codigos: readonly string[] | null,
    cause: AdapterError,
    ctx: SourceContext,
  ): Promise<Resumen> {
    await saving;
    const version = await loadKept();
    if (version === null) throw cause;
    const filas: Fila[] = [];
    let corte = (version.sourceTime ?? version.checkedAt).slice(0, 10);
    if (codigos === null) {
      for await (const { rows } of acopio.scan(SNAPSHOT, null, null, ctx)) filas.push(...rows);
    } else {
      const byKey = await acopio.read(SNAPSHOT, 'porEntidad', codigos, ctx);
      for (const outcome of byKey.values()) {
        if (outcome.at === 'failed') throw toThrown(outcome.error);
        corte = outcome.origin.corte ?? corte;
        if (outcome.at === 'found') filas.push(...outcome.rows);
      }
    }
    const origin = {
      ...BASE,
      modo: 'ACOPIO' as const,
      version: { ...version, stale: true },
      corte,
    };
    return { filas, origin };
  }

  return {
    async find(codigos, ctx) {
      try {
        return await findLive(codigos, ctx);
      } catch (error) {
        if (!(error instanceof SourceWithdrawnError)) throw error;
        withdrawn = true;
        return findKept(codigos, error, ctx);
      }
    },
    async version(ctx) {
      try {
        return await client.version(ctx);
      } catch (error) {
        if (!(error instanceof SourceWithdrawnError)) throw error;
        await saving;
        const version = await loadKept();
        if (version === null) throw error;
        return { ...version, stale: true };
      }
    },
    estado: () =>
      withdrawn
        ? [
            {
              codigo: 'SOURCE_WITHDRAWN',
              mensaje:
                'La Función Pública cerró el conjunto de servidores públicos; responde la última copia, con su fecha.',
              donde: SERVIDORES_PUBLICOS,
            },
          ]
        : [],
    close: () => saving,
  };
}

const toThrown = ({ code, sistema, mensaje }: SourceError): AdapterError =>
  new AdapterError(code, sistema, mensaje);
