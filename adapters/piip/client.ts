import type { SourceContext, Version } from '../contract.js';
import { SourceContractError } from '../errors.js';
import type { KeysQuery } from '../shared/soda/by-keys.js';
import type { SodaClient } from '../shared/soda/soda-client.js';
import { isIn, quote } from '../shared/soda/soql.js';
import { coverOf, spellingsOf } from './bpin.js';
import type { Conjunto } from './conjuntos.js';
import type { PiipRaw } from './raw.js';

/** Speaks to the datasets of DNP on datos.gov.co. Returns rows as they are written there. */
export interface PiipClient {
  /** All rows of some projects, in any spelling of their codes: one question for any number of them. */
  fetchPorBpin(
    conjunto: Conjunto,
    bpins: readonly string[],
    ctx: SourceContext,
  ): Promise<RawAnswer>;
  /** All rows of some municipalities (five digits) or departments (two). */
  fetchPorLugar(
    conjunto: Conjunto,
    codigos: readonly string[],
    ctx: SourceContext,
  ): Promise<RawAnswer>;
  /** The first rows of an order. */
  fetchLista(conjunto: Conjunto, lista: ListaQuestion, ctx: SourceContext): Promise<RawAnswer>;
  countRows(
    conjunto: Conjunto,
    where: string | undefined,
    ctx: SourceContext,
  ): Promise<{ readonly count: number; readonly version: Version }>;
  version(conjunto: Conjunto, ctx: SourceContext): Promise<Version>;
}

export interface ListaQuestion {
  readonly where?: string | undefined;
  readonly order: readonly string[];
  readonly limit: number;
}

export interface RawAnswer {
  readonly rows: readonly PiipRaw[];
  readonly version: Version;
}

export function createPiipClient(soda: SodaClient): PiipClient {
  // No column of these datasets is a link or a point.
  const toRaw = ({ rows, version }: { rows: readonly unknown[]; version: Version }): RawAnswer => ({
    rows: rows as readonly PiipRaw[],
    version,
  });
  const selectOf = ({ select }: Conjunto) => (select === undefined ? {} : { select });
  const readKeys = async (
    conjunto: Conjunto,
    keys: Pick<KeysQuery, 'column' | 'values' | 'cover' | 'pageKey'>,
    ctx: SourceContext,
  ): Promise<RawAnswer> =>
    toRaw(await soda.readByKeys(conjunto.id, { ...selectOf(conjunto), ...keys }, ctx));
  return {
    fetchPorBpin(conjunto, bpins, ctx) {
      const values = bpins.flatMap(spellingsOf);
      const cover = coverOf('bpin', values);
      return readKeys(conjunto, { column: 'bpin', values, cover, pageKey: conjunto.pagina }, ctx);
    },
    fetchPorLugar(conjunto, codigos, ctx) {
      const isMunicipio = codigos.some((codigo) => codigo.length === 5);
      const column = isMunicipio ? 'codigomunicipio' : 'codigodepartamento';
      const values = codigos.flatMap(withLostZero);
      const departamentos = [...new Set(codigos.map((codigo) => codigo.slice(0, 2)))];
      const cover = isIn('codigodepartamento', departamentos.flatMap(withLostZero));
      const pageKey = [column, ...conjunto.pagina.filter((name) => name !== column)];
      return readKeys(conjunto, { column, values, cover, pageKey }, ctx);
    },
    async fetchLista(conjunto, { where, order, limit }, ctx) {
      const beside = where === undefined ? {} : { where };
      return toRaw(
        await soda.query(conjunto.id, { ...selectOf(conjunto), ...beside, order, limit }, ctx),
      );
    },
    async countRows(conjunto, where, ctx) {
      const beside = where === undefined ? {} : { where };
      const query = { select: ['count(*) as cuantos'], ...beside, limit: 1 };
      const { rows, version } = toRaw(await soda.query(conjunto.id, query, ctx));
      const count = Number(rows[0]?.cuantos);
      if (!Number.isSafeInteger(count)) throw new SourceContractError('piip');
      return { count, version };
    },
    version: (conjunto, ctx) => soda.version(conjunto.id, ctx),
  };
}

/** A publisher's spreadsheet may have lost the zero of `05091`. */
const withLostZero = (codigo: string): string[] =>
  codigo.startsWith('0') ? [codigo, codigo.slice(1)] : [codigo];

export const afterBpin = (bpinOriginal: string): string => `bpin > ${quote(bpinOriginal)}`;
