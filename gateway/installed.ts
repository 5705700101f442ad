import type { Adapter } from '../adapters/contract.js';
import type { AdapterRegistration, RegistrationTools } from '../adapters/index.js';
import type { Registro } from '../schema/registro.js';
import type { Bitacora } from './desmonte/bitacora.js';
import type { OnDark } from './desmonte/fence.js';
import { fenceAdapter, isFullyRetired } from './desmonte/fence.js';
import type { TramosKeeper } from './desmonte/keeper.js';
import type { Settings } from './settings.js';

/** The systems that are registered, and their adapters behind their fences. */

export const registrosOf = (registrations: readonly AdapterRegistration[]): readonly Registro[] =>
  registrations.flatMap(({ registros }) => registros);

/** The systems of origin: the single store holds their registros too, but answers only where a route says so. */
export const sourcesOf = (
  registrations: readonly AdapterRegistration[],
): readonly AdapterRegistration[] =>
  registrations.filter(({ isRecordStore }) => isRecordStore !== true);

/** Who answers a registro as long as nothing moved: the adapter that declares it. */
export const baseOf = (
  registrations: readonly AdapterRegistration[],
): ReadonlyMap<string, string> =>
  new Map(
    sourcesOf(registrations).flatMap(({ id, registros }) =>
      registros.map(({ nombre }) => [nombre, id]),
    ),
  );

/** What is registered, and the settings that it was given. */
interface Installed {
  readonly settings: Settings;
  readonly registrations: readonly AdapterRegistration[];
}

/** Every system behind its fence; of a system that is wholly retired nothing is made, so it needs no settings any more. */
export function createAdapters(
  { registrations, settings }: Installed,
  tools: RegistrationTools,
  tramos: TramosKeeper,
  bitacora: Bitacora,
): ReadonlyMap<string, Adapter> {
  const living = registrations.filter(
    (registration) =>
      registration.isRecordStore === true || !isFullyRetired(registration, tramos.current.tramos),
  );
  return new Map(
    living.map(({ id, create, isRecordStore }) => {
      const adapter = create(settings.adapters[id]?.values ?? {}, tools);
      const isNew = isRecordStore === true;
      if (isNew) return [id, adapter];
      const onDark: OnDark = (tramo, keys) => {
        bitacora.noteUso('OSCURO', tramo.id, keys);
      };
      return [id, fenceAdapter(adapter, () => tramos.current.tramos, onDark)];
    }),
  );
}
