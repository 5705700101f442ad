import type { Group } from '../../adapters/contract.js';
import { PlantaEmpleo } from '../../schema/registros/sigep.js';
import { byMedida } from '../subgraph.js';
import type { FieldEnv, Lookup, Read } from '../subgraph.js';

export const PLANTA = byMedida(PlantaEmpleo, 'porNivel', ['nivel']);

export const readPlantas = (codigos: readonly string[]): Read => ({
  bucket: PLANTA,
  keys: codigos,
});

/** Counts of posts. Null is unknown, never 0. */
export interface Cifras {
  readonly cargos: number | null;
  readonly provistos: number | null;
  readonly vacantes: number | null;
}

export interface Planta extends Cifras {
  readonly porNivel: readonly (Cifras & { readonly nivel: string })[];
  readonly corte: string | null;
}

/** Decreto Ley 785 de 2005, art. 3; what is not in it comes after, by its name. */
const NIVELES = ['DIRECTIVO', 'ASESOR', 'PROFESIONAL', 'TECNICO', 'ASISTENCIAL'];
const SIN_NIVEL = 'SIN NIVEL';

const placeOf = (nivel: string): number => {
  const place = NIVELES.indexOf(nivel);
  if (place >= 0) return place;
  return nivel === SIN_NIVEL ? NIVELES.length + 1 : NIVELES.length;
};

const compareNiveles = (a: string, b: string): number =>
  placeOf(a) - placeOf(b) || (a < b ? -1 : a > b ? 1 : 0);

/** Adds what is known; unknown where nobody knows. */
function add(values: readonly (string | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + Number(value), 0);
}

const toCifras = (groups: readonly Group[]): Cifras => ({
  cargos: add(groups.map(({ sums }) => sums['cargos'])),
  provistos: add(groups.map(({ sums }) => sums['provistos'])),
  vacantes: add(groups.map(({ sums }) => sums['vacantes'])),
});

const isExceeded = ({ cargos, provistos }: Cifras): boolean =>
  cargos !== null && provistos !== null && provistos > cargos;

/** The plantas of some entities as one; null where none of them has any. Throws when the source failed. */
export function sumPlantas(codigos: readonly string[], rows: Lookup): Planta | null {
  const groups = codigos.flatMap((codigo) => rows.groups(PLANTA, codigo));
  if (groups.length === 0) return null;
  const byNivel = new Map<string, Group[]>();
  for (const group of groups) {
    const nivel = group.dims['nivel'] ?? SIN_NIVEL;
    const own = byNivel.get(nivel);
    if (own === undefined) byNivel.set(nivel, [group]);
    else own.push(group);
  }
  const porNivel = [...byNivel]
    .sort(([a], [b]) => compareNiveles(a, b))
    .map(([nivel, own]) => ({ nivel, ...toCifras(own) }));
  return { ...toCifras(groups), porNivel, corte: corteOf(codigos, rows) };
}

/** Of several dates the oldest: all of it is known to be so on that day. */
function corteOf(codigos: readonly string[], rows: Lookup): string | null {
  const cortes = codigos.flatMap((codigo) => {
    const outcome = rows.outcome(PLANTA, codigo);
    return outcome.at === 'found' ? (outcome.origin.corte ?? []) : [];
  });
  return cortes.sort()[0] ?? null;
}

/** More posts filled than approved is shown as it is: who is right is not for us to say. */
export function warnExceeded(codigos: readonly string[], rows: Lookup, env: FieldEnv): void {
  const exceeded = codigos.filter((codigo) => {
    const groups = rows.groups(PLANTA, codigo);
    return isExceeded(toCifras(groups)) || groups.some((group) => isExceeded(toCifras([group])));
  });
  if (exceeded.length === 0) return;
  const where =
    codigos.length === 1
      ? 'La entidad reporta'
      : `${String(exceeded.length)} de ${String(codigos.length)} entidades reportan`;
  env.warn({
    codigo: 'PROVISTOS_EXCEDEN_CARGOS',
    mensaje: `${where} más empleos provistos que cargos aprobados en la planta o en un nivel.`,
    sistema: 'sigep',
  });
}
