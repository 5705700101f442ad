import type { Row } from '../../adapters/contract.js';
import type { Key } from '../../schema/key.js';
import { keyOf } from '../../schema/key.js';
import type { CampoDistinto, Clase, Regla } from '../route/comparadores.js';
import { compareFilas, REGISTRO_ENTERO } from '../route/comparadores.js';
import type { Anotada } from './bitacora.js';
import { writeDiferencia } from './bitacora.js';
import { claveDigest } from './clave-digest.js';
import type { Comparado } from './comparar.js';
import { loadCuarentena } from './cuarentena.js';
import { camposOf, readClaves } from './relectura.js';
import type { Ritmo } from './ritmo.js';
import type { Tarea } from './tarea.js';
import { FASES_QUE_LEEN } from './tarea.js';

/** So many are looked at campo by campo and written down; the counts are of all. */
const MOST_DETAILED = 1_000;
const PPM = 1_000_000;

/** The differing records of a census: campos and digests, never what they say. */
export async function explainDiferencias(
  tarea: Tarea,
  { claves, viejo }: Comparado,
  reglas: readonly Regla[],
  ritmo: Ritmo,
  rechequeo: number,
): Promise<{ readonly anotadas: readonly Anotada[]; readonly explicadas: number }> {
  const exempt = new Set(
    (await loadCuarentena(tarea.store, tarea.tramo.id))
      .filter(({ exencion }) => exencion !== null)
      .map((one) => one.claveDigest),
  );
  const note = (clave: Key, clase: Clase, campos: readonly CampoDistinto[], regla: string | null) =>
    ({
      tramo: tarea.tramo,
      claveDigest: claveDigest(tarea.tramo, clave),
      ruta: rutaOf(tarea, clave),
      comparacion: { clase, regla, campos },
      rechequeo,
    }) satisfies Anotada;
  const whole = (clave: Key, viejoSays: string, nuevoSays: string): Anotada =>
    note(
      clave,
      exempt.has(claveDigest(tarea.tramo, clave)) ? 'explained' : 'mismatch',
      [{ campo: REGISTRO_ENTERO, viejo: viejoSays, nuevo: nuevoSays }],
      null,
    );
  const distinct = (all: readonly Key[]): Key[] => [...new Set(all)].slice(0, MOST_DETAILED);
  const anotadas = [
    ...distinct(claves.soloViejo).map((clave) => whole(clave, 'presente', 'ausente')),
    ...distinct(claves.soloNuevo).map((clave) => whole(clave, 'ausente', 'presente')),
    ...(await compareEach(tarea, distinct(claves.distintas), reglas, ritmo)).map(
      ({ clave, clase, campos, regla }) => note(clave, clase, campos, regla),
    ),
  ];
  const judged = capRules(anotadas, reglas, viejo);
  const explicadas = judged.filter(({ comparacion }) => comparacion.clase === 'explained').length;
  return { anotadas: judged, explicadas };
}

interface Comparada {
  readonly clave: Key;
  readonly clase: Clase;
  readonly campos: readonly CampoDistinto[];
  readonly regla: string | null;
}

async function compareEach(
  tarea: Tarea,
  claves: readonly Key[],
  reglas: readonly Regla[],
  ritmo: Ritmo,
): Promise<Comparada[]> {
  if (claves.length === 0) return [];
  const { registro, tramo, viejo, unico, now } = tarea;
  // What is no more read cannot be looked at campo by campo.
  const mayRead = FASES_QUE_LEEN.includes(tramo.fase);
  const left: ReadonlyMap<Key, readonly Row[]> = mayRead
    ? await readClaves(tarea, viejo, claves, ritmo)
    : new Map();
  const right = await readClaves(tarea, unico, claves, null);
  const ahora = new Date(now()).toISOString();
  const comparador = { registro, salt: tramo.salt, reglas, ahora };
  return claves.map((clave) => {
    const a = left.get(clave)?.[0];
    const b = right.get(clave)?.[0];
    const found = a === undefined || b === undefined ? null : compareFilas(comparador, a, b);
    // Digests differ, whatever a later look says.
    const isExplained = found?.clase === 'explained';
    return {
      clave,
      clase: isExplained ? 'explained' : 'mismatch',
      campos: found?.campos ?? [{ campo: REGISTRO_ENTERO, viejo: saw(a), nuevo: saw(b) }],
      regla: isExplained ? found.regla : null,
    };
  });
}

const saw = (row: object | undefined): string => (row === undefined ? 'ausente' : 'presente');

/** A rule that explains more than its share explains nothing. */
function capRules(
  anotadas: readonly Anotada[],
  reglas: readonly Regla[],
  population: number,
): Anotada[] {
  const uses = new Map<string, number>();
  for (const { comparacion } of anotadas) {
    const { regla } = comparacion;
    if (regla !== null) uses.set(regla, (uses.get(regla) ?? 0) + 1);
  }
  const over = new Set(
    reglas
      .filter(({ id, maximoPpm }) => (uses.get(id) ?? 0) * PPM > maximoPpm * population)
      .map(({ id }) => id),
  );
  return anotadas.map((one) => {
    const { regla } = one.comparacion;
    if (regla === null || !over.has(regla)) return one;
    return { ...one, comparacion: { ...one.comparacion, clase: 'mismatch', regla: null } };
  });
}

/** Key of the ruta, as far as the clave tells it. */
function rutaOf({ registro }: Tarea, clave: Key): string {
  const campos = camposOf(registro, clave);
  return keyOf(registro.ruta.map((campo) => campos.get(campo) ?? ''));
}

/** Keeps what stands, and marks as settled what an earlier census found and this one does not. */
export async function saveDiferencias(
  { store, tramo }: Tarea,
  anotadas: readonly Anotada[],
  en: string,
): Promise<void> {
  const { id, mappingVersion, comparatorVersion } = tramo;
  await store.transaction(async (session) => {
    await session.query(
      `update diferencia set resuelta = $5 where tramo = $1 and mapping_version = $2 and comparator_version = $3
        and origen = 'censo' and resuelta is null and not clave_digest = any($4::text[])`,
      [id, mappingVersion, comparatorVersion, anotadas.map((one) => one.claveDigest), en],
    );
    for (const anotada of anotadas) await writeDiferencia(session, anotada, en, 'censo');
  });
}
