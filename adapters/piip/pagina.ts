import type { Filtro, Orden } from '../../schema/registro.js';
import { isDecimal } from '../../schema/values/decimal.js';
import type { After, ListOptions, Row, SourceContext, Top, Version } from '../contract.js';
import { ExpiredCursorError } from '../errors.js';
import { readOneVersion, requireSameVersion } from '../shared/soda/paging.js';
import { and, literal, quote } from '../shared/soda/soql.js';
import { afterBpin, type PiipClient } from './client.js';
import { PROYECTOS } from './conjuntos.js';
import { NO_REPORTADO, ordenOf, REPORTADO, VALOR, whereOf } from './consulta.js';
import type { PiipRaw } from './raw.js';

/** Pages of all projects: the portal filters, orders and cuts; a page begins after the last row of the one before. */

/** One stretch of the list, in one order that the portal gives. A list by amount has two: reported, and not. */
interface Tramo {
  readonly where: string | undefined;
  readonly order: readonly string[];
  /** What comes after a row of this stretch. */
  readonly after: (row: PiipRaw) => string;
}

interface Reading {
  readonly client: PiipClient;
  readonly ctx: SourceContext;
  /** Checks that every answer is of one publication. */
  note: <T extends { readonly version: Version }>(answer: T) => T;
}

export interface Pagina {
  readonly top: Top;
  readonly version: Version;
}

export async function readPagina(
  client: PiipClient,
  filtro: Filtro | null,
  orden: readonly Orden[],
  { first, after, count }: ListOptions,
  ctx: SourceContext,
): Promise<Pagina> {
  const where = whereOf(filtro);
  const tramos = tramosOf(orden, where, after);
  return readOneVersion('piip', async () => {
    const seen: { version: Version | null } = { version: null };
    const note: Reading['note'] = (answer) => {
      seen.version ??= answer.version;
      requireSameVersion(seen.version, answer.version);
      return answer;
    };
    const reading = { client, ctx, note };
    const [rows, total] = await Promise.all([
      readTramos(reading, tramos, first + 1),
      count ? client.countRows(PROYECTOS, where, ctx).then(note) : null,
    ]);
    const version = seen.version ?? (await client.version(PROYECTOS, ctx));
    if (after !== null && after.version !== version.token) throw new ExpiredCursorError('piip');
    const top: Top = {
      rows: rows.slice(0, first),
      hasNext: rows.length > first,
      ...(total === null ? {} : { total: total.count }),
    };
    return { top, version };
  });
}

function tramosOf(
  orden: readonly Orden[],
  where: string | undefined,
  after: After | null,
): readonly Tramo[] {
  const byBpin = (own: string | undefined): Tramo => ({
    where: own,
    order: ['bpin'],
    after: ({ bpin = '' }) => afterBpin(bpin),
  });
  if (ordenOf(orden) === 'BPIN') {
    const [bpin] = after?.values ?? [];
    return [byBpin(and(where, afterBpin(typeof bpin === 'string' ? bpin : '')))];
  }
  const [valor = null, bpin = ''] = after?.values ?? [];
  const last = typeof bpin === 'string' ? bpin : '';
  const sinValor = byBpin(
    and(where, NO_REPORTADO, afterBpin(after !== null && valor === null ? last : '')),
  );
  if (after !== null && valor === null) return [sinValor];
  const conValor: Tramo = {
    where: and(where, REPORTADO, after === null ? afterBpin('') : afterValor(String(valor), last)),
    order: [`${VALOR} desc`, 'bpin'],
    after: (row) => afterValor(row.valorvigenteproyecto?.trim() ?? '0', row.bpin ?? ''),
  };
  return [conValor, sinValor];
}

function afterValor(valor: string, bpin: string): string {
  if (!isDecimal(valor) && !/^-?\d+\.\d+$/.test(valor)) throw new ExpiredCursorError('piip');
  const amount = literal(valor, 'number');
  return `${VALOR} < ${amount} or (${VALOR} = ${amount} and bpin > ${quote(bpin)})`;
}

/** Goes on where rows were no record (a damaged code), so that a page is never short for them. */
async function readTramos(
  { client, ctx, note }: Reading,
  tramos: readonly Tramo[],
  wanted: number,
): Promise<Row[]> {
  const byBpin = new Map<string, Row>();
  for (const tramo of tramos) {
    for (let where = tramo.where; byBpin.size < wanted;) {
      const limit = wanted - byBpin.size;
      const question = { where, order: tramo.order, limit };
      const { rows } = note(await client.fetchLista(PROYECTOS, question, ctx));
      for (const raw of rows) {
        const [fila] = PROYECTOS.toFilas([raw]);
        // A code written in two ways is one project: the first row stands for it.
        if (fila !== undefined && !byBpin.has(String(fila.bpin))) {
          byBpin.set(String(fila.bpin), fila);
        }
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < limit) break;
      where = and(tramo.where, tramo.after(last));
    }
  }
  return [...byBpin.values()];
}
