import type { Field, Table } from '../subgraph.js';
import { InputProblem } from '../subgraph.js';
import { checkVigencia } from '../shared/arguments.js';
import { ejecucion, GASTOS, gastosDeProyecto, INGRESOS } from './ejecucion.js';
import {
  chipOfEntidad,
  chipOfMunicipio,
  entidadesOfDepartamento,
  entidadesOfRegion,
} from './entidades.js';
import { ejecucionErp } from './ejecucion-erp.js';
import { fuenteOf } from './fuentes.js';
import {
  presupuestoDeEntidad,
  presupuestoSumado,
  puntoDeSerie,
  sinEntidad,
} from './presupuesto.js';
import { apropiacionNacion } from './nacion.js';
import { porSector } from './sectores.js';
import { sgp, sgr, transferencias } from './transferencias.js';

/** More years than any source has; bounds the reads of one field. */
const MAX_SERIE = 30;

function vigenciasOf(desde: unknown, hasta: unknown): number[] {
  const first = checkVigencia(desde, 'desde');
  const last = checkVigencia(hasta, 'hasta');
  if (last < first || last - first >= MAX_SERIE) {
    throw new InputProblem({
      codigo: 'VIGENCIA_INVALIDA',
      mensaje: `La serie va de desde a hasta y abarca como máximo ${MAX_SERIE} vigencias.`,
      campo: 'hasta',
      ejemplo: 'serie(desde: 2018, hasta: 2025)',
    });
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

const serie: Field = {
  steps: [
    (node, { desde, hasta }, env) => {
      const chip = chipOfMunicipio(node, env);
      const vigencias = vigenciasOf(desde, hasta);
      return chip === null
        ? []
        : vigencias.flatMap((vigencia) => fuenteOf(vigencia).readsOf([chip], vigencia));
    },
  ],
  value: (node, { desde, hasta }, env, rows) => {
    const chip = chipOfMunicipio(node, env);
    if (chip === null) return sinEntidad();
    return vigenciasOf(desde, hasta).map((vigencia) => puntoDeSerie(chip, vigencia, rows, env));
  },
};

export const table: Table = {
  Municipio: {
    presupuesto: presupuestoDeEntidad(chipOfMunicipio),
    serie,
    transferencias,
    ejecucionGastos: ejecucion(GASTOS, chipOfMunicipio),
    ejecucionIngresos: ejecucion(INGRESOS, chipOfMunicipio),
  },
  Departamento: { presupuesto: presupuestoSumado(entidadesOfDepartamento), transferencias },
  Region: { presupuesto: presupuestoSumado(entidadesOfRegion) },
  Entidad: { presupuesto: presupuestoDeEntidad(chipOfEntidad), ejecucionErp },
  ProyectoInversion: { gastos: gastosDeProyecto },
  Presupuesto: { porSector },
  Transferencias: { sgp, sgr },
  Query: { apropiacionNacion },
};
