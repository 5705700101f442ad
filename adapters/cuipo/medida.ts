import { partsOf, type Key } from '../../schema/key.js';
import type { Fila, Medida } from '../../schema/registro.js';
import { parseDecimal } from '../../schema/values/decimal.js';
import type { Periodo } from '../../schema/values/periodo.js';
import type { ByKey, Group, Outcome, Row, SourceContext } from '../contract.js';
import { SourceContractError, toSourceError, AdapterError } from '../errors.js';
import { groupsOf } from '../shared/emulation.js';
import { groupBy } from '../../schema/group-by.js';
import type { Carpeta } from './carpeta.js';
import type { CuipoClient } from './client.js';
import type { Forma } from './formas.js';
import { createOrigins, joinHallazgos, NADA, toHallazgo, type Hallazgo } from './hallazgo.js';
import { keepLatest, reporteKey } from './precedencia.js';
import type { SodaRaw } from './raw.js';

/**
 * Totals by sector. SODA adds up by programme or product itself, one small row for each of them instead of all leaves;
 * reports of the folder are added here.
 */
export function createMedicion(client: CuipoClient, carpeta: Carpeta | null, now: () => number) {
  const readCarpeta = async (
    forma: Forma,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<Hallazgo> => {
    const byKey = (await carpeta?.read(forma.registro, 'porEntidadPeriodo', keys, ctx)) ?? null;
    if (carpeta === null || byKey === null) return NADA;
    const found = toHallazgo(byKey, await carpeta.version(ctx));
    return { ...found, filas: keepLatest(forma, found.filas, false) };
  };

  const readSoda = async (
    forma: Forma,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<Hallazgo> => {
    const groups = groupBy(
      keys.map((key) => partsOf(key)),
      ([, ...when]) => when.join('|'),
    );
    const found = [...groups.values()].map(async (group): Promise<Hallazgo> => {
      const [, anio = '', trimestre] = group[0] ?? [];
      const [vigencia, periodo] = [Number(anio), trimestre as Periodo];
      const entidades = group.map(([codigoChip = '']) => codigoChip);
      const answer = await client.fetchPorPrograma({ forma, entidades, vigencia, periodo }, ctx);
      const filas = answer.rows.map((raw) => ({ ...toSuma(forma, raw), vigencia, periodo }));
      return { filas, version: answer.version, modo: 'AGREGADO_EN_FUENTE' };
    });
    return { ...joinHallazgos(await Promise.all(found)), modo: 'AGREGADO_EN_FUENTE' };
  };

  return async (
    forma: Forma,
    { suma }: Medida,
    keys: readonly Key[],
    dims: readonly string[],
    ctx: SourceContext,
  ): Promise<ByKey<Group>> => {
    try {
      const local = await readCarpeta(forma, keys, ctx);
      const libros = new Set(local.filas.filter(({ canal }) => canal === 'LIBRO').map(reporteKey));
      const asked = keys.filter((key) => !libros.has(key));
      const live = asked.length === 0 ? NADA : await readSoda(forma, asked, ctx);
      const sumas = groupBy(live.filas, reporteKey);
      const hojas = groupBy(
        local.filas.filter(({ esHoja }) => esHoja === true),
        reporteKey,
      );
      const originOf = createOrigins(forma.registro, local, live, now);
      return new Map(
        keys.map((key): [Key, Outcome<Group>] => {
          const rows: readonly Row[] = sumas.get(key) ?? hojas.get(key) ?? [];
          const origin = originOf(rows);
          if (rows.length === 0) return [key, { at: 'absent', origin }];
          return [key, { at: 'found', rows: groupsOf(rows, suma, dims, countOf), origin }];
        }),
      );
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      const failed: Outcome<Group> = { at: 'failed', error: toSourceError(error) };
      return new Map(keys.map((key) => [key, failed]));
    }
  };
}

const countOf = ({ renglones }: Row): number => (typeof renglones === 'number' ? renglones : 1);

function toSuma(forma: Forma, raw: SodaRaw): Fila {
  const mga = raw.cod_programatico_mga?.trim() ?? '';
  return {
    codigoChip: raw.codigo_entidad ?? null,
    vigenciaGasto: raw.cod_vigencia_del_gasto?.replace(/\.0$/, '') ?? null,
    sector: mga.length >= 4 ? mga.slice(0, 2) : null,
    canal: 'SODA',
    renglones: Number(raw.renglones ?? 0),
    ...Object.fromEntries(
      Object.entries(forma.montos).map(([campo, { soda }]) => {
        const monto = raw[soda] === undefined ? null : parseDecimal(raw[soda]);
        if (monto === null && raw[soda] !== undefined) throw new SourceContractError('cuipo');
        return [campo, monto];
      }),
    ),
  };
}
