import type { Filtro } from '../../schema/registro.js';
import type { Adapter } from '../contract.js';
import { ExpiredCursorError } from '../errors.js';
import { matches } from '../shared/emulation.js';
import { PAGE_ROWS } from '../shared/soda/soql.js';
import type { Conjunto, Posicion, SecopClient, SecopRaw } from './client.js';
import { conjuntoOf, SISTEMA, toFilas } from './filas.js';

/**
 * Walks over a dataset in the order of its business key. The dataset is published whole every night: a walk that meets
 * another publication ends, because half of two is neither.
 */
export const createBarrido = (client: SecopClient): Adapter['scan'] =>
  async function* (registro, filtro, resume, ctx) {
    const conjunto = conjuntoOf(registro);
    const asked = askable(conjunto, filtro);
    let { after, token } = readResume(resume);
    for (;;) {
      const page = await client.fetchPagina(
        conjunto,
        { filtro: asked, after, limit: PAGE_ROWS },
        ctx,
      );
      token ??= page.version.token;
      if (token !== page.version.token) throw new ExpiredCursorError(SISTEMA);
      const isLast = page.rows.length < PAGE_ROWS;
      const rows = toFilas(registro, page.rows).filter((fila) => matches(registro, fila, filtro));
      after = isLast ? null : positionOf(conjunto, page.rows);
      yield {
        rows,
        version: page.version,
        resume: after === null ? null : JSON.stringify([after, token]),
      };
      if (after === null) return;
    }
  };

/** The conditions that the source can answer; the others are applied to what it sends. */
function askable(conjunto: Conjunto, filtro: Filtro | null): Filtro | null {
  if (filtro === null) return null;
  if (filtro.op !== 'and') return isAskable(conjunto, filtro) ? filtro : null;
  const de = filtro.de.flatMap((part) => askable(conjunto, part) ?? []);
  return de.length === 0 ? null : { op: 'and', de };
}

const isAskable = ({ porCampo }: Conjunto, filtro: Filtro): boolean =>
  'campo' in filtro && filtro.campo in porCampo && !NORMALISED.has(filtro.campo);

/** Their text in the source differs from ours in more ways than can be spelled out. */
const NORMALISED = new Set(['referencia', 'objeto', 'nombreEntidad', 'validacion']);

function positionOf({ pagina }: Conjunto, rows: readonly SecopRaw[]): Posicion {
  const last: Readonly<Record<string, string | undefined>> = rows.at(-1) ?? {};
  return pagina.map((column) => last[column] ?? null);
}

interface Resume {
  readonly after: Posicion | null;
  readonly token: string | null;
}

const readResume = (resume: string | null): Resume => {
  if (resume === null) return { after: null, token: null };
  const [after, token] = JSON.parse(resume) as [Posicion, string];
  return { after, token };
};
