import type { Dispatcher } from 'undici';
import { loadTerritorio } from '../../schema/catalogos/territorio.js';
import type { Filtro, Registro } from '../../schema/registro.js';
import {
  DistribucionSgp,
  PresupuestoSgr,
  REGISTROS_SICODIS,
} from '../../schema/registros/sicodis.js';
import type {
  Adapter,
  Capabilities,
  Chunk,
  Outcome,
  SourceContext,
  Top,
  Version,
} from '../contract.js';
import { AdapterError, InsufficientCapabilityError, toSourceError } from '../errors.js';
import { keysOfFiltro, matches, topOf } from '../shared/emulation.js';
import { createHttpSource } from '../shared/http/http-source.js';
import type { AdapterRegistration } from '../shared/registration.js';
import type { AdapterTools } from '../shared/tools.js';
import { createRutas } from './client.js';
import { createCosecha, partId, type Cosecha, type Fuente } from './cosecha.js';
import { createLectura } from './lectura.js';
import { sicodisSettings, toSicodisSettings, type SicodisSettings } from './settings.js';

const SISTEMA = 'sicodis';
/** All territories of some periods; above fifty that are not harvested yet the answer is a refusal, not a fan-out. */
const MAX_KEYS = 12_000;

export const sicodis: AdapterRegistration = {
  id: SISTEMA,
  settings: sicodisSettings,
  registros: REGISTROS_SICODIS,
  create: (values, tools) => createSicodisAdapter(toSicodisSettings(values), tools),
};

export interface SicodisAdapter extends Adapter {
  /** Harvests a period behind the requests; settles at its end. Begun by itself when a long list is asked for. */
  harvest(registro: Registro, periodo: string): Promise<void>;
}

export type SicodisTools = AdapterTools & {
  readonly dispatcher?: Dispatcher;
  /** Territories that are harvested; those of DIVIPOLA where not given. */
  readonly territorios?: readonly string[];
};

/** SICODIS: a wire that tells of one entity at a time, and the harvest that makes lists of it possible. */
export function createSicodisAdapter(
  settings: SicodisSettings,
  tools: SicodisTools,
): SicodisAdapter {
  const { acopio, now } = tools;
  const source = createHttpSource({
    sistema: SISTEMA,
    baseUrl: settings.baseUrl,
    connections: 6,
    maxConcurrent: 6,
    timeoutMs: settings.timeoutMs,
    tools,
    ...(tools.dispatcher === undefined ? {} : { dispatcher: tools.dispatcher }),
  });
  const { sgp, sgr } = createRutas(source, now);
  const fuentes = new Map<Registro, Fuente>([
    [
      DistribucionSgp,
      { id: 'sgp', registro: DistribucionSgp, acceso: 'porTerritorioVigencia', rutas: sgp },
    ],
    [
      PresupuestoSgr,
      { id: 'sgr', registro: PresupuestoSgr, acceso: 'porTerritorioBienio', rutas: sgr },
    ],
  ]);
  const fuenteOf = (registro: Registro): Fuente => {
    const fuente = fuentes.get(registro);
    if (fuente === undefined) throw new TypeError(`${registro.nombre} is not of SICODIS`);
    return fuente;
  };
  const cosecha = createCosecha({
    acopio,
    territorios: tools.territorios ?? allTerritorios(),
    pausaMs: settings.pausaMs,
    now,
  });
  const { vigenciaCosechaMs } = settings;
  const lectura = createLectura({ acopio, cosecha, now, vigenciaCosechaMs });
  const read: Adapter['read'] = (registro, _acceso, keys, ctx) =>
    lectura(fuenteOf(registro), keys, ctx);
  const topPerKey: Adapter['topPerKey'] = async (
    registro,
    acceso,
    keys,
    filtro,
    orden,
    options,
    ctx,
  ) => {
    const byKey = await read(registro, acceso, keys, ctx);
    return new Map(
      [...byKey].map(([key, outcome]) => {
        if (outcome.at !== 'found') return [key, outcome];
        const { rows, origin } = outcome;
        const { version } = origin;
        return [
          key,
          orRefused(() => {
            const top = topOf(registro, rows, filtro, orden, options, {
              sistema: SISTEMA,
              version,
            });
            return { at: 'found', rows: [top], origin };
          }),
        ];
      }),
    );
  };

  return {
    id: SISTEMA,
    registros: REGISTROS_SICODIS,
    capabilities,
    async version(registro, ctx) {
      const { rutas } = fuenteOf(registro);
      const latest = (await rutas.periodos(ctx)).toSorted().at(-1);
      return rutas.version(latest ?? '', ctx);
    },
    read,
    topPerKey,
    async page(registro, filtro, orden, options, ctx) {
      const { acceso } = fuenteOf(registro);
      const keys = keysOfFiltro(filtro, registro.accesos[acceso]?.claves ?? []);
      const [key, ...others] = keys ?? [];
      if (key === undefined || others.length > 0) return REFUSED;
      const top = await topPerKey(registro, acceso, [key], filtro, orden, options, ctx);
      return top.get(key) ?? REFUSED;
    },
    measure: (registro, medida) => {
      throw new TypeError(`${registro.nombre} has no medida ${medida}`);
    },
    scan: (registro, filtro, resume, ctx) =>
      scanParts(fuenteOf(registro), cosecha, tools, { filtro, resume }, ctx),
    harvest: (registro, periodo) => cosecha.start(fuenteOf(registro), periodo),
    estado: () => ({ avisos: cosecha.estado() }),
    async close() {
      await cosecha.close();
      await source.close();
    },
  };
}

const capabilities = (registro: Registro): Capabilities => ({
  read: 'native',
  page: 'emulated',
  measure: 'none',
  topPerKey: 'emulated',
  scan: 'emulated',
  accesos: Object.keys(registro.accesos),
  maxKeys: MAX_KEYS,
});

const REFUSED: Extract<Outcome<never>, { at: 'failed' }> = {
  at: 'failed',
  error: toSourceError(new InsufficientCapabilityError(SISTEMA)),
};

function orRefused(work: () => Outcome<Top>): Outcome<Top> {
  try {
    return work();
  } catch (error) {
    if (error instanceof AdapterError) return { at: 'failed', error: toSourceError(error) };
    throw error;
  }
}

function allTerritorios(): string[] {
  const { departamentos, municipios } = loadTerritorio();
  return [...departamentos, ...municipios].map(({ codigo }) => codigo);
}

/** Walks over periods and departamentos, harvesting each before its rows are given. */
async function* scanParts(
  fuente: Fuente,
  cosecha: Cosecha,
  { acopio }: Pick<AdapterTools, 'acopio'>,
  { filtro, resume }: { readonly filtro: Filtro | null; readonly resume: string | null },
  ctx: SourceContext,
): AsyncGenerator<Chunk> {
  const { registro, acceso, rutas } = fuente;
  const claves = registro.accesos[acceso]?.claves ?? [];
  const periodos = (await rutas.periodos(ctx))
    .toSorted()
    .filter((periodo) => mayMatch(registro, filtro, claves[1] ?? '', periodo));
  const parts = periodos.flatMap((periodo) =>
    cosecha.departamentos.map((departamento) => ({
      periodo,
      departamento,
      id: partId(fuente, periodo, departamento),
    })),
  );
  const [from, inner] =
    resume === null ? [parts[0]?.id, null] : (JSON.parse(resume) as [string, string | null]);
  const versions = new Map<string, Version>();
  const start = parts.findIndex(({ id }) => id === from);
  for (const [at, { periodo, departamento, id }] of parts.entries()) {
    if (at < start) continue;
    const version = versions.get(periodo) ?? (await cosecha.version(fuente, periodo, ctx));
    versions.set(periodo, version);
    await cosecha.ensure({ fuente, periodo, departamento }, version, ctx);
    const question = { sistema: SISTEMA, servidoPor: SISTEMA, registro, parts: [id] };
    const next = parts[at + 1]?.id;
    for await (const chunk of acopio.scan(question, filtro, at === start ? inner : null, ctx)) {
      if (chunk.resume !== null) yield { ...chunk, resume: JSON.stringify([id, chunk.resume]) };
      else yield { ...chunk, resume: next === undefined ? null : JSON.stringify([next, null]) };
    }
  }
}

/** Whether any row of a period can pass the filter, as far as the filter speaks of the period alone. */
function mayMatch(
  registro: Registro,
  filtro: Filtro | null,
  campo: string,
  periodo: string,
): boolean {
  if (filtro === null) return true;
  if (filtro.op === 'and')
    return filtro.de.every((part) => mayMatch(registro, part, campo, periodo));
  if (!('campo' in filtro) || filtro.campo !== campo) return true;
  const valor = campo === 'vigencia' ? Number(periodo) : periodo;
  return matches(registro, { [campo]: valor }, filtro);
}
