import { keyOf, partsOf, type Key } from '../../schema/key.js';
import type { Fila, Filtro, Registro } from '../../schema/registro.js';
import { normalizeChip } from '../../schema/values/chip.js';
import { parseCuipoPeriodo } from '../../schema/values/periodo.js';
import type { Chunk, SourceContext } from '../contract.js';
import { AdapterError, ExpiredCursorError } from '../errors.js';
import { matches, restrictTo } from '../shared/emulation.js';
import type { Carpeta } from './carpeta.js';
import type { CuipoClient } from './client.js';
import { isRaiz, type Forma } from './formas.js';
import { joinVersions } from './hallazgo.js';
import type { Lectura } from './lectura.js';

/** Walks all reports of a form in a fixed order, some at a time, so that a walk can go on where it stopped. */

/** Rows of forty reports of form D are about 10 000; a root report is a handful. */
const REPORTES_POR_TROZO = 40;
const RAICES_POR_TROZO = 400;

export function createBarrido(client: CuipoClient, carpeta: Carpeta | null, lectura: Lectura) {
  /** Who reported when, over all channels: year, quarter, entity. */
  async function findReportes(
    forma: Forma,
    filtro: Filtro | null,
    ctx: SourceContext,
  ): Promise<string[]> {
    const found = new Set<string>();
    const known = restrictTo(filtro, ['codigoChip', 'vigencia', 'periodo']);
    const add = ({ codigoChip, vigencia, periodo }: Fila): void => {
      if (matches(forma.registro, { codigoChip, vigencia, periodo }, known)) {
        found.add(keyOf([vigencia ?? '', periodo ?? '', codigoChip ?? '']));
      }
    };
    for (const { codigo_entidad, periodo } of (await client.fetchReportes(forma, ctx)).rows) {
      const when = parseCuipoPeriodo(periodo ?? '');
      const codigoChip = normalizeChip(codigo_entidad ?? '');
      if (when !== null && codigoChip !== null) add({ codigoChip, ...when });
    }
    if (carpeta !== null) for await (const rows of carpeta.scan(forma.raiz, ctx)) rows.forEach(add);
    return [...found].sort();
  }

  const versionOf = async (forma: Forma, ctx: SourceContext) =>
    joinVersions([
      await client.version(forma.dataset, ctx),
      ...[(await carpeta?.version(ctx)) ?? []].flat(),
    ]);

  return async function* (
    forma: Forma,
    registro: Registro,
    filtro: Filtro | null,
    resume: string | null,
    ctx: SourceContext,
  ): AsyncGenerator<Chunk> {
    const version = await versionOf(forma, ctx);
    if (version === null) return;
    const { after, token } = readResume(resume);
    if (token !== null && token !== version.token) throw new ExpiredCursorError('cuipo');
    const reportes = (await findReportes(forma, filtro, ctx)).filter((reporte) => reporte > after);
    const size = isRaiz(registro) ? RAICES_POR_TROZO : REPORTES_POR_TROZO;
    for (let at = 0; at < reportes.length; at += size) {
      const batch = reportes.slice(at, at + size);
      const last = batch.at(-1) ?? '';
      const rows = (await readReportes(lectura, forma, registro, batch, ctx)).filter((row) =>
        matches(registro, row, filtro),
      );
      const isEnd = at + size >= reportes.length;
      yield { rows, version, resume: isEnd ? null : JSON.stringify([last, version.token]) };
    }
    if (reportes.length === 0) yield { rows: [], version, resume: null };
  };
}

const readResume = (resume: string | null): { after: string; token: string | null } => {
  if (resume === null) return { after: '', token: null };
  const [after, token] = JSON.parse(resume) as [string, string];
  return { after, token };
};

/** Root registros are read by year: the quarters of others in the batch are left out again. */
async function readReportes(
  lectura: Lectura,
  forma: Forma,
  registro: Registro,
  batch: readonly string[],
  ctx: SourceContext,
): Promise<Fila[]> {
  const wanted = new Set<Key>();
  const keys = new Set<Key>();
  for (const reporte of batch) {
    const [vigencia = '', periodo = '', codigoChip = ''] = partsOf(reporte);
    wanted.add(keyOf([codigoChip, vigencia, periodo]));
    keys.add(keyOf(isRaiz(registro) ? [codigoChip, vigencia] : [codigoChip, vigencia, periodo]));
  }
  const acceso = isRaiz(registro) ? 'porEntidadVigencia' : 'porEntidadPeriodo';
  const byKey = await lectura({ forma, registro, acceso, keys: [...keys] }, ctx);
  return [...byKey.values()].flatMap((outcome) => {
    if (outcome.at === 'failed') {
      const { code, sistema, mensaje } = outcome.error;
      throw new AdapterError(code, sistema, mensaje);
    }
    if (outcome.at === 'absent') return [];
    return outcome.rows.filter(({ codigoChip, vigencia, periodo }) =>
      wanted.has(keyOf([codigoChip ?? '', vigencia ?? '', periodo ?? ''])),
    );
  });
}
