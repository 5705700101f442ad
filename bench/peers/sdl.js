/** The same graph as ours for federation gateways: one subgraph per system and one of places, entities by their code. */
import { RESUMENES } from '../../dist/bench/grain.js';

const SCALARS = { entero: 'Int', dinero: 'Dinero', decimal: 'Decimal', fecha: 'Fecha' };
const scalarOf = ({ tipo }) => SCALARS[tipo] ?? 'String';

const territorio = `
scalar CodigoDivipola
type Query {
  municipio(codigo: CodigoDivipola!): Municipio
  municipios(first: Int): Municipios!
  departamento(codigo: CodigoDivipola!): Departamento
}
type Municipio @key(fields: "codigo") {
  codigo: CodigoDivipola!
  nombre: String!
}
type Departamento {
  codigo: CodigoDivipola!
  nombre: String!
  municipios(first: Int): Municipios!
}
type Municipios {
  edges: [MunicipioEdge!]!
}
type MunicipioEdge {
  node: Municipio!
}
`;

function sdlOf({ campo, tipo, columnas, registro }) {
  const types = columnas.map((name) => scalarOf(registro.campos[name]));
  const custom = [...new Set(types)].filter((name) => name !== 'Int' && name !== 'String');
  return `
${['CodigoDivipola', ...custom].map((name) => `scalar ${name}`).join('\n')}
type ${tipo} {
${columnas.map((name, at) => `  ${name}: ${types[at]}`).join('\n')}
}
extend type Municipio @key(fields: "codigo") {
  codigo: CodigoDivipola! @external
  ${campo}: ${tipo}
}
`;
}

/** Name → SDL. The name is the path at which the subgraph is served, in small letters as the Rust planner wants it. */
export const SUBGRAPHS = new Map([
  ['territorio', territorio],
  ...RESUMENES.map((resumen) => [resumen.campo.toLowerCase(), sdlOf(resumen)]),
]);
