import type { Key } from '../../schema/key.js';
import { Contrato } from '../../schema/registros/secop.js';
import type { ListOptions, Outcome, SourceContext, Top, Version } from '../contract.js';
import { topOf } from '../shared/emulation.js';
import { spellingsOf, type ListaQuestion, type RawTop, type SecopClient } from './client.js';
import { notAsked, originOf, SISTEMA, toFilas } from './filas.js';

/** Lists of contracts: one over all of them, or one for each of many entities. */
export function createListas(client: SecopClient) {
  const toTop = ({ rows, hasNext, total }: RawTop): Top => ({
    rows: toFilas(Contrato, rows),
    hasNext,
    ...(total === undefined ? {} : { total }),
  });

  async function one(question: ListaQuestion, ctx: SourceContext): Promise<Outcome<Top>> {
    const answer = await client.fetchLista(question, ctx);
    return { at: 'found', rows: [toTop(answer)], origin: originOf(Contrato, answer.version) };
  }

  /** A NIT has one list per spelling; the first of both together are among the first of each. */
  function join(
    { orden, options }: ListaQuestion,
    lists: readonly RawTop[],
    version: Version,
  ): Top {
    const tops = lists.map(toTop);
    const rows = tops.flatMap((top) => top.rows);
    const first = { first: options.first, after: null, count: false };
    const joined = topOf(Contrato, rows, null, orden, first, { sistema: SISTEMA, version });
    const total = tops.reduce((sum, top) => sum + (top.total ?? 0), 0);
    return {
      rows: joined.rows,
      hasNext: joined.hasNext || tops.some((top) => top.hasNext),
      ...(options.count ? { total } : {}),
    };
  }

  async function perNit(
    keys: readonly Key[],
    question: ListaQuestion,
    now: () => number,
    ctx: SourceContext,
  ): Promise<ReadonlyMap<Key, Outcome<Top>>> {
    const nits = keys.filter((nit) => spellingsOf('nitEntidad', [nit]).length > 0);
    const none = originOf(Contrato, notAsked(now));
    const byKey = new Map<Key, Outcome<Top>>(
      keys.map((key) => [key, { at: 'absent', origin: none }]),
    );
    const [only] = nits;
    if (only === undefined) return byKey;
    if (nits.length === 1) {
      const nit = { op: 'eq' as const, campo: 'nitEntidad', valor: only };
      const filtro =
        question.filtro === null ? nit : { op: 'and' as const, de: [nit, question.filtro] };
      return byKey.set(
        only,
        absentIfEmpty(await one({ ...question, filtro }, ctx), question.options),
      );
    }
    const answer = await client.fetchListas(nits, question, ctx);
    const origin = originOf(Contrato, answer.version);
    for (const [nit, lists] of answer.byNit) {
      const top = join(question, lists, answer.version);
      byKey.set(nit, absentIfEmpty({ at: 'found', rows: [top], origin }, question.options));
    }
    return byKey;
  }
  return { one, perNit };
}

/** An entity without contracts is absent; a list that has ended after a cursor is not. */
function absentIfEmpty(outcome: Outcome<Top>, { after }: ListOptions): Outcome<Top> {
  if (outcome.at !== 'found' || after !== null) return outcome;
  const some = outcome.rows.some(
    ({ rows, hasNext, total = 0 }) => rows.length > 0 || hasNext || total > 0,
  );
  return some ? outcome : { at: 'absent', origin: outcome.origin };
}
