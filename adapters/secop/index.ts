import type { Dispatcher } from 'undici';
import type { Registro } from '../../schema/registro.js';
import { Contrato, REGISTROS_SECOP } from '../../schema/registros/secop.js';
import type { Adapter, Capabilities } from '../contract.js';
import { InsufficientCapabilityError } from '../errors.js';
import { createHttpSource } from '../shared/http/http-source.js';
import type { AdapterRegistration } from '../shared/registration.js';
import { createSodaClient } from '../shared/soda/soda-client.js';
import type { AdapterTools } from '../shared/tools.js';
import { createBarrido } from './barrido.js';
import { createSecopClient } from './client.js';
import { conjuntoOf, failAll, settled, SISTEMA } from './filas.js';
import { createLectura } from './lectura.js';
import { createListas } from './listas.js';
import { secopSettings, toSecopSettings, type SecopSettings } from './settings.js';

/** About ten addresses of contract ids. */
const MAX_KEYS = 2_500;

export const secop: AdapterRegistration = {
  id: SISTEMA,
  settings: secopSettings,
  registros: REGISTROS_SECOP,
  create: (values, tools) => createSecopAdapter(toSecopSettings(values), tools),
};

/** SECOP II: contracts and the projects they serve, from the open data of Colombia Compra Eficiente. */
export function createSecopAdapter(
  settings: SecopSettings,
  tools: Omit<AdapterTools, 'acopio'> & { readonly dispatcher?: Dispatcher },
): Adapter {
  const { appToken, baseUrl, timeoutMs, windows } = settings;
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
    windows,
    tools,
    ...(appToken === undefined ? {} : { appToken }),
  });
  const client = createSecopClient(SISTEMA, soda);
  const lists = createListas(client);
  return {
    id: SISTEMA,
    registros: REGISTROS_SECOP,
    capabilities: (registro) => capabilitiesOf(registro, windows),
    version: (registro, ctx) => client.version(conjuntoOf(registro).dataset, ctx),
    read: createLectura(client, tools.now),
    page: (registro, filtro, orden, options, ctx) =>
      settled(async () => {
        if (registro.nombre !== Contrato.nombre) throw new InsufficientCapabilityError(SISTEMA);
        return lists.one({ filtro, orden, options }, ctx);
      }),
    measure: (registro, medida) => {
      throw new TypeError(`${registro.nombre} has no medida ${medida}`);
    },
    async topPerKey(registro, acceso, keys, filtro, orden, options, ctx) {
      const isListable = registro.nombre === Contrato.nombre && acceso === 'porNit';
      if (!isListable) return failAll(keys, new InsufficientCapabilityError(SISTEMA));
      try {
        return await lists.perNit(keys, { filtro, orden, options }, tools.now, ctx);
      } catch (error) {
        return failAll(keys, error);
      }
    },
    scan: createBarrido(client),
    estado: () => soda.estado(),
    close: () => source.close(),
  };
}

const capabilitiesOf = (registro: Registro, windows: boolean): Capabilities => {
  const isContrato = registro.nombre === Contrato.nombre;
  return {
    read: 'native',
    page: isContrato ? 'native' : 'none',
    measure: 'none',
    topPerKey: isContrato ? (windows ? 'native' : 'emulated') : 'none',
    scan: 'native',
    accesos: Object.keys(registro.accesos),
    maxKeys: MAX_KEYS,
  };
};
