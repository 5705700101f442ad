import type { SourceContext, Version } from '../contract.js';
import type { SodaClient } from '../shared/soda/soda-client.js';
import type { ServidoresRaw } from './raw.js';
import { spellingsOf } from './valores.js';

/** Speaks to the open dataset of servants, and asks it for counts only. */
export interface SigepClient {
  /** Counts of some entities. */
  fetchGrupos(codigos: readonly string[], ctx: SourceContext): Promise<GruposAnswer>;
  /** Counts of all entities. */
  fetchTodos(ctx: SourceContext): Promise<GruposAnswer>;
  version(ctx: SourceContext): Promise<Version>;
}

export interface GruposAnswer {
  readonly groups: readonly ServidoresRaw[];
  readonly version: Version;
}

export const SERVIDORES_PUBLICOS = '2jzx-383z';

/**
 * The only columns ever named. The others describe persons (document, birth place, education, salary) or came and went
 * (`idmunicipioentidad`): a question for all columns would bring the former and break on the latter.
 */
const GRUPO = ['codigosigep', 'niveljerarquicoempleo', 'tipodenombramiento'] as const;
const SELECT = [...GRUPO, 'count(*) as servidores'];
const CON_CODIGO = 'codigosigep is not null';

export function createSigepClient(soda: SodaClient): SigepClient {
  const toAnswer = ({ rows, version }: { rows: readonly unknown[]; version: Version }) => ({
    groups: rows as readonly ServidoresRaw[],
    version,
  });
  const question = { select: SELECT, group: GRUPO };
  return {
    async fetchGrupos(codigos, ctx) {
      const values = codigos.flatMap(spellingsOf);
      const keys = {
        ...question,
        column: 'codigosigep',
        values,
        cover: CON_CODIGO,
        pageKey: GRUPO,
      };
      return toAnswer(await soda.readByKeys(SERVIDORES_PUBLICOS, keys, ctx));
    },
    async fetchTodos(ctx) {
      const all = { ...question, where: CON_CODIGO, key: GRUPO, paging: 'offset' as const };
      return toAnswer(await soda.queryAll(SERVIDORES_PUBLICOS, all, ctx));
    },
    // A row of the dataset speaks of a person: the version comes with a count instead.
    async version(ctx) {
      const count = { select: ['count(*) as servidores'], limit: 1 };
      return (await soda.query(SERVIDORES_PUBLICOS, count, ctx)).version;
    },
  };
}
