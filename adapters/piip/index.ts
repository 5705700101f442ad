import type { Dispatcher } from 'undici';
import type { Registro } from '../../schema/registro.js';
import { ProyectoInversion, REGISTROS_PIIP } from '../../schema/registros/piip.js';
import type { Adapter, Capabilities } from '../contract.js';
import { AdapterError, toSourceError } from '../errors.js';
import { createHttpSource } from '../shared/http/http-source.js';
import type { AdapterRegistration } from '../shared/registration.js';
import { createSodaClient } from '../shared/soda/soda-client.js';
import type { AdapterTools } from '../shared/tools.js';
import { barrer } from './barrido.js';
import { createPiipClient } from './client.js';
import { conjuntoOf } from './conjuntos.js';
import { createLectura, originOf } from './lectura.js';
import { joinOutcomes, pinAcceso, refused, toTop } from './lista.js';
import { readPagina } from './pagina.js';
import { piipSettings, toPiipSettings, type PiipSettings } from './settings.js';

const SISTEMA = 'piip';
/** Once codes need more than one address they are asked by ranges: the number of calls does not grow with the keys. */
const MAX_KEYS = 50_000;

export const piip: AdapterRegistration = {
  id: SISTEMA,
  settings: piipSettings,
  registros: REGISTROS_PIIP,
  create: (values, tools) => createPiipAdapter(toPiipSettings(values), tools),
};

/** PIIP: the open datasets of DNP, read live by code and by place. */
export function createPiipAdapter(
  { baseUrl, appToken, timeoutMs }: PiipSettings,
  tools: Pick<AdapterTools, 'now' | 'observer'> & { readonly dispatcher?: Dispatcher },
): Adapter {
  const source = createHttpSource({
    sistema: SISTEMA,
    baseUrl,
    connections: 8,
    maxConcurrent: 8,
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
  const client = createPiipClient(soda);
  const read = createLectura(client, tools.now);

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

  const page: Adapter['page'] = async (registro, filtro, orden, options, ctx) => {
    if (registro !== ProyectoInversion) {
      const pinned = pinAcceso(registro, filtro);
      if (pinned === null) return refused();
      const byKey = await read(registro, pinned.acceso, pinned.keys, ctx);
      return toTop(registro, joinOutcomes(byKey), filtro, orden, options);
    }
    try {
      const { top, version } = await readPagina(client, filtro, orden, options, ctx);
      return { at: 'found', rows: [top], origin: originOf(registro, version) };
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      return { at: 'failed', error: toSourceError(error) };
    }
  };

  return {
    id: SISTEMA,
    registros: REGISTROS_PIIP,
    capabilities,
    version: (registro, ctx) => client.version(conjuntoOf(registro), ctx),
    read,
    page,
    topPerKey,
    measure: (registro, medida) => {
      throw new TypeError(`${registro.nombre} has no medida ${medida}`);
    },
    scan: (registro, filtro, resume, ctx) => barrer(client, registro, filtro, resume, ctx),
    estado: () => soda.estado(),
    close: () => source.close(),
  };
}

/** Project values are never added up, so there are no medidas. */
function capabilities(registro: Registro): Capabilities {
  return {
    read: 'native',
    page: registro === ProyectoInversion ? 'native' : 'emulated',
    measure: 'none',
    topPerKey: 'emulated',
    scan: 'native',
    accesos: Object.keys(registro.accesos),
    maxKeys: MAX_KEYS,
  };
}
