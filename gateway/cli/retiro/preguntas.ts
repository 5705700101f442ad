import { consultar } from '../servicio.js';
import type { Servicio } from '../servicio.js';
import { byTwo } from './by-two.js';

/** Questions that readers ask of the FUT: the same before and after, and the load under which it is retired. */
export interface Pregunta {
  readonly nombre: string;
  readonly query: string;
}

const FORMULARIOS = [
  'INGRESOS',
  'GASTOS_FUNCIONAMIENTO',
  'GASTOS_INVERSION',
  'SERVICIO_DEUDA',
  'RESERVAS',
  'CUENTAS_POR_PAGAR',
  'VIGENCIAS_FUTURAS',
];

const PRESUPUESTO = `periodo fuente
  gastos { apropiacionInicial apropiacion compromisos obligaciones pagos }
  ingresos { presupuestoInicial presupuestoDefinitivo recaudo }`;
const RENGLON = `formulario concepto nombre fuenteFinanciacion presupuestoInicial presupuestoDefinitivo compromisos
  obligaciones pagos recaudo esSubtotal`;

const presupuestos = (departamento: string, vigencia: number): Pregunta => ({
  nombre: `presupuesto ${departamento} ${vigencia}`,
  query: `{ departamento(codigo: "${departamento}") { presupuesto(vigencia: ${vigencia}) { ${PRESUPUESTO} }
    municipios { edges { node { codigo presupuesto(vigencia: ${vigencia}) { ${PRESUPUESTO} } } } } } }`,
});

const renglones = (departamento: string, formulario: string, vigencia: number): Pregunta => ({
  nombre: `${formulario} ${departamento} ${vigencia}`,
  query: `{ departamento(codigo: "${departamento}") { municipios { edges { node { codigo
    registrosFut(formulario: ${formulario}, vigencia: ${vigencia}, first: 60) { totalCount edges { node { ${RENGLON} } } } } } } } }`,
});

/** Real exports, every row of them. */
const exportacion = (municipio: string): Pregunta => ({
  nombre: `exportación ${municipio}`,
  query: `{ municipio(codigo: "${municipio}") { registrosFut(formulario: GASTOS_INVERSION, vigencia: 2019, first: 1000) {
    totalCount edges { node { ${RENGLON} } } } } }`,
});

export function preguntasOf(
  departamentos: readonly string[],
  vigencias: readonly number[],
): Pregunta[] {
  const [first = '05'] = departamentos;
  return [
    ...vigencias.flatMap((vigencia) => departamentos.map((one) => presupuestos(one, vigencia))),
    ...vigencias.flatMap((vigencia) => FORMULARIOS.map((form) => renglones(first, form, vigencia))),
    exportacion('54250'),
    exportacion('05400'),
  ];
}

/** The `data` of every question as text; a question that fails is a reason to stop. */
export async function responder(
  servicio: Servicio,
  preguntas: readonly Pregunta[],
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  await byTwo(preguntas, async ({ nombre, query }) => {
    const { data, errors } = await consultar(servicio, query);
    const [first] = errors ?? [];
    if (first !== undefined) throw new Error(`«${nombre}» falla: ${first.message}`);
    answers.set(nombre, JSON.stringify(data));
  });
  return answers;
}

/** Names of the questions that are answered otherwise. */
export const distintas = (
  antes: ReadonlyMap<string, string>,
  despues: ReadonlyMap<string, string>,
): string[] =>
  [...antes].filter(([nombre, data]) => despues.get(nombre) !== data).map(([nombre]) => nombre);
