import type { Dispatcher } from 'undici';
import type { Registro } from '../../schema/registro.js';
import { REGISTROS_SIGEP, ServidoresResumen } from '../../schema/registros/sigep.js';
import type { Adapter, Capabilities, Key, Outcome, SourceContext } from '../contract.js';
import { AdapterError, SourceUnavailableError, toSourceError } from '../errors.js';
import type { Question } from '../shared/acopio/acopio.js';
import { createHttpSource } from '../shared/http/http-source.js';
import type { AdapterRegistration } from '../shared/registration.js';
import { createSodaClient } from '../shared/soda/soda-client.js';
import type { AdapterTools } from '../shared/tools.js';
import { createCarpeta } from './carpeta.js';
import { createSigepClient } from './client.js';
import { corteOf } from './reportes.js';
import { createResumen } from './resumen.js';
import { createServidores } from './servidores.js';
import { sigepSettings, toSigepSettings, type SigepSettings } from './settings.js';

const SISTEMA = 'sigep';
/** Every body of the State fits: reports lie in the acopio, and the open data answers all of them in one question. */
const MAX_KEYS = 10_000;

export const sigep: AdapterRegistration = {
  id: SISTEMA,
  settings: sigepSettings,
  registros: REGISTROS_SIGEP,
  create: (values, tools) => createSigepAdapter(toSigepSettings(values), tools),
};

/** SIGEP II: bodies, posts and vacancies from its reports, counts of servants from the open data. */
export function createSigepAdapter(
  settings: SigepSettings,
  tools: AdapterTools & { readonly dispatcher?: Dispatcher },
): Adapter {
  const { appToken, dropDir, timeoutMs } = settings;
  const { acopio } = tools;
  const source = createHttpSource({
    sistema: SISTEMA,
    baseUrl: settings.baseUrl,
    connections: 4,
    maxConcurrent: 4,
    timeoutMs,
    tools,
    ...(tools.dispatcher === undefined ? {} : { dispatcher: tools.dispatcher }),
  });
  const soda = createSodaClient({
    sistema: SISTEMA,
    source,
    tools,
    ...(appToken === undefined ? {} : { appToken }),
  });
  const servidores = createServidores(createSigepClient(soda), tools);
  const resumen = createResumen(servidores);
  const carpeta = dropDir === undefined ? null : createCarpeta(dropDir, tools);
  const question = (registro: Registro, ctx: SourceContext): Promise<Question> => {
    if (carpeta !== null) return carpeta.question(registro, ctx);
    const mensaje = 'No se ha dado la carpeta de reportes de SIGEP (SIGEP_DROP_DIR).';
    return Promise.reject(new SourceUnavailableError(SISTEMA, { mensaje }));
  };

  return {
    id: SISTEMA,
    registros: REGISTROS_SIGEP,
    capabilities,
    async version(registro, ctx) {
      if (registro === ServidoresResumen) return servidores.version(ctx);
      const asked = await question(registro, ctx);
      const part = (await acopio.parts(SISTEMA)).find(({ id }) => id === asked.parts?.[0]);
      if (part?.version == null) throw new SourceUnavailableError(SISTEMA);
      return part.version;
    },
    read(registro, acceso, keys, ctx) {
      if (registro === ServidoresResumen) return resumen.read(keys, ctx);
      return failingByKey(keys, async () =>
        acopio.read(await question(registro, ctx), acceso, keys, ctx),
      );
    },
    measure: (registro, medida, keys, dims, ctx) =>
      failingByKey(keys, async () =>
        acopio.measure(await question(registro, ctx), medida, keys, dims, ctx),
      ),
    topPerKey(registro, acceso, keys, filtro, orden, options, ctx) {
      if (registro === ServidoresResumen)
        return resumen.topPerKey(keys, filtro, orden, options, ctx);
      return failingByKey(keys, async () =>
        acopio.topPerKey(await question(registro, ctx), acceso, keys, filtro, orden, options, ctx),
      );
    },
    page(registro, filtro, orden, options, ctx) {
      if (registro === ServidoresResumen) return resumen.page(filtro, orden, options, ctx);
      return failing(async () => {
        const asked = await question(registro, ctx);
        const { version, ...top } = await acopio.page(asked, filtro, orden, options, ctx);
        const corte = corteOf(asked.parts?.[0] ?? '');
        const base = { sistema: SISTEMA, registro: registro.nombre, servidoPor: SISTEMA };
        const origin = {
          ...base,
          modo: 'ACOPIO' as const,
          version,
          ...(corte === null ? {} : { corte }),
        };
        return { at: 'found', rows: [top], origin };
      });
    },
    async *scan(registro, filtro, resume, ctx) {
      if (registro === ServidoresResumen) yield* resumen.scan(filtro, resume, ctx);
      else yield* acopio.scan(await question(registro, ctx), filtro, resume, ctx);
    },
    estado: () => ({
      avisos: [...soda.estado().avisos, ...servidores.estado(), ...(carpeta?.estado() ?? [])],
    }),
    async close() {
      carpeta?.close();
      await servidores.close();
      await source.close();
    },
  };
}

function capabilities(registro: Registro): Capabilities {
  const list = registro === ServidoresResumen ? 'emulated' : 'native';
  return {
    read: 'native',
    page: list,
    measure: Object.keys(registro.medidas).length > 0 ? 'native' : 'none',
    topPerKey: list,
    scan: 'native',
    accesos: Object.keys(registro.accesos),
    maxKeys: MAX_KEYS,
  };
}

/** A dead source is an answer of its own, never a throw. */
async function failing<T>(ask: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { at: 'failed', error: toSourceError(error) };
  }
}

async function failingByKey<T>(
  keys: readonly Key[],
  ask: () => Promise<ReadonlyMap<Key, Outcome<T>>>,
): Promise<ReadonlyMap<Key, Outcome<T>>> {
  if (keys.length === 0) return new Map();
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    const failed: Outcome<T> = { at: 'failed', error: toSourceError(error) };
    return new Map(keys.map((key) => [key, failed]));
  }
}
