import type { Key } from '../../schema/key.js';
import type { Registro } from '../../schema/registro.js';
import { ApropiacionNacion, REGISTROS_SIIF } from '../../schema/registros/siif.js';
import type { Adapter, ByKey, Capabilities, Origin, Outcome, SourceContext } from '../contract.js';
import {
  AdapterError,
  SourceTimeoutError,
  SourceUnavailableError,
  toSourceError,
} from '../errors.js';
import type { AdapterRegistration } from '../shared/registration.js';
import type { AdapterTools } from '../shared/tools.js';
import { createCarpeta, dudosa, type Vigentes } from './carpeta.js';
import { siifSettings, toSiifSettings, type SiifSettings } from './settings.js';

const SISTEMA = 'siif';
/** More vigencias than any folder has. */
const MAX_KEYS = 200;

export const siif: AdapterRegistration = {
  id: SISTEMA,
  settings: siifSettings,
  registros: REGISTROS_SIIF,
  create: (values, tools) => createSiifAdapter(toSiifSettings(values), tools),
};

/** SIIF has no interface: what its users export into a folder is read, the latest report of each vigencia. */
export function createSiifAdapter({ dropDir }: SiifSettings, tools: AdapterTools): Adapter {
  const { acopio } = tools;
  const carpeta = dropDir === undefined ? null : createCarpeta(dropDir, tools);

  const refresh = async (ctx: SourceContext): Promise<Vigentes> => {
    if (ctx.signal.aborted) throw new SourceTimeoutError(SISTEMA, { cause: ctx.signal.reason });
    if (carpeta === null) throw new SourceUnavailableError(SISTEMA, { mensaje: SIN_CARPETA });
    return carpeta.refresh(ctx);
  };
  const questionOf = (registro: Registro, archivos: Iterable<string>) => ({
    sistema: SISTEMA,
    servidoPor: SISTEMA,
    registro,
    parts: [...new Set(archivos)],
  });

  /** Asks the acopio about the keys whose vigencia has a report, and completes the answer with the others. */
  async function answer<T>(
    registro: Registro,
    keys: readonly Key[],
    ctx: SourceContext,
    ask: (question: ReturnType<typeof questionOf>, held: readonly Key[]) => Promise<ByKey<T>>,
  ): Promise<ByKey<T>> {
    if (keys.length === 0) return new Map();
    try {
      const vigentes = await refresh(ctx);
      const held = keys.filter((key) => vigentes.archivos.has(key));
      const archivos = held.map((key) => vigentes.archivos.get(key) ?? '');
      const found = held.length === 0 ? null : await ask(questionOf(registro, archivos), held);
      const missing: Outcome<T> = vigentes.dudoso
        ? { at: 'failed', error: toSourceError(dudosa()) }
        : { at: 'absent', origin: originOf(vigentes) };
      return new Map(keys.map((key) => [key, found?.get(key) ?? missing]));
    } catch (error) {
      const failed = toFailed(error);
      return new Map(keys.map((key) => [key, failed]));
    }
  }

  return {
    id: SISTEMA,
    registros: REGISTROS_SIIF,
    capabilities,
    version: async (_registro, ctx) => (await refresh(ctx)).version,
    read: (registro, acceso, keys, ctx) =>
      answer(registro, keys, ctx, (question, held) => acopio.read(question, acceso, held, ctx)),
    measure: (registro, medida, keys, dims, ctx) =>
      answer(registro, keys, ctx, (question, held) =>
        acopio.measure(question, medida, held, dims, ctx),
      ),
    topPerKey: (registro, acceso, keys, filtro, orden, options, ctx) =>
      answer(registro, keys, ctx, (question, held) =>
        acopio.topPerKey(question, acceso, held, filtro, orden, options, ctx),
      ),
    async page(registro, filtro, orden, options, ctx) {
      try {
        const vigentes = await refresh(ctx);
        const origin = originOf(vigentes);
        if (vigentes.archivos.size === 0) return { at: 'absent', origin };
        const question = questionOf(registro, vigentes.archivos.values());
        const { version, ...top } = await acopio.page(question, filtro, orden, options, ctx);
        return { at: 'found', rows: [top], origin: { ...origin, version } };
      } catch (error) {
        return toFailed(error);
      }
    },
    async *scan(registro, filtro, resume, ctx) {
      const { archivos, version } = await refresh(ctx);
      if (archivos.size === 0) yield { rows: [], version, resume: null };
      else yield* acopio.scan(questionOf(registro, archivos.values()), filtro, resume, ctx);
    },
    estado: () => ({ avisos: carpeta?.estado() ?? [] }),
    close() {
      carpeta?.close();
      return Promise.resolve();
    },
  };
}

const SIN_CARPETA = 'SIIF no tiene configurada la carpeta de sus reportes (SIIF_DROP_DIR).';

const capabilities = (registro: Registro): Capabilities => ({
  read: 'native',
  page: 'native',
  measure: 'native',
  topPerKey: 'native',
  scan: 'native',
  accesos: Object.keys(registro.accesos),
  maxKeys: MAX_KEYS,
});

const originOf = ({ version }: Vigentes): Origin => ({
  sistema: SISTEMA,
  registro: ApropiacionNacion.nombre,
  modo: 'ACOPIO',
  version,
  servidoPor: SISTEMA,
});

function toFailed(error: unknown): Extract<Outcome<never>, { at: 'failed' }> {
  if (!(error instanceof AdapterError)) throw error;
  return { at: 'failed', error: toSourceError(error) };
}
