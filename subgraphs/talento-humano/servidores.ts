import { ServidoresResumen } from '../../schema/registros/sigep.js';
import { byAcceso, Reason } from '../subgraph.js';
import type { Field, FieldEnv, Lookup, Node, Read } from '../subgraph.js';

const SERVIDORES = byAcceso(ServidoresResumen, 'porEntidad');

/** The SIGEP codes behind a TalentoHumano. Not a name of the public schema. */
export const CODIGOS = '$codigosSigep';

/**
 * Fewer people than this are not counted in public: a count of one beside the name of a post would speak of a person
 * (Ley 1581 de 2012).
 */
const MENOR_CONTEO = 5;

export const readServidores = (codigos: readonly string[], env: FieldEnv): readonly Read[] =>
  env.selects('servidores') ? [{ bucket: SERVIDORES, keys: codigos }] : [];

/** Whether the open data count anybody; false also when nobody asked or they could not be read. */
export const hasServidores = (codigos: readonly string[], env: FieldEnv, rows: Lookup): boolean =>
  env.selects('servidores') &&
  codigos.some((codigo) => rows.outcome(SERVIDORES, codigo).at === 'found');

/** Whether the open data failed: then it is for the field to say so. */
export const failedServidores = (
  codigos: readonly string[],
  env: FieldEnv,
  rows: Lookup,
): boolean =>
  env.selects('servidores') &&
  codigos.some((codigo) => rows.outcome(SERVIDORES, codigo).at === 'failed');

const codigosOf = (node: Node): readonly string[] => node[CODIGOS] as readonly string[];

/** Its rows were already asked with the planta, in the same stage; a dead dataset costs this field only. */
export const servidores: Field = {
  steps: [(node) => [{ bucket: SERVIDORES, keys: codigosOf(node) }]],
  value: (node, _args, env, rows) => {
    const codigos = codigosOf(node);
    const counts = codigos.map((codigo) => countOf(rows, codigo)).filter((count) => count !== null);
    if (counts.length === 0) {
      return new Reason(
        'SIN_REGISTRO',
        'El conjunto público de servidores no tiene registros de la entidad.',
        'sigep',
      );
    }
    if (counts.length < codigos.length) {
      const missing = codigos.length - counts.length;
      env.warn({
        codigo: 'SERVIDORES_PARCIALES',
        mensaje: `El conjunto público de servidores no tiene registros de ${String(missing)} de ${String(codigos.length)} entidades.`,
        sistema: 'sigep',
      });
    }
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total >= MENOR_CONTEO) return total;
    return new Reason(
      'CONTEO_RESERVADO',
      `Menos de ${String(MENOR_CONTEO)} servidores: el conteo no se publica (Ley 1581 de 2012).`,
      'sigep',
    );
  },
};

function countOf(rows: Lookup, codigo: string): number | null {
  const own = rows.rows(SERVIDORES, codigo);
  return own.length === 0
    ? null
    : own.reduce((sum, { servidores: count }) => sum + Number(count ?? 0), 0);
}
