import type { Filtro, Orden } from '../../schema/registro.js';
import type { After, ListOptions, SourceContext, Version } from '../contract.js';
import { ExpiredCursorError } from '../errors.js';
import type { SodaClient } from '../shared/soda/soda-client.js';
import type { ColumnByCampo, SodaColumn, SodaOrder } from '../shared/soda/soql.js';
import { and, keyset, orderBy, toOrder, toWhere } from '../shared/soda/soql.js';
import { coverOfNits, spellingsOfBpin, spellingsOfContrato, spellingsOfNit } from './claves.js';
import {
  COLUMNAS_CONTRATO,
  COLUMNAS_CONTRATO_PROYECTO,
  type ContratoProyectoRaw,
  type ContratoRaw,
} from './raw.js';

/** Speaks to two datasets of datos.gov.co. Returns rows as they are written there. */

/** A dataset, its columns by campo, and the columns by which its pages go on. */
export interface Conjunto {
  readonly dataset: string;
  readonly columnas: readonly string[];
  readonly porCampo: ColumnByCampo;
  readonly pagina: readonly string[];
}

const text = (column: string): SodaColumn => ({ column, kind: 'text' });

export const CONTRATOS: Conjunto = {
  dataset: 'jbjy-vk9h',
  columnas: COLUMNAS_CONTRATO,
  porCampo: {
    id: text('id_contrato'),
    referencia: text('referencia_del_contrato'),
    objeto: text('objeto_del_contrato'),
    estado: text('estado_contrato'),
    modalidad: text('modalidad_de_contratacion'),
    fechaFirma: { column: 'fecha_de_firma', kind: 'date' },
    valor: { column: 'valor_del_contrato', kind: 'number' },
    nitEntidad: { column: 'nit_entidad', kind: 'number' },
    nombreEntidad: text('nombre_entidad'),
  },
  pagina: ['id_contrato'],
};

export const CONTRATOS_PROYECTO: Conjunto = {
  dataset: 'd9na-abhe',
  columnas: COLUMNAS_CONTRATO_PROYECTO,
  porCampo: {
    bpin: text('codigo_bpin'),
    idContrato: text('id_contracto'),
    idProceso: text('id_proceso'),
    validacion: text('validacion_bpin'),
  },
  pagina: ['codigo_bpin', 'id_contracto'],
};

export type SecopRaw = ContratoRaw & ContratoProyectoRaw;

export interface RawAnswer {
  readonly rows: readonly SecopRaw[];
  readonly version: Version;
}

export interface RawTop {
  readonly rows: readonly SecopRaw[];
  readonly hasNext: boolean;
  readonly total?: number;
}

export interface ListaQuestion {
  readonly filtro: Filtro | null;
  readonly orden: readonly Orden[];
  readonly options: ListOptions;
}

/** Values of the page columns of a row. */
export type Posicion = readonly (string | null)[];

export interface SecopClient {
  /** Rows with one of these values, in any of their spellings, in the column of a campo. */
  fetchPorClave(
    conjunto: Conjunto,
    campo: string,
    values: readonly string[],
    ctx: SourceContext,
  ): Promise<RawAnswer>;
  /** The first contracts of all that pass a filter. */
  fetchLista(question: ListaQuestion, ctx: SourceContext): Promise<RawTop & RawAnswer>;
  /** The first contracts of each NIT, by its spellings. */
  fetchListas(
    nits: readonly string[],
    question: ListaQuestion,
    ctx: SourceContext,
  ): Promise<{ readonly byNit: ReadonlyMap<string, readonly RawTop[]>; readonly version: Version }>;
  /** One page of a walk over a dataset, after the row with these values of its page columns. */
  fetchPagina(
    conjunto: Conjunto,
    page: { filtro: Filtro | null; after: Posicion | null; limit: number },
    ctx: SourceContext,
  ): Promise<RawAnswer>;
  version(dataset: string, ctx: SourceContext): Promise<Version>;
}

const SPELLINGS: Readonly<Record<string, (value: string) => string[]>> = {
  nitEntidad: spellingsOfNit,
  bpin: spellingsOfBpin,
  id: spellingsOfContrato,
  idContrato: spellingsOfContrato,
};

/** Those of the values that the source may know, in all their spellings. */
export const spellingsOf = (campo: string, values: readonly string[]): string[] => [
  ...new Set(values.flatMap((value) => SPELLINGS[campo]?.(value) ?? [value])),
];

/** A filter on a key asks for all its spellings. */
export function spellFiltro(filtro: Filtro | null): Filtro | null {
  if (filtro === null) return null;
  if (filtro.op === 'and') {
    return { op: 'and', de: filtro.de.map((part) => spellFiltro(part) ?? part) };
  }
  if (!('campo' in filtro) || !(filtro.campo in SPELLINGS)) return filtro;
  const { campo } = filtro;
  if (filtro.op === 'eq')
    return { op: 'in', campo, valores: spellingsOf(campo, [String(filtro.valor)]) };
  if (filtro.op !== 'in') return filtro;
  return { op: 'in', campo, valores: spellingsOf(campo, filtro.valores.map(String)) };
}

/** Whatever a reader orders by, contracts without it come last, and the id makes the order total. */
const toSodaOrder = (orden: readonly Orden[]): SodaOrder[] => {
  const total = orden.some(({ campo }) => campo === 'id')
    ? orden
    : [...orden, { campo: 'id', sentido: 'asc' as const }];
  return toOrder(total, CONTRATOS.porCampo).map((part) => ({ ...part, nulls: 'last' }));
};

const positionOf = (after: After | null): (string | null)[] | null =>
  after === null ? null : after.values.map((value) => (value === null ? null : String(value)));

export function createSecopClient(sistema: string, soda: SodaClient): SecopClient {
  // Links and points are not among the columns asked for: every cell is text.
  const toRaw = (rows: readonly unknown[]): readonly SecopRaw[] => rows as readonly SecopRaw[];
  const requireVersion = (after: After | null, version: Version): void => {
    if (after !== null && after.version !== version.token) throw new ExpiredCursorError(sistema);
  };
  const whereOf = (conjunto: Conjunto, filtro: Filtro | null): string | undefined =>
    toWhere(spellFiltro(filtro), conjunto.porCampo);

  const count = async (where: string | undefined, ctx: SourceContext) => {
    const select = ['count(*) as cuantos'];
    const question = where === undefined ? { select } : { select, where };
    const { rows, version } = await soda.query(CONTRATOS.dataset, question, ctx);
    return { total: Number(rows[0]?.cuantos ?? 0), version };
  };

  return {
    async fetchPorClave({ dataset, columnas, porCampo, pagina }, campo, values, ctx) {
      const target = porCampo[campo];
      if (target === undefined) throw new TypeError(`no column answers for ${campo}`);
      const answer = await soda.readByKeys(
        dataset,
        { ...target, values: spellingsOf(campo, values), select: columnas, pageKey: pagina },
        ctx,
      );
      return { rows: toRaw(answer.rows), version: answer.version };
    },
    async fetchLista({ filtro, orden, options }, ctx) {
      const order = toSodaOrder(orden);
      const position = positionOf(options.after);
      const all = whereOf(CONTRATOS, filtro);
      const where = and(all, position === null ? null : (keyset(order, position) ?? '1 = 0'));
      const question = {
        select: CONTRATOS.columnas,
        ...(where === undefined ? {} : { where }),
        order: orderBy(order),
        limit: options.first + 1,
      };
      const [page, counted] = await Promise.all([
        soda.query(CONTRATOS.dataset, question, ctx),
        options.count ? count(all, ctx) : null,
      ]);
      requireVersion(options.after, page.version);
      return {
        rows: toRaw(page.rows.slice(0, options.first)),
        hasNext: page.rows.length > options.first,
        version: page.version,
        ...(counted === null ? {} : { total: counted.total }),
      };
    },
    async fetchListas(nits, { filtro, orden, options }, ctx) {
      const column = 'nit_entidad';
      const where = whereOf(CONTRATOS, filtro);
      const after = positionOf(options.after);
      const answer = await soda.topPerKey(
        CONTRATOS.dataset,
        {
          column,
          kind: 'number',
          values: spellingsOf('nitEntidad', nits),
          select: CONTRATOS.columnas,
          ...(where === undefined ? {} : { where }),
          order: toSodaOrder(orden),
          first: options.first,
          ...(after === null ? {} : { after }),
          count: options.count,
          cover: coverOfNits(column, nits),
        },
        ctx,
      );
      requireVersion(options.after, answer.version);
      const topOf = (value: string): RawTop[] => {
        const top = answer.byKey.get(value);
        return top === undefined ? [] : [{ ...top, rows: toRaw(top.rows) }];
      };
      const byNit = nits.map((nit) => [nit, spellingsOfNit(nit).flatMap(topOf)] as const);
      return { byNit: new Map(byNit), version: answer.version };
    },
    async fetchPagina(conjunto, { filtro, after, limit }, ctx) {
      const order = conjunto.pagina.map((column): SodaOrder => ({
        ...text(column),
        sentido: 'asc',
      }));
      const where = and(
        whereOf(conjunto, filtro),
        after === null ? null : (keyset(order, after) ?? '1 = 0'),
      );
      const question = {
        select: conjunto.columnas,
        ...(where === undefined ? {} : { where }),
        order: orderBy(order),
        limit,
      };
      const { rows, version } = await soda.query(conjunto.dataset, question, ctx);
      return { rows: toRaw(rows), version };
    },
    version: (dataset, ctx) => soda.version(dataset, ctx),
  };
}
