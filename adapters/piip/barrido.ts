import type { Filtro, Registro } from '../../schema/registro.js';
import type { Chunk, SourceContext } from '../contract.js';
import { ExpiredCursorError, SourceContractError } from '../errors.js';
import { matches } from '../shared/emulation.js';
import { afterBpin, type PiipClient } from './client.js';
import { conjuntoOf } from './conjuntos.js';
import type { PiipRaw } from './raw.js';

const FILAS_POR_TROZO = 20_000;

/** Walks a dataset in the order of its codes, whole projects at a time, so that a walk can go on where it stopped. */
export async function* barrer(
  client: PiipClient,
  registro: Registro,
  filtro: Filtro | null,
  resume: string | null,
  ctx: SourceContext,
  rowsPerChunk = FILAS_POR_TROZO,
): AsyncGenerator<Chunk> {
  const conjunto = conjuntoOf(registro);
  let { last, token } = readResume(resume);
  for (;;) {
    const question = { where: afterBpin(last), order: conjunto.pagina, limit: rowsPerChunk };
    const { rows, version } = await client.fetchLista(conjunto, question, ctx);
    token ??= version.token;
    if (token !== version.token) throw new ExpiredCursorError('piip');
    const isEnd = rows.length < rowsPerChunk;
    const whole = isEnd ? rows : wholeProjects(rows);
    last = whole.at(-1)?.bpin ?? last;
    yield {
      rows: conjunto.toFilas(whole).filter((fila) => matches(registro, fila, filtro)),
      version,
      resume: isEnd ? null : JSON.stringify([last, token]),
    };
    if (isEnd) return;
  }
}

/** Without the project at the edge, whose rows may go on. */
function wholeProjects(rows: readonly PiipRaw[]): readonly PiipRaw[] {
  const edge = rows.at(-1)?.bpin;
  const whole = rows.slice(0, rows.findLastIndex(({ bpin }) => bpin !== edge) + 1);
  if (whole.length === 0)
    throw new SourceContractError('piip', { cause: 'too many rows of one project' });
  return whole;
}

function readResume(resume: string | null): { last: string; token: string | null } {
  if (resume === null) return { last: '', token: null };
  const [last, token] = JSON.parse(resume) as [string, string];
  return { last, token };
}
