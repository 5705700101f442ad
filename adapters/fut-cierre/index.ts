import { CierreFiscal, REGISTROS_FUT_CIERRE } from '../../schema/registros/fut.js';
import type { Adapter } from '../contract.js';
import { createChipAdapter } from '../shared/chip/chip-adapter.js';
import { createChipDrop } from '../shared/chip/chip-drop.js';
import type { AdapterRegistration } from '../shared/registration.js';
import type { AdapterTools } from '../shared/tools.js';
import { SITUACION_FISCAL } from './forma.js';
import { toFilas } from './mapper.js';
import { futCierreSettings, toFutCierreSettings, type FutCierreSettings } from './settings.js';

/** The system of origin; the adapter has an id of its own because it outlives the one of the budget forms. */
const SISTEMA = 'fut';
const ID = 'fut-cierre';
const RAIZ = 'C';

export const futCierre: AdapterRegistration = {
  id: ID,
  settings: futCierreSettings,
  registros: REGISTROS_FUT_CIERRE,
  create: (values, tools) => createFutCierreAdapter(toFutCierreSettings(values), tools),
};

/** FUT_CIERRE_FISCAL, the form of the FUT that is still reported, from the same folder as the others. */
export function createFutCierreAdapter(
  { dropDir }: FutCierreSettings,
  tools: AdapterTools,
): Adapter {
  const drop = createChipDrop({
    sistema: SISTEMA,
    prefijo: 'cierre',
    dir: dropDir,
    tools,
    formas: [SITUACION_FISCAL],
    registros: REGISTROS_FUT_CIERRE,
    toFilas,
  });
  return createChipAdapter({
    id: ID,
    sistema: SISTEMA,
    registros: REGISTROS_FUT_CIERRE,
    drop,
    acopio: tools.acopio,
    formulariosOf: () => [SITUACION_FISCAL.formulario],
    precedenciaOf: () => ({
      reporte: ['codigoChip', 'vigencia'],
      clave: CierreFiscal.clave,
      montos: Object.keys(SITUACION_FISCAL.montos),
      isRaiz: ({ concepto }) => concepto === RAIZ,
    }),
  });
}
