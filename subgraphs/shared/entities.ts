import type { EntityType, Node } from '../subgraph.js';

const entity = (typename: string, property: string): EntityType => ({
  keyOf: (node) => checkKey(typename, node[property]),
  fromKey: (key) => ({ __typename: typename, [property]: checkKey(typename, key) }),
});

/** Without this a null key would ask every other domain for the entity called «null», and find nothing, in silence. */
function checkKey(typename: string, key: unknown): string {
  if (typeof key === 'string' && key !== '') return key;
  throw new TypeError(`a ${typename} without its key`);
}

/** The types that several domains describe, each known everywhere by its key alone. */
export const MUNICIPIO = entity('Municipio', 'codigo');
export const DEPARTAMENTO = entity('Departamento', 'codigo');
export const REGION = entity('Region', 'id');
export const ENTIDAD = entity('Entidad', 'id');
export const PROYECTO = entity('ProyectoInversion', 'bpin');

export const municipioNode = (codigo: string): Node => MUNICIPIO.fromKey(codigo);
export const departamentoNode = (codigo: string): Node => DEPARTAMENTO.fromKey(codigo);
export const regionNode = (id: string): Node => REGION.fromKey(id);
export const entidadNode = (id: string): Node => ENTIDAD.fromKey(id);
export const proyectoNode = (bpin: string): Node => PROYECTO.fromKey(bpin);

/** The node of a territory by the length of its code: two digits a departamento, five a municipio. */
export const territorioNode = (codigo: string): Node =>
  codigo.length === 2 ? departamentoNode(codigo) : municipioNode(codigo);
