import { REGISTROS_ERP } from '../../schema/registros/erp.js';
import type { Adapter } from '../contract.js';
import { createEntregasAdapter } from '../shared/drop/entregas-adapter.js';
import { sinCarpeta } from '../shared/drop/entregas.js';
import type { AdapterRegistration } from '../shared/registration.js';
import type { AdapterTools } from '../shared/tools.js';
import { createCarpeta, SISTEMA } from './carpeta.js';
import { erpSettings, toErpSettings, type ErpSettings } from './settings.js';

/** Entities asked at once; each has a dozen deliveries a year. */
const MAX_KEYS = 5_000;

export const erp: AdapterRegistration = {
  id: SISTEMA,
  settings: erpSettings,
  registros: REGISTROS_ERP,
  create: (values, tools) => createErpAdapter(toErpSettings(values), tools),
};

/** The books of the entities themselves, from the exports of their ERP. */
export function createErpAdapter({ dropDir }: ErpSettings, tools: AdapterTools): Adapter {
  return createEntregasAdapter({
    sistema: SISTEMA,
    registros: REGISTROS_ERP,
    entregas:
      dropDir === undefined
        ? sinCarpeta(SISTEMA, 'No se ha dado la carpeta de exportaciones (ERP_DROP_DIR).')
        : createCarpeta(dropDir, tools),
    tools,
    // A slot is named by entity, year and month; a total asks for all months of a year.
    holds: (slot, _claves, key) => slot === key || slot.startsWith(`${key}|`),
    maxKeys: MAX_KEYS,
  });
}
