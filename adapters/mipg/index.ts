import { REGISTROS_MDM, REGISTROS_MIPG } from '../../schema/registros/mipg.js';
import { partsOf } from '../../schema/key.js';
import type { Adapter } from '../contract.js';
import { createEntregasAdapter } from '../shared/drop/entregas-adapter.js';
import { sinCarpeta } from '../shared/drop/entregas.js';
import type { AdapterRegistration } from '../shared/registration.js';
import type { AdapterTools } from '../shared/tools.js';
import { createCarpeta, SISTEMA } from './carpeta.js';
import { createMdmAdapter } from './mdm.js';
import {
  mdmSettings,
  mipgSettings,
  toMdmSettings,
  toMipgSettings,
  type MipgSettings,
} from './settings.js';

export { createMdmAdapter } from './mdm.js';

/** Every measured entity of the State in two vigencias. */
const MAX_KEYS = 15_000;

export const mipg: AdapterRegistration = {
  id: SISTEMA,
  settings: mipgSettings,
  registros: REGISTROS_MIPG,
  create: (values, tools) => createMipgAdapter(toMipgSettings(values), tools),
};

/** A measurement of its own with an owner of its own: it shares with MIPG what is asked of it, no datum. */
export const mdm: AdapterRegistration = {
  id: 'mdm',
  settings: mdmSettings,
  registros: REGISTROS_MDM,
  create: (values, tools) => createMdmAdapter(toMdmSettings(values), tools),
};

/** MIPG: the yearly workbooks of results of Función Pública. */
export function createMipgAdapter({ dropDir }: MipgSettings, tools: AdapterTools): Adapter {
  return createEntregasAdapter({
    sistema: SISTEMA,
    registros: REGISTROS_MIPG,
    entregas:
      dropDir === undefined
        ? sinCarpeta(SISTEMA, 'No se ha dado la carpeta de resultados (MIPG_DROP_DIR).')
        : createCarpeta(dropDir, tools),
    tools,
    // A slot begins with its vigencia, which is the second part of every key.
    holds: (slot, _claves, key) => slot.startsWith(`${partsOf(key)[1] ?? ''}|`),
    maxKeys: MAX_KEYS,
  });
}
