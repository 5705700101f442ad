import { LRUCache } from 'lru-cache';
import { proyectosDe } from '../proyectos.js';
import { tieneExportacionReal, VIGENCIAS_CUIPO, type EntidadSemilla, type World } from '../seed.js';
import type { Pushdown, Row, SodaColumn, SodaDataset } from '../soda/dataset.js';
import type { SandboxSystem } from '../system.js';
import { createEntidadesChip } from './cuipo/entidades-chip.js';
import { createPlan, reporta, type PlanEntidad } from './cuipo/plan.js';
import { reportRows, rootRows, type Formulario, type Reporte } from './cuipo/rows.js';

const PUBLISHED = '2026-05-04T15:12:09.000Z';
const MONTHS = ['03', '06', '09', '12'];
/** Row indexes of one report; more than any report has, also at national scale. */
const REPORT_SPACE = 8192;

const TEXT_BASE =
  'periodo codigo_entidad nombre_entidad ambito_codigo ambito_nombre cuenta nombre_cuenta';
const TEXT_SPENDING =
  'cod_vigencia_del_gasto nom_vigencia_del_gasto cod_seccion_presupuestal nom_seccion_presupuestal ' +
  'cod_sector cod_programatico_mga nom_programatico_mga bpin';

const FORMS: Readonly<
  Record<Formulario, readonly [id: string, name: string, text: string, money: string]>
> = {
  A: [
    '22ah-ddsj',
    'OVCF - CUIPO - PROGRAMACIÓN DE INGRESOS',
    `${TEXT_BASE} cod_detalle_sectorial nom_detalle_sectorial`,
    'presupuesto_inicial presupuesto_definitivo',
  ],
  B: [
    '9axr-9gnb',
    'OVCF - CUIPO - EJECUCIÓN DE INGRESOS',
    `${TEXT_BASE} cod_cpc nom_cpc cod_detalle_sectorial nom_detalle_sectorial cod_fuentes_financiacion ` +
      'nom_fuentes_financiacion cod_terceros nom_terceros cod_politica_publica nom_politica_publica ' +
      'numero_fecha_norma cod_tipo_norma nom_tipo_norma',
    'recaudo_vac_ss recaudo_vac_cs recaudo_van_ss recaudo_van_cs total_recaudo',
  ],
  C: [
    'd9mu-h6ar',
    'OVCF - CUIPO - PROGRAMACIÓN DE GASTOS',
    `${TEXT_BASE} ${TEXT_SPENDING} cod_detalle_sectorial nom_detalle_sectorial`,
    'apropiacion_inicial apropiacion_definitiva',
  ],
  D: [
    '4f7r-epif',
    'OVCF - CUIPO - EJECUCIÓN DE GASTOS',
    `${TEXT_BASE} ${TEXT_SPENDING} cod_cpc nom_cpc sectorial cod_fuentes_financiacion ` +
      'nom_fuentes_financiacion cod_situacion_de_fondos nom_situacion_de_fondos cod_politica_publica ' +
      'nom_politica_publica cod_terceros nom_terceros',
    'compromisos obligaciones pagos',
  ],
};

interface Periodo {
  readonly periodo: string;
  readonly vigencia: number;
  readonly trimestre: number;
}

/** Every period of the fixed vigencias, oldest first. */
export const PERIODOS_CUIPO: readonly Periodo[] = VIGENCIAS_CUIPO.flatMap((vigencia) =>
  MONTHS.map((month, trimestre) => ({ periodo: `${vigencia}${month}01`, vigencia, trimestre })),
);

function columnsOf(text: string, money: string): SodaColumn[] {
  return [
    ...text.split(' ').map((name): SodaColumn => ({ name, type: 'text' })),
    ...money.split(' ').map((name): SodaColumn => ({ name, type: 'number' })),
  ];
}

/** The reports of the whole sandbox, with their plans cached. */
class Reportes {
  readonly #world: World;
  readonly #plans = new LRUCache<string, PlanEntidad>({ max: 4000 });
  readonly #rows = new LRUCache<string, readonly Row[]>({ max: 400 });
  readonly #roots = new LRUCache<string, readonly Row[]>({ max: 30_000 });
  #porBpin: ReadonlyMap<string, EntidadSemilla> | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  #plan(e: EntidadSemilla, vigencia: number): PlanEntidad {
    const key = `${e.codigoChip}|${vigencia}`;
    const known = this.#plans.get(key);
    if (known) return known;
    const plan = createPlan(this.#world, e, vigencia);
    this.#plans.set(key, plan);
    return plan;
  }

  #entidadesPorBpin(bpins: ReadonlySet<string>): ReadonlySet<EntidadSemilla> {
    this.#porBpin ??= new Map(
      this.#world.territoriales.flatMap((e) =>
        proyectosDe(this.#world, e).map((p): [string, EntidadSemilla] => [p.bpinCuipo, e]),
      ),
    );
    const map = this.#porBpin;
    return new Set([...bpins].flatMap((b) => map.get(b) ?? []));
  }

  /** Null when any entity may match; projects belong to one, but "no project" belongs to all. */
  #candidates(pushdown: Pushdown): ReadonlySet<EntidadSemilla> | undefined {
    const bpins = pushdown.values('bpin');
    if (!bpins || [...bpins].some((b) => !/^\d{12,}$/.test(b))) return undefined;
    return this.#entidadesPorBpin(bpins);
  }

  #rootRows(reporte: Reporte, form: Formulario): readonly Row[] {
    const key = `${form}|${reporte.periodo}|${reporte.entidad.codigoChip}`;
    const known = this.#roots.get(key);
    if (known) return known;
    const rows = rootRows(reporte, form);
    this.#roots.set(key, rows);
    return rows;
  }

  #reportRows(reporte: Reporte, form: Formulario): readonly Row[] {
    const key = `${form}|${reporte.periodo}|${reporte.entidad.codigoChip}`;
    const known = this.#rows.get(key);
    if (known) return known;
    const rows = reportRows(reporte, form);
    if (this.#world.escala === 'normal') this.#rows.set(key, rows);
    return rows;
  }

  *rows(form: Formulario, pushdown: Pushdown): Iterable<Row> {
    const world = this.#world;
    const last = PERIODOS_CUIPO.at(-1)?.periodo ?? '';
    const accounts = pushdown.values('cuenta');
    const rootsOnly = accounts !== undefined && [...accounts].every((c) => c === '1' || c === '2');
    const candidates = this.#candidates(pushdown);
    const entidades = world.territoriales
      .map((entidad, place) => ({ entidad, place }))
      .filter(({ entidad }) => candidates?.has(entidad) ?? true)
      .filter(({ entidad }) => pushdown.accepts('codigo_entidad', entidad.codigoChip));
    const after = pushdown.afterIndex ?? -1;
    for (const [p, period] of PERIODOS_CUIPO.entries()) {
      if (!pushdown.accepts('periodo', period.periodo)) continue;
      for (const { entidad, place } of entidades) {
        const base = (p * world.territoriales.length + place) * REPORT_SPACE;
        if (base + REPORT_SPACE <= after) continue;
        if (tieneExportacionReal('cuipo', entidad.divipola, period.vigencia)) continue;
        if (!reporta(world, entidad, period.periodo, last)) continue;
        const plan = this.#plan(entidad, period.vigencia);
        const reporte: Reporte = { world, entidad, ...period, plan };
        const rows = rootsOnly ? this.#rootRows(reporte, form) : this.#reportRows(reporte, form);
        if (!pushdown.wantsId) yield* rows;
        else for (const [i, row] of rows.entries()) yield { ...row, ':id': base + i };
      }
    }
  }
}

function createDatasets(world: World): SodaDataset[] {
  const reportes = new Reportes(world);
  const forms = (['A', 'B', 'C', 'D'] as const).map((form): SodaDataset => {
    const [id, name, text, money] = FORMS[form];
    return {
      id,
      name,
      columns: columnsOf(text, money),
      index: ['periodo', 'codigo_entidad', 'cuenta', 'bpin'],
      updatedAt: PUBLISHED,
      ordered: true,
      rows: (pushdown) => reportes.rows(form, pushdown),
    };
  });
  return [...forms, createEntidadesChip(world)];
}

export const cuipo: SandboxSystem = {
  sistema: 'cuipo',
  soda: createDatasets,
  exports: [
    'muestra_chip_219105091_2025T4_cuipo_A_programacion_ingresos.xlsx',
    'muestra_chip_219105091_2025T4_cuipo_B_ejecucion_ingresos.xlsx',
    'muestra_chip_219105091_2025T4_cuipo_C_programacion_gastos.xlsx',
    'muestra_chip_219105091_2025T4_cuipo_D_ejecucion_gastos.xlsx',
    'muestra_cuipo_datosabiertos_214505145_2021-2023.csv',
  ],
};
