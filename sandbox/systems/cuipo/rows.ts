import { hash53, splitExact } from '../../hash.js';
import type { EntidadSemilla, World } from '../../seed.js';
import type { Cell, Row } from '../../soda/dataset.js';
import { lineasGasto, lineasIngreso, type LineaEjecucion, type LineaGasto } from './lines.js';
import { SECCIONES, VIGENCIAS_GASTO, type PlanEntidad, type SeccionPlan } from './plan.js';

export type Formulario = 'A' | 'B' | 'C' | 'D';

/** What one report (entity, quarter) of one form is computed from. */
export interface Reporte {
  readonly world: World;
  readonly entidad: EntidadSemilla;
  readonly vigencia: number;
  readonly trimestre: number;
  readonly periodo: string;
  readonly plan: PlanEntidad;
}

interface Hoja {
  readonly cuenta: string;
  readonly montos: readonly number[];
  readonly dims: Readonly<Record<string, Cell>>;
}

const MONTOS: Readonly<Record<Formulario, readonly string[]>> = {
  A: ['presupuesto_inicial', 'presupuesto_definitivo'],
  B: ['recaudo_vac_ss', 'recaudo_vac_cs', 'recaudo_van_ss', 'recaudo_van_cs', 'total_recaudo'],
  C: ['apropiacion_inicial', 'apropiacion_definitiva'],
  D: ['compromisos', 'obligaciones', 'pagos'],
};

/** Parents carry no code; their names say so, differently by form. */
const PARENT_DIMS: Readonly<Record<Formulario, Readonly<Record<string, Cell>>>> = {
  A: { nom_detalle_sectorial: 'NO APLICA' },
  B: {
    nom_cpc: 'NO APLICA',
    nom_detalle_sectorial: 'NO APLICA',
    nom_fuentes_financiacion: 'NO APLICA',
    nom_terceros: 'NO APLICA',
    nom_politica_publica: 'NO APLICA',
    nom_tipo_norma: 'NO APLICA',
  },
  C: { nom_programatico_mga: 'NO DEFINIDO', nom_detalle_sectorial: 'NO DEFINIDO' },
  D: {
    nom_programatico_mga: 'NO DEFINIDO',
    nom_cpc: 'NO DEFINIDO',
    sectorial: 'NO DEFINIDO',
    nom_fuentes_financiacion: 'NO DEFINIDO',
    nom_situacion_de_fondos: 'NO DEFINIDO',
    nom_politica_publica: 'NO DEFINIDO',
    nom_terceros: 'NO DEFINIDO',
    bpin: 'No Aplica',
  },
};

const AMBITOS: Readonly<Record<string, string>> = {
  A438: 'DEPARTAMENTOS',
  A439: 'MUNICIPIOS',
  A440: 'BOGOTA',
  A441: 'SAN_ANDRES',
};

function ambitoOf(e: EntidadSemilla): string {
  if (e.divipola === '11001') return 'A440';
  if (e.divipola === '88000') return 'A441';
  return e.clase === 'GOBERNACION' ? 'A438' : 'A439';
}

function commonOf({ entidad, periodo }: Reporte): Record<string, Cell> {
  const ambito = ambitoOf(entidad);
  return {
    periodo,
    codigo_entidad: entidad.codigoChip,
    nombre_entidad: entidad.nombres.chip,
    ambito_codigo: ambito,
    ambito_nombre: AMBITOS[ambito],
  };
}

function seccionDims(s: SeccionPlan): Record<string, Cell> {
  return {
    cod_vigencia_del_gasto: String(s.vigenciaGasto),
    nom_vigencia_del_gasto: VIGENCIAS_GASTO[s.vigenciaGasto],
    cod_seccion_presupuestal: s.seccion,
    nom_seccion_presupuestal: SECCIONES[s.seccion],
  };
}

function addInto(sums: Map<string, number[]>, cuenta: string, montos: readonly number[]): void {
  const known = sums.get(cuenta);
  if (known) montos.forEach((m, i) => (known[i] = (known[i] ?? 0) + m));
  else sums.set(cuenta, [...montos]);
}

const sortKeys = new Map<string, string>();

/** Text that sorts accounts by the number of each segment: 2.1 before 2.10, parents before children. */
function sortKeyOf(cuenta: string): string {
  const known = sortKeys.get(cuenta);
  if (known !== undefined) return known;
  const key = cuenta
    .split('.')
    .map((s) => s.padStart(4, '0'))
    .join('.');
  sortKeys.set(cuenta, key);
  return key;
}

function compareCuentas(a: Hoja, b: Hoja): number {
  const x = sortKeyOf(a.cuenta);
  const y = sortKeyOf(b.cuenta);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Every parent account of the leaves, summed exactly; codes of a leaf are not repeated as parents. */
function parentsOf(hojas: readonly Hoja[]): Map<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const { cuenta, montos } of hojas) {
    for (let at = cuenta.lastIndexOf('.'); at > 0; at = cuenta.lastIndexOf('.', at - 1)) {
      addInto(sums, cuenta.slice(0, at), montos);
    }
  }
  return sums;
}

function toRow(reporte: Reporte, form: Formulario, hoja: Hoja, common: Record<string, Cell>): Row {
  const row: Row = {
    ...common,
    cuenta: hoja.cuenta,
    nombre_cuenta: reporte.world.catalog.cuentas.get(hoja.cuenta),
    ...hoja.dims,
  };
  MONTOS[form].forEach((name, i) => (row[name] = hoja.montos[i]));
  return row;
}

/** How an entity writes "no project": three spellings live side by side. */
function sinBpin({ entidad }: Reporte): string {
  return ['0', 'No Aplica', 'NO APLICA'][hash53(entidad.codigoChip) % 3] ?? '0';
}

function programacionHojas(reporte: Reporte, s: SeccionPlan, lines: readonly LineaGasto[]): Hoja[] {
  const weights = lines.map((l) => l.peso);
  const inicial = splitExact(s.inicial, weights);
  const definitiva = splitExact(s.definitiva[reporte.trimestre] ?? 0, weights);
  return lines.map(({ cuenta, proyecto }, i) => ({
    cuenta,
    montos: [inicial[i] ?? 0, definitiva[i] ?? 0],
    dims: {
      cod_sector: proyecto ? proyecto.programa.slice(0, 2) : '0',
      cod_programatico_mga: proyecto?.programa ?? '0',
      nom_programatico_mga: proyecto?.nombrePrograma ?? 'No aplica',
      cod_detalle_sectorial: '0',
      nom_detalle_sectorial: 'NO APLICA',
      bpin: proyecto?.bpinCuipo ?? sinBpin(reporte),
    },
  }));
}

function ejecucionDims(
  reporte: Reporte,
  line: LineaGasto,
  sub: LineaEjecucion,
): Record<string, Cell> {
  const { catalog } = reporte.world;
  const product = catalog.productosPorPrograma
    .get(sub.producto.slice(0, 4))
    ?.find((p) => p.codigo === sub.producto);
  return {
    cod_sector: line.proyecto ? sub.producto.slice(0, 2) : '0',
    cod_programatico_mga: sub.producto,
    nom_programatico_mga: product?.nombre ?? 'No aplica',
    cod_cpc: sub.cpc,
    nom_cpc: catalog.cpc.get(sub.cpc) ?? 'No aplica',
    sectorial: 'NO APLICA',
    cod_fuentes_financiacion: sub.fuente,
    nom_fuentes_financiacion: catalog.fuentes.get(sub.fuente),
    cod_situacion_de_fondos: 'C',
    nom_situacion_de_fondos: 'CON SITUACION DE FONDOS',
    cod_politica_publica: '0',
    nom_politica_publica: 'NO APLICA',
    cod_terceros: '1',
    nom_terceros: 'NO APLICA',
    bpin: line.proyecto?.bpinCuipo ?? sinBpin(reporte),
  };
}

/** In a few reports one line was obligated above its commitment; the totals still hold. */
function disorder(reporte: Reporte, s: SeccionPlan, montos: number[][]): void {
  const mark = hash53(`${reporte.entidad.codigoChip}|${reporte.periodo}|${s.seccion}`) % 25;
  const [first, ...others] = montos;
  const last = others.at(-1);
  if (mark !== 0 || !first || !last) return;
  const [committed = 0, obligated = 0] = first;
  const shift = committed - obligated + Math.floor(committed / 50);
  if ((last[1] ?? 0) - shift < (last[2] ?? 0)) return;
  first[1] = obligated + shift;
  last[1] = (last[1] ?? 0) - shift;
}

function ejecucionHojas(reporte: Reporte, s: SeccionPlan, lines: readonly LineaGasto[]): Hoja[] {
  const q = reporte.trimestre;
  const flat = lines.flatMap((line) => {
    const sum = line.ejecucion.reduce((a, b) => a + b.peso, 0);
    return line.ejecucion.map((sub) => ({ line, sub, peso: (line.peso * sub.peso) / sum }));
  });
  const weights = flat.map((f) => f.peso);
  const parts = [s.compromisos, s.obligaciones, s.pagos].map((m) => splitExact(m[q] ?? 0, weights));
  const montos = flat.map((_, i) => parts.map((p) => p[i] ?? 0));
  disorder(reporte, s, montos);
  return flat.map(({ line, sub }, i) => ({
    cuenta: sub.cuenta,
    montos: montos[i] ?? [],
    dims: ejecucionDims(reporte, line, sub),
  }));
}

function ingresoHojas(reporte: Reporte, form: 'A' | 'B'): Hoja[] {
  const { world, entidad, vigencia, trimestre: q, plan } = reporte;
  const lines = lineasIngreso(world, entidad, vigencia);
  const weights = lines.map((l) => l.peso);
  if (form === 'A') {
    const inicial = splitExact(plan.ingresoInicial, weights);
    const definitivo = splitExact(plan.ingresoDefinitivo[q] ?? 0, weights);
    return lines.map(({ cuenta }, i) => ({
      cuenta,
      montos: [inicial[i] ?? 0, definitivo[i] ?? 0],
      dims: { cod_detalle_sectorial: '0', nom_detalle_sectorial: 'NO APLICA' },
    }));
  }
  const recaudo = splitExact(plan.recaudo[q] ?? 0, weights);
  return lines.flatMap(({ cuenta, via, fuentes }, i) => {
    const parts = splitExact(
      recaudo[i] ?? 0,
      fuentes.map(() => 1),
    );
    return fuentes.map((fuente, j) => ({
      cuenta,
      montos: recaudoMontos(via, parts[j] ?? 0),
      dims: ingresoDims(world, fuente),
    }));
  });
}

function recaudoMontos(via: string, amount: number): number[] {
  return [
    via === 'vac_ss' ? amount : 0,
    via === 'vac_cs' ? amount : 0,
    0,
    via === 'van_cs' ? amount : 0,
    amount,
  ];
}

function ingresoDims(world: World, fuente: string): Record<string, Cell> {
  const law = fuente.startsWith('1.2.3');
  return {
    cod_cpc: '0',
    nom_cpc: 'No aplica',
    cod_detalle_sectorial: '0',
    nom_detalle_sectorial: 'NO APLICA',
    cod_fuentes_financiacion: fuente,
    nom_fuentes_financiacion: world.catalog.fuentes.get(fuente),
    cod_terceros: '1',
    nom_terceros: 'NO APLICA',
    cod_politica_publica: '0',
    nom_politica_publica: 'NO APLICA',
    numero_fecha_norma: law ? '00221-02-2017' : 'NO APLICA',
    cod_tipo_norma: law ? '3' : '0',
    nom_tipo_norma: law ? 'ACUERDO' : 'NO APLICA',
  };
}

/** A block of rows: one section (spending) or the whole form (income); its root row first. */
function blockRows(reporte: Reporte, form: Formulario, hojas: readonly Hoja[], dims: Row): Row[] {
  const common = { ...commonOf(reporte), ...dims };
  const parents = [...parentsOf(hojas)].map(([cuenta, montos]): Hoja => ({
    cuenta,
    montos,
    dims: PARENT_DIMS[form],
  }));
  const all = [...parents, ...hojas].sort(compareCuentas);
  return all.map((h) => toRow(reporte, form, h, common));
}

/** Root rows without computing a line (spending), or from the few income lines. */
export function rootRows(reporte: Reporte, form: Formulario): Row[] {
  if (form === 'A' || form === 'B') {
    const sum = parentsOf(ingresoHojas(reporte, form)).get('1') ?? [];
    const root: Hoja = { cuenta: '1', montos: sum, dims: PARENT_DIMS[form] };
    return [toRow(reporte, form, root, commonOf(reporte))];
  }
  const common = commonOf(reporte);
  const q = reporte.trimestre;
  return reporte.plan.secciones.map((s) => {
    const montos =
      form === 'C'
        ? [s.inicial, s.definitiva[q] ?? 0]
        : [s.compromisos[q] ?? 0, s.obligaciones[q] ?? 0, s.pagos[q] ?? 0];
    const root: Hoja = { cuenta: '2', montos, dims: PARENT_DIMS[form] };
    return toRow(reporte, form, root, { ...common, ...seccionDims(s) });
  });
}

/** All rows of a report, root rows first (so that their index is the same when only they are asked). */
export function reportRows(reporte: Reporte, form: Formulario): Row[] {
  if (form === 'A' || form === 'B') {
    return blockRows(reporte, form, ingresoHojas(reporte, form), {});
  }
  const { world, entidad, vigencia } = reporte;
  const blocks = reporte.plan.secciones.map((s) => {
    const lines = lineasGasto(world, entidad, vigencia, s.vigenciaGasto, s.seccion);
    const hojas =
      form === 'C' ? programacionHojas(reporte, s, lines) : ejecucionHojas(reporte, s, lines);
    return blockRows(reporte, form, hojas, seccionDims(s));
  });
  return [...blocks.map((b) => b.slice(0, 1)), ...blocks.map((b) => b.slice(1))].flat();
}
