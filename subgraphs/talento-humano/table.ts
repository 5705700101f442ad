import { Reason } from '../subgraph.js';
import type { EntidadConocida, Field, FieldEnv, Node, Table } from '../subgraph.js';
import {
  alcaldiasOfDepartamento,
  alcaldiasOfRegion,
  entidadOfEntidad,
  entidadOfMunicipio,
  type Cuerpos,
} from './entidades.js';
import { PLANTA, readPlantas, sumPlantas, warnExceeded, type Planta } from './planta.js';
import {
  CODIGOS,
  failedServidores,
  hasServidores,
  readServidores,
  servidores,
} from './servidores.js';

const sinEntidad = (): Reason =>
  new Reason('SIN_ENTIDAD', 'El territorio no tiene una entidad propia que reporte.');

const sinRegistro = (): Reason =>
  new Reason('SIN_REGISTRO', 'SIGEP no tiene registro de la planta de la entidad.', 'sigep');

/** What is left to say when only the open data know the entity. */
const SIN_PLANTA: Planta = {
  cargos: null,
  provistos: null,
  vacantes: null,
  porNivel: [],
  corte: null,
};

const talentoDeEntidad = (
  entidadOf: (node: Node, env: FieldEnv) => EntidadConocida | null,
): Field => ({
  steps: [
    (node, _args, env) => {
      const codigo = entidadOf(node, env)?.sigep ?? null;
      return codigo === null ? [] : [readPlantas([codigo]), ...readServidores([codigo], env)];
    },
  ],
  value: (node, _args, env, rows) => {
    const entidad = entidadOf(node, env);
    if (entidad === null) return sinEntidad();
    if (entidad.sigep === null) return sinRegistro();
    const codigos = [entidad.sigep];
    const planta = sumPlantas(codigos, rows);
    const elsewhere = hasServidores(codigos, env, rows) || failedServidores(codigos, env, rows);
    if (planta === null && !elsewhere) return sinRegistro();
    warnExceeded(codigos, rows, env);
    return { ...(planta ?? SIN_PLANTA), cobertura: null, [CODIGOS]: codigos };
  },
});

/** Sum over the alcaldías: posts are stock at one date, so adding them over places is legal. */
const talentoSumado = (cuerposOf: (node: Node, env: FieldEnv) => Cuerpos): Field => ({
  steps: [
    (node, _args, env) => {
      const { codigos } = cuerposOf(node, env);
      return codigos.length === 0 ? [] : [readPlantas(codigos), ...readServidores(codigos, env)];
    },
  ],
  value: (node, _args, env, rows) => {
    const { codigos, total, sinCodigo, divipolaOf } = cuerposOf(node, env);
    if (total === 0) return sinEntidad();
    const planta = sumPlantas(codigos, rows);
    if (planta === null && !hasServidores(codigos, env, rows)) return sinRegistro();
    warnExceeded(codigos, rows, env);
    const without = codigos.filter((codigo) => rows.outcome(PLANTA, codigo).at !== 'found');
    const faltantes = [...sinCodigo, ...without.map(divipolaOf)].sort();
    const cobertura = {
      incluidas: total - faltantes.length,
      total,
      parcial: faltantes.length > 0,
      faltantes,
    };
    return { ...(planta ?? SIN_PLANTA), cobertura, [CODIGOS]: codigos };
  },
});

export const table: Table = {
  Municipio: { talentoHumano: talentoDeEntidad(entidadOfMunicipio) },
  Departamento: { talentoHumano: talentoSumado(alcaldiasOfDepartamento) },
  Region: { talentoHumano: talentoSumado(alcaldiasOfRegion) },
  Entidad: { talentoHumano: talentoDeEntidad(entidadOfEntidad) },
  TalentoHumano: { servidores },
};
