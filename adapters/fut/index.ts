import { RaizFut, REGISTRO_FUT, REGISTROS_FUT } from '../../schema/registros/fut.js';
import type { Registro } from '../../schema/registro.js';
import type { Adapter } from '../contract.js';
import { createChipAdapter } from '../shared/chip/chip-adapter.js';
import { createChipDrop } from '../shared/chip/chip-drop.js';
import type { Precedencia } from '../shared/chip/precedencia.js';
import type { AdapterRegistration } from '../shared/registration.js';
import type { AdapterTools } from '../shared/tools.js';
import { FORMAS } from './formas.js';
import { toFilas } from './mapper.js';
import { futSettings, toFutSettings, type FutSettings } from './settings.js';

const SISTEMA = 'fut';

export const fut: AdapterRegistration = {
  id: SISTEMA,
  settings: futSettings,
  registros: REGISTROS_FUT,
  create: (values, tools) => createFutAdapter(toFutSettings(values), tools),
};

/** FUT, the budget forms of 2012 to 2020, from a folder of submission files and workbooks. */
export function createFutAdapter({ dropDir }: FutSettings, tools: AdapterTools): Adapter {
  const drop = createChipDrop({
    sistema: SISTEMA,
    prefijo: 'presupuesto',
    dir: dropDir,
    tools,
    formas: FORMAS,
    registros: REGISTROS_FUT,
    toFilas,
  });
  return createChipAdapter({
    id: SISTEMA,
    sistema: SISTEMA,
    registros: REGISTROS_FUT,
    drop,
    acopio: tools.acopio,
    formulariosOf,
    precedenciaOf: (registro) => (registro === RaizFut ? RAIZ : detalleOf(registro)),
  });
}

const FORMULARIOS = FORMAS.map(({ formulario }) => formulario);

const formulariosOf = (registro: Registro): readonly string[] =>
  registro === RaizFut
    ? FORMULARIOS
    : FORMULARIOS.filter((formulario) => REGISTRO_FUT[formulario] === registro);

const RAIZ: Precedencia = {
  reporte: ['codigoChip', 'vigencia', 'periodo', 'formulario'],
  clave: RaizFut.clave,
  montos: Object.keys(RaizFut.campos).filter((name) => RaizFut.campos[name]?.tipo === 'dinero'),
  isRaiz: () => true,
};

const detalleOf = ({ clave }: Registro): Precedencia => ({
  reporte: ['codigoChip', 'vigencia', 'periodo'],
  clave,
  montos: [],
  isRaiz: () => false,
});
