import type { Dispatcher } from 'undici';
import type { Key } from '../../schema/key.js';
import type { Filtro, Orden, Registro } from '../../schema/registro.js';
import { EntidadChip, REGISTROS_CUIPO } from '../../schema/registros/cuipo.js';
import type { Adapter, ByKey, Capabilities, ListOptions, Outcome, Row, Top } from '../contract.js';
import { AdapterError, InsufficientCapabilityError, toSourceError } from '../errors.js';
import { keysOfFiltro, matches, topOf } from '../shared/emulation.js';
import { createHttpSource } from '../shared/http/http-source.js';
import { createSodaClient } from '../shared/soda/soda-client.js';
import type { AdapterRegistration } from '../shared/registration.js';
import type { AdapterTools } from '../shared/tools.js';
import { createBarrido } from './barrido.js';
import { createCarpeta } from './carpeta.js';
import { createCuipoClient, DIRECTORIO } from './client.js';
import { createDirectorio } from './directorio.js';
import { formaOf, isRaiz, type Forma } from './formas.js';
import { joinVersions } from './hallazgo.js';
import { createLectura } from './lectura.js';
import { createMedicion } from './medida.js';
import { cuipoSettings, toCuipoSettings, type CuipoSettings } from './settings.js';

const SISTEMA = 'cuipo';
/** About five URLs of entity codes; root rows come by the cover, so that the nation is one question. */
const MAX_KEYS = 5_000;
const MAX_KEYS_FILAS = 1_500;

export const cuipo: AdapterRegistration = {
  id: SISTEMA,
  settings: cuipoSettings,
  registros: REGISTROS_CUIPO,
  create: (values, tools) => createCuipoAdapter(toCuipoSettings(values), tools),
};

/** CUIPO: SODA live, workbooks and dumps from a folder, one answer of the latest reception. */
export function createCuipoAdapter(
  settings: CuipoSettings,
  tools: AdapterTools & { readonly dispatcher?: Dispatcher },
): Adapter {
  const { appToken, dropDir, timeoutMs, windows } = settings;
  const source = createHttpSource({
    sistema: SISTEMA,
    baseUrl: settings.baseUrl,
    connections: 8,
    maxConcurrent: 8,
    timeoutMs,
    tools,
    ...(tools.dispatcher === undefined ? {} : { dispatcher: tools.dispatcher }),
  });
  const soda = createSodaClient({
    sistema: SISTEMA,
    source,
    windows,
    tools,
    ...(appToken === undefined ? {} : { appToken }),
  });
  const client = createCuipoClient(soda);
  const carpeta = dropDir === undefined ? null : createCarpeta(dropDir, tools);
  const lectura = createLectura(client, carpeta, tools.now);
  const medir = createMedicion(client, carpeta, tools.now);
  const barrer = createBarrido(client, carpeta, lectura);
  const directorio = createDirectorio(client);

  const read: Adapter['read'] = (registro, acceso, keys, ctx) =>
    registro.nombre === EntidadChip.nombre
      ? directorio.read(acceso, keys, ctx)
      : lectura({ forma: requireForma(registro), registro, acceso, keys }, ctx);

  const topPerKey: Adapter['topPerKey'] = async (
    registro,
    acceso,
    keys,
    filtro,
    orden,
    options,
    ctx,
  ) =>
    new Map(
      [...(await read(registro, acceso, keys, ctx))].map(([key, outcome]) => [
        key,
        toTop(registro, outcome, filtro, orden, options),
      ]),
    );

  return {
    id: SISTEMA,
    registros: REGISTROS_CUIPO,
    capabilities,
    async version(registro, ctx) {
      const dataset = formaOf(registro)?.dataset ?? DIRECTORIO;
      const live = await client.version(dataset, ctx);
      const local = dataset === DIRECTORIO ? null : ((await carpeta?.version(ctx)) ?? null);
      return joinVersions(local === null ? [live] : [local, live]) ?? live;
    },
    read,
    topPerKey,
    async page(registro, filtro, orden, options, ctx) {
      const pinned = pinAcceso(registro, filtro);
      if (pinned === null) return refused();
      const byKey = await read(registro, pinned.acceso, pinned.keys, ctx);
      return toTop(registro, joinOutcomes(byKey), filtro, orden, options);
    },
    measure(registro, medida, keys, dims, ctx) {
      const declared = registro.medidas[medida];
      if (declared === undefined) throw new TypeError(`${registro.nombre} has no medida ${medida}`);
      return medir(requireForma(registro), declared, keys, dims, ctx);
    },
    async *scan(registro, filtro, resume, ctx) {
      const forma = formaOf(registro);
      if (forma !== undefined) {
        yield* barrer(forma, registro, filtro, resume, ctx);
        return;
      }
      const { rows, version } = await directorio.load(ctx);
      yield { rows: rows.filter((row) => matches(registro, row, filtro)), version, resume: null };
    },
    estado: () => ({ avisos: [...soda.estado().avisos, ...(carpeta?.estado() ?? [])] }),
    async close() {
      carpeta?.close();
      await source.close();
    },
  };
}

/** Lists are cut here, over the rows of one question: CUIPO has few rows per report and no order of its own. */
function capabilities(registro: Registro): Capabilities {
  const hasMedidas = Object.keys(registro.medidas).length > 0;
  return {
    read: 'native',
    page: 'emulated',
    measure: hasMedidas ? 'native' : 'none',
    topPerKey: 'emulated',
    scan: 'native',
    accesos: Object.keys(registro.accesos),
    // A list of full rows for very many entities would be gigabytes.
    maxKeys: formaOf(registro) === undefined || isRaiz(registro) ? MAX_KEYS : MAX_KEYS_FILAS,
  };
}

function requireForma(registro: Registro): Forma {
  const forma = formaOf(registro);
  if (forma === undefined) throw new TypeError(`${registro.nombre} is no form of CUIPO`);
  return forma;
}

/** The first acceso whose keys the filter names one by one. Other lists would be the whole dataset. */
function pinAcceso(
  registro: Registro,
  filtro: Filtro | null,
): { readonly acceso: string; readonly keys: readonly Key[] } | null {
  for (const [acceso, { claves }] of Object.entries(registro.accesos)) {
    const keys = keysOfFiltro(filtro, claves);
    if (keys !== null) return { acceso, keys };
  }
  return null;
}

const refused = (): Extract<Outcome<never>, { at: 'failed' }> => ({
  at: 'failed',
  error: toSourceError(new InsufficientCapabilityError(SISTEMA)),
});

/** All rows of some keys as one list; it fails with the first of them. */
function joinOutcomes(byKey: ByKey<Row>): Outcome<Row> {
  const outcomes = [...byKey.values()];
  const failed = outcomes.find(({ at }) => at === 'failed');
  const found = outcomes.flatMap((outcome) => (outcome.at === 'found' ? outcome.rows : []));
  const answered = outcomes.find((outcome) => outcome.at !== 'failed');
  if (failed !== undefined || answered === undefined) return failed ?? refused();
  return { at: 'found', rows: found, origin: answered.origin };
}

function toTop(
  registro: Registro,
  outcome: Outcome<Row>,
  filtro: Filtro | null,
  orden: readonly Orden[],
  options: ListOptions,
): Outcome<Top> {
  if (outcome.at !== 'found') return outcome;
  const { version } = outcome.origin;
  try {
    const top = topOf(registro, outcome.rows, filtro, orden, options, {
      sistema: SISTEMA,
      version,
    });
    return { at: 'found', rows: [top], origin: outcome.origin };
  } catch (error) {
    if (error instanceof AdapterError) return { at: 'failed', error: toSourceError(error) };
    throw error;
  }
}
