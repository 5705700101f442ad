import type { Row } from '../../adapters/contract.js';
import {
  EjecucionProyecto,
  EjecutorProyecto,
  LocalizacionProyecto,
  ProductoProyecto,
} from '../../schema/registros/piip.js';
import { checkVigencia, textOf } from '../shared/arguments.js';
import { territorioNode } from '../shared/entities.js';
import type { Args, Bucket, Field, FieldEnv, Node } from '../subgraph.js';
import { askOne, byAcceso, Reason } from '../subgraph.js';
import { keyOfProyecto, valorNoReportado } from './proyecto.js';

/** The parts of a project that other datasets hold. None of their amounts is ever added up over places. */

/** A list of the rows of one dataset; null, with its reason, where the dataset does not have the project. */
const lista = (
  bucket: Bucket,
  what: string,
  toList: (rows: readonly Row[], args: Args, env: FieldEnv) => unknown,
): Field => ({
  steps: [
    askOne(bucket, (node, args) => {
      checkArgs(args);
      return keyOfProyecto(node);
    }),
  ],
  value: (node, args, env, lookup) => {
    const rows = lookup.rows(bucket, keyOfProyecto(node));
    if (rows.length > 0) return toList(rows, args, env);
    const { sistema } = bucket.registro;
    return new Reason('SIN_REPORTE', `La fuente no publica ${what} de este proyecto.`, sistema);
  },
});

const checkArgs = ({ vigencia }: Args): void => {
  if (vigencia != null) checkVigencia(vigencia);
};

export const ejecucion: Field = lista(
  byAcceso(EjecucionProyecto, 'porBpin'),
  'la ejecución financiera',
  (rows, { vigencia }, env) => {
    const asked = rows.filter((row) => vigencia == null || row.vigencia === vigencia);
    if (asked.some((row) => row.valorNoReportado === true)) env.warn(valorNoReportado().aviso);
    return asked.map(toEjecucion);
  },
);

const toEjecucion = (row: Row): Node => ({
  vigencia: row.vigencia,
  fuenteFinanciacion: row.fuenteFinanciacion ?? null,
  vigente: row.valorVigente ?? null,
  comprometido: row.valorComprometido ?? null,
  obligado: row.valorObligado ?? null,
  pagado: row.valorPagado ?? null,
});

export const productos: Field = lista(
  byAcceso(ProductoProyecto, 'porBpin'),
  'los productos',
  (rows, _args, env) => {
    if (rows.some((row) => row.valorNoReportado === true)) env.warn(valorNoReportado().aviso);
    return rows.map(toProducto);
  },
);

const toProducto = (row: Row): Node => ({
  codigo: row.codigoProducto ?? null,
  nombre: row.producto,
  indicador: row.indicador ?? null,
  meta: row.metaIndicador ?? null,
  avance: row.avanceIndicador ?? null,
  valor: row.valor ?? null,
});

export const localizaciones: Field = lista(
  byAcceso(LocalizacionProyecto, 'porBpin'),
  'la localización',
  (rows, _args, env) => {
    const codes = [...new Set(rows.map((row) => textOf(row.territorio)))].sort();
    const unknown = codes.filter((code) => env.territorio.territorio(code) === undefined);
    if (unknown.length > 0) {
      env.warn({
        codigo: 'TERRITORIO_DESCONOCIDO',
        mensaje: `La fuente localiza el proyecto en códigos que DIVIPOLA no tiene: ${unknown.join(', ')}.`,
        sistema: LocalizacionProyecto.sistema,
      });
    }
    return codes.filter((code) => !unknown.includes(code)).map(territorioNode);
  },
);

export const ejecutores: Field = lista(
  byAcceso(EjecutorProyecto, 'porBpin'),
  'los ejecutores',
  (rows) => rows.map((row) => row.nombre ?? row.ejecutor),
);
