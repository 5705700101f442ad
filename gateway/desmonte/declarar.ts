import { randomBytes } from 'node:crypto';
import type { SqlSession } from '../almacen/port.js';
import type { Fase, Tramo } from '../route/tramo.js';
import { overlap } from '../route/tramo.js';
import type { Rechazo } from '../route/transiciones.js';
import { refuse } from '../route/transiciones.js';
import type { NuevoTramo } from './keeper-contract.js';
import { auditOf } from './refusals.js';
import { advanceEpocaRuteo, insertTramo, insertTransicion, loadTramos } from './store.js';

const SALT_BYTES = 16;

/** Writes a new tramo in `legacy` with the first line of its trail; refused where another one has some of its records. */
export async function declareTramo(
  session: SqlSession,
  nuevo: NuevoTramo,
  quien: {
    readonly persona: string;
    readonly motivo: string;
    readonly en: string;
    readonly fases: readonly Fase[];
  },
): Promise<Tramo | Rechazo> {
  const rows = await loadTramos(session, quien.fases);
  const other = rows.find(
    ({ tramo }) =>
      tramo.id === nuevo.id ||
      (tramo.registro === nuevo.registro && overlap(tramo.cohorte, nuevo.cohorte)),
  );
  if (other !== undefined)
    return refuse('TRANSITION_NOT_ALLOWED', `Se cruza con el tramo ${other.tramo.id}.`);
  const tramo: Tramo = {
    mappingVersion: 1,
    comparatorVersion: 1,
    ...nuevo,
    fase: 'legacy',
    canaryPpm: 0,
    canaryCohorte: null,
    salt: randomBytes(SALT_BYTES).toString('hex'),
    epoca: 1,
  };
  const { persona, motivo, en } = quien;
  await insertTramo(session, tramo, en);
  const epocaRuteo = await advanceEpocaRuteo(session);
  await insertTransicion(session, {
    ...auditOf(tramo, tramo, [persona], motivo),
    en,
    automatica: false,
    epocaVista: 0,
    epocaRuteo,
    expediente: null,
  });
  return tramo;
}
