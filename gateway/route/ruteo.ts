import { keyOf, partsOf } from '../../schema/key.js';
import type { Key } from '../../schema/key.js';
import type { Fila, Registro, Valor } from '../../schema/registro.js';
import type { Tramo } from './tramo.js';
import { asksNew, asksOld, belongs, sideOf } from './tramo.js';

/**
 * Which adapter answers a key: a pure function of the data key and of one epoch, never of who asks. One Ruteo is taken at
 * the start of a request and used until its end.
 */
export interface Ruteo {
  readonly epoca: number;
  readonly tramos: readonly Tramo[];
  /** The adapters that may hold rows of a key: one where the key determines the ruta, else all that own a part. */
  ownersOfKey(registro: Registro, claves: readonly string[], key: Key): readonly string[];
  ownerOfRow(registro: Registro, row: Fila): string;
  /** Who may stand in for the new side of a key while it is down: the old side in `primary`, else nobody. */
  respaldoOfKey(registro: Registro, claves: readonly string[], key: Key): string | null;
  /** Every adapter that owns some of a registro. */
  ownersOf(registro: Registro): readonly string[];
  tramosOf(registro: Registro): readonly Tramo[];
}

/**
 * Without tramos a registro is answered by the adapter that declares it (`base`, by name of registro), which is mostly
 * named as its system: a form that outlives the rest of its system has an adapter of its own.
 */
export function createRuteo(
  epoca: number,
  tramos: readonly Tramo[],
  base: ReadonlyMap<string, string> = new Map(),
): Ruteo {
  const baseOf = ({ nombre, sistema }: Registro): string => base.get(nombre) ?? sistema;
  const byRegistro = new Map<string, Tramo[]>();
  for (const tramo of tramos) {
    const known = byRegistro.get(tramo.registro);
    if (known === undefined) byRegistro.set(tramo.registro, [tramo]);
    else known.push(tramo);
  }
  const tramosOf = (registro: Registro): readonly Tramo[] =>
    byRegistro.get(registro.nombre) ?? NONE;
  // Within one epoch the owner of a key never changes. By registro, for two may share one list of claves.
  const decided = new WeakMap<Registro, WeakMap<readonly string[], Map<Key, readonly string[]>>>();
  const remembered = (
    registro: Registro,
    claves: readonly string[],
  ): Map<Key, readonly string[]> => {
    const own =
      decided.get(registro) ?? new WeakMap<readonly string[], Map<Key, readonly string[]>>();
    decided.set(registro, own);
    const known = own.get(claves) ?? new Map<Key, readonly string[]>();
    own.set(claves, known);
    return known;
  };
  return {
    epoca,
    tramos,
    tramosOf,
    ownersOf: (registro) => ownersOf(baseOf(registro), tramosOf(registro)),
    ownerOfRow: (registro, row) =>
      ownerOf(registro, baseOf(registro), tramosOf(registro), (campo) => row[campo]),
    respaldoOfKey: (registro, claves, key) => {
      const own = tramosOf(registro);
      if (own.length === 0 || !registro.ruta.every((campo) => claves.includes(campo))) return null;
      const parts = partsOf(key);
      const tramo = own.find(({ cohorte }) =>
        belongs(cohorte, (campo) => parts[claves.indexOf(campo)]),
      );
      return tramo?.fase === 'primary' ? tramo.viejo : null;
    },
    ownersOfKey: (registro, claves, key) => {
      const own = tramosOf(registro);
      if (own.length === 0) return [baseOf(registro)];
      if (!registro.ruta.every((campo) => claves.includes(campo)))
        return ownersOf(baseOf(registro), own);
      const known = remembered(registro, claves);
      let owners = known.get(key);
      if (owners === undefined) {
        const parts = partsOf(key);
        const valueOf = (campo: string): Valor | undefined => parts[claves.indexOf(campo)];
        owners = [ownerOf(registro, baseOf(registro), own, valueOf)];
        if (known.size >= REMEMBERED) known.clear();
        known.set(key, owners);
      }
      return owners;
    },
  };
}

const NONE: readonly Tramo[] = [];
const REMEMBERED = 200_000;

function ownerOf(
  registro: Registro,
  base: string,
  tramos: readonly Tramo[],
  valueOf: (campo: string) => Valor | undefined,
): string {
  const tramo = tramos.find(({ cohorte }) => belongs(cohorte, valueOf));
  if (tramo === undefined) return base;
  const rutaKey = keyOf(registro.ruta.map((campo) => valueOf(campo) ?? ''));
  return sideOf(tramo, rutaKey, valueOf) === 'nuevo' ? tramo.nuevo : tramo.viejo;
}

/** A tramo over the whole registro leaves nothing to the system of origin once the old side is not asked any more. */
function ownersOf(base: string, tramos: readonly Tramo[]): readonly string[] {
  const owners = new Set<string>();
  const whole = tramos.some(({ cohorte }) => Object.keys(cohorte).length === 0);
  if (!whole) owners.add(base);
  for (const tramo of tramos) {
    if (asksOld(tramo)) owners.add(tramo.viejo);
    if (asksNew(tramo)) owners.add(tramo.nuevo);
  }
  return [...owners];
}
