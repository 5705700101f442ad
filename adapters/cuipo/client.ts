import { toCuipoPeriodo, type Periodo } from '../../schema/values/periodo.js';
import type { SourceContext, Version } from '../contract.js';
import type { SodaClient } from '../shared/soda/soda-client.js';
import { and, isIn, quote } from '../shared/soda/soql.js';
import { columnasDeRaiz } from './canal-soda.js';
import { FORMAS, type Forma } from './formas.js';
import type { SodaRaw } from './raw.js';

/** Speaks to the five datasets of datos.gov.co. Returns rows as they are written there. */
export interface CuipoClient {
  /** Root rows of some quarters of a year: one question for any number of entities. */
  fetchRaices(question: RaicesQuestion, ctx: SourceContext): Promise<RawAnswer>;
  /** All rows of one quarter. */
  fetchRenglones(question: PeriodoQuestion, ctx: SourceContext): Promise<RawAnswer>;
  /** Detail rows of one quarter added up by programme or product, vigencia del gasto and entity. */
  fetchPorPrograma(question: PeriodoQuestion, ctx: SourceContext): Promise<RawAnswer>;
  /** Rows of any entity and quarter with one of these spellings of a BPIN. */
  fetchPorBpin(forma: Forma, spellings: readonly string[], ctx: SourceContext): Promise<RawAnswer>;
  /** Who reported which quarter on this form: `codigo_entidad` and `periodo`. */
  fetchReportes(forma: Forma, ctx: SourceContext): Promise<RawAnswer>;
  /** The directory of entities. */
  fetchEntidades(ctx: SourceContext): Promise<RawAnswer>;
  version(dataset: string, ctx: SourceContext): Promise<Version>;
}

export interface PeriodoQuestion {
  readonly forma: Forma;
  readonly entidades: readonly string[];
  readonly vigencia: number;
  readonly periodo: Periodo;
}

export interface RaicesQuestion {
  readonly forma: Forma;
  readonly entidades: readonly string[];
  readonly vigencia: number;
  readonly periodos: readonly Periodo[];
}

export interface RawAnswer {
  readonly rows: readonly SodaRaw[];
  readonly version: Version;
}

export const DIRECTORIO = '5c7g-ptic';

/** An order for pages. Rows with equal keys stay together, so it need not be unique. */
const PAGINA = ['codigo_entidad', 'periodo', 'cuenta'];

export function createCuipoClient(soda: SodaClient): CuipoClient {
  const entidad = { column: 'codigo_entidad' } as const;
  // Numbers already are texts; links and points do not occur in these datasets.
  const toRaw = ({ rows, version }: { rows: readonly unknown[]; version: Version }): RawAnswer => ({
    rows: rows as readonly SodaRaw[],
    version,
  });
  const askRaices = async (
    { forma, entidades, vigencia, periodos }: RaicesQuestion,
    column: string,
    ctx: SourceContext,
  ): Promise<RawAnswer> => {
    const values = periodos.map((periodo) => toCuipoPeriodo(vigencia, periodo));
    const cover = isIn('periodo', values);
    const where = `${cover} and ${column} = ${quote(forma.cuentaRaiz)}`;
    const select = columnasDeRaiz(forma);
    const keys = { ...entidad, values: entidades, where, cover, select, pageKey: PAGINA };
    return toRaw(await soda.readByKeys(forma.dataset, keys, ctx));
  };
  return {
    async fetchRaices(question, ctx) {
      const answer = await askRaices(question, 'cuenta', ctx);
      const shifted = missingPeriodos(question, answer.rows);
      if (question.forma !== FORMAS.A || shifted.length === 0) return answer;
      const more = await askRaices({ ...question, periodos: shifted }, 'ambito_codigo', ctx);
      return { ...answer, rows: [...answer.rows, ...more.rows] };
    },
    async fetchRenglones({ forma, entidades, vigencia, periodo }, ctx) {
      const where = `periodo = ${quote(toCuipoPeriodo(vigencia, periodo))}`;
      const keys = { ...entidad, values: entidades, where, pageKey: PAGINA };
      return toRaw(await soda.readByKeys(forma.dataset, keys, ctx));
    },
    async fetchPorPrograma({ forma, entidades, vigencia, periodo }, ctx) {
      const cover = `periodo = ${quote(toCuipoPeriodo(vigencia, periodo))}`;
      const where = and(cover, whereDetalle(forma)) ?? cover;
      const group = ['codigo_entidad', 'cod_vigencia_del_gasto', 'cod_programatico_mga'];
      const sums = Object.values(forma.montos).map(({ soda: name }) => `sum(${name}) as ${name}`);
      const select = [...group, ...sums, 'count(*) as renglones'];
      const keys = { ...entidad, values: entidades, where, cover, select, group, pageKey: group };
      return toRaw(await soda.readByKeys(forma.dataset, keys, ctx));
    },
    async fetchPorBpin(forma, spellings, ctx) {
      const keys = { column: 'bpin', values: spellings, pageKey: PAGINA };
      return toRaw(await soda.readByKeys(forma.dataset, keys, ctx));
    },
    async fetchReportes(forma, ctx) {
      const key = ['codigo_entidad', 'periodo'];
      const askBy = async (column: string): Promise<RawAnswer> => {
        const where = `${column} = ${quote(forma.cuentaRaiz)}`;
        return toRaw(
          await soda.queryAll(forma.dataset, { select: key, where, group: key, key }, ctx),
        );
      };
      const answer = await askBy('cuenta');
      return answer.rows.length > 0 || forma !== FORMAS.A ? answer : askBy('ambito_codigo');
    },
    fetchEntidades: async (ctx) => toRaw(await soda.queryAll(DIRECTORIO, { key: ['nit'] }, ctx)),
    version: (dataset, ctx) => soda.version(dataset, ctx),
  };
}

/**
 * Some publications of form A answer under the names of neighbouring columns: then no account stands in `cuenta`. Quarters
 * after the last one found are simply not reported yet.
 */
function missingPeriodos(
  { vigencia, periodos }: RaicesQuestion,
  rows: readonly SodaRaw[],
): Periodo[] {
  const found = new Set(rows.map((row) => row.periodo));
  const isFound = (periodo: Periodo): boolean => found.has(toCuipoPeriodo(vigencia, periodo));
  const last = periodos.findLastIndex(isFound);
  return periodos.filter((periodo, at) => !isFound(periodo) && (last < 0 || at < last));
}

/** Detail rows are the ones that open by a dimension which parents leave empty: on SODA they are the leaves. */
const whereDetalle = (forma: Forma): string => {
  const column = `nom_${forma.dimensiones[forma.detalle[0] ?? '']?.soda ?? ''}`;
  return `${column} is not null and ${column} != 'NO DEFINIDO'`;
};
