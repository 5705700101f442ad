/** The queries of the benchmark, as text for GraphQL and as a path for the limit. */
import { RESUMENES } from './grain.js';

const RESUMEN = RESUMENES.map(({ campo, columnas }) => `${campo} { ${columnas.join(' ')} }`);
const MUNICIPIO = `codigo nombre ${RESUMEN.join(' ')}`;

export interface Work {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Path of the same work at the limit. */
  readonly path: string;
}

const POINT = `query Punto($codigo: CodigoDivipola!) { municipio(codigo: $codigo) { ${MUNICIPIO} } }`;
export const point = (code: string): Work => ({
  query: POINT,
  variables: { codigo: code },
  path: `/point?${code}`,
});

export const hot = (code: string): Work => ({ ...point(code), path: `/hot?${code}` });

const DEPARTAMENTO = '05';
export const department: Work = {
  query: `query Departamento($codigo: CodigoDivipola!) { departamento(codigo: $codigo) { codigo nombre municipios(first: 200) { edges { node { ${MUNICIPIO} } } } } }`,
  variables: { codigo: DEPARTAMENTO },
  path: `/department?${DEPARTAMENTO}`,
};

export const nation: Work = {
  query: `{ municipios(first: 1200) { edges { node { ${MUNICIPIO} } } } }`,
  variables: {},
  path: '/nation',
};

/** Several copies of the nation in one answer, for the growth of the cost. */
export const copies = (count: number): Work => ({
  query: `query Copias($naciones: Int!) { copias(naciones: $naciones) { codigo ${RESUMEN.join(' ')} } }`,
  variables: { naciones: count },
  path: `/copies?${count}`,
});

export const VIGENCIA_REAL = 2025;

/** The real grain: root rows of the four forms of CUIPO, by quarter, vigencia del gasto and section. */
export const realNation: Work = {
  query: `{ municipios(first: 1200) { edges { node { codigo presupuesto(vigencia: ${VIGENCIA_REAL}) { periodo ingresos { presupuestoInicial presupuestoDefinitivo recaudo } gastos { apropiacionInicial apropiacion compromisos obligaciones pagos } } } } } }`,
  variables: {},
  path: '/real-nation',
};
