import type { Registro } from '../../schema/registro.js';
import type { Tramo } from '../route/tramo.js';
import type { Rechazo } from '../route/transiciones.js';
import { refuse } from '../route/transiciones.js';
import type { NuevoTramo } from './keeper-contract.js';
import type { TramoRow, insertTransicion } from './store.js';

export type Audit = Parameters<typeof insertTransicion>[1];

export const auditOf = (
  before: Tramo,
  after: Tramo,
  personas: readonly string[],
  motivo: string,
): Pick<Audit, 'tramo' | 'personas' | 'desde' | 'hacia' | 'epoca' | 'motivo' | 'estado'> => ({
  tramo: after.id,
  personas,
  desde: before.fase,
  hacia: after.fase,
  epoca: after.epoca,
  motivo,
  estado: after,
});

export const unknownSlice = (id: string): Rechazo =>
  refuse('UNKNOWN_SLICE', `No existe el tramo «${id}».`);

export const unknownPhase = ({ tramo, faseDesconocida }: TramoRow): Rechazo =>
  refuse(
    'UNKNOWN_PHASE',
    `El tramo ${tramo.id} está en una fase que este programa no conoce: «${String(faseDesconocida)}».`,
  );

export const staleEpoch = (tramo: Tramo, vista: number): Rechazo =>
  refuse(
    'STALE_EPOCH',
    `El tramo va en la época ${tramo.epoca} y la orden se dio viendo la ${vista}.`,
  );

const TRAMO_ID = /^[\w.:-]{1,100}$/;

/** What is wrong with the declaration of a tramo, by itself. */
export function declarationProblem(
  nuevo: NuevoTramo,
  registros: readonly Registro[],
): Rechazo | null {
  const no = (mensaje: string): Rechazo => refuse('TRANSITION_NOT_ALLOWED', mensaje);
  if (!TRAMO_ID.test(nuevo.id)) return no(`«${nuevo.id}» no es un nombre de tramo.`);
  if (nuevo.viejo === nuevo.nuevo) return no('Los dos lados del tramo son el mismo sistema.');
  const registro = registros.find(({ nombre }) => nombre === nuevo.registro);
  if (registro === undefined) return no(`No existe el registro ${nuevo.registro}.`);
  const isOfRuta = Object.keys(nuevo.cohorte).every((campo) => registro.ruta.includes(campo));
  return isOfRuta
    ? null
    : no(`La cohorte solo usa campos de la ruta (${registro.ruta.join(', ')}).`);
}
