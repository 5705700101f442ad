import { keyOf } from '../../schema/key.js';
import type { Fila, Registro } from '../../schema/registro.js';
import type { SqlSession } from '../almacen/port.js';
import type { CampoDistinto, Clase, Comparacion } from '../route/comparadores.js';
import type { Tramo } from '../route/tramo.js';
import { Demanda } from './demanda.js';
import type { Pregunta } from './fallas.js';
import { Fallas } from './fallas.js';
import { flushParts, MAX_PENDING } from './flush-parts.js';

/** A comparison of one clave, ready for the ledger. */
export interface Anotada {
  readonly tramo: Tramo;
  /** Digest of the clave under the salt of the tramo: a clave may be the document of a person. */
  readonly claveDigest: string;
  readonly ruta: string;
  readonly comparacion: Comparacion;
  /** How often the difference was looked at again. */
  readonly rechequeo: number;
}

/** A ruta of which both sides said everything, and all of it alike. */
export interface RutaIgual {
  readonly tramo: Tramo;
  readonly ruta: string;
  /** Distinct claves of it. */
  readonly iguales: number;
}

/** The ruta of a record as text; '' where the record does not carry it. */
export const rutaOf = (registro: Registro, fila: Fila): string =>
  keyOf(registro.ruta.map((campo) => fila[campo] ?? ''));

/** Gathers comparisons in memory and writes them together. A store that is down costs evidence, never an answer. */
export class Bitacora {
  #perdidas = 0;
  readonly #fallas = new Fallas();
  readonly #demanda = new Demanda();
  readonly #pending = new Map<string, Anotada & { veces: number }>();
  readonly #rutas = new Map<string, RutaIgual>();
  readonly #usos: Readonly<Record<TipoUso, Map<string, number>>> = {
    RESPALDO: new Map(),
    OSCURO: new Map(),
  };

  /** Comparisons and failures that found no room. */
  get perdidas(): number {
    return this.#perdidas + this.#fallas.perdidas;
  }

  /** What readers asked, and what became of comparing it. */
  noteDemanda(...args: Parameters<Demanda['add']>): void {
    this.#demanda.add(...args);
  }

  /** A side did not answer: it counts until both do. */
  noteFalla(pregunta: Pregunta, clase: Clase): void {
    this.#fallas.failed(pregunta, clase);
  }

  /** Both sides answered, alike or not. */
  noteRespondida(pregunta: Pregunta): void {
    this.#fallas.answered(pregunta);
  }

  note(anotada: Anotada): void {
    const { tramo } = anotada;
    const id = [tramo.id, tramo.mappingVersion, tramo.comparatorVersion, anotada.claveDigest].join(
      '|',
    );
    const known = this.#pending.get(id);
    if (known === undefined && this.#pending.size >= MAX_PENDING) {
      this.#perdidas += 1;
      return;
    }
    const isHiding =
      known?.comparacion.clase === 'mismatch' &&
      anotada.comparacion.clase !== 'mismatch' &&
      anotada.comparacion.clase !== 'transient';
    this.#pending.set(id, { ...(isHiding ? known : anotada), veces: (known?.veces ?? 0) + 1 });
  }

  /** One line for the ruta instead of one for each clave: a nation has a hundred thousand of them. */
  noteRuta(igual: RutaIgual): void {
    const { tramo, ruta } = igual;
    const id = [tramo.id, tramo.mappingVersion, tramo.comparatorVersion, ruta].join('|');
    if (!this.#rutas.has(id) && this.#rutas.size >= MAX_PENDING) this.#perdidas += igual.iguales;
    else this.#rutas.set(id, igual);
  }

  noteUso(tipo: TipoUso, tramoId: string, usos: number): void {
    this.#usos[tipo].set(tramoId, (this.#usos[tipo].get(tramoId) ?? 0) + usos);
  }

  /** Writes what is pending. When the store refuses, it stays pending. */
  async flush(session: SqlSession, en: string): Promise<void> {
    await flushParts(this.#pending, (part) => writeComparados(session, part, en));
    await flushParts(this.#rutas, (part) => writeRutas(session, part, en));
    await this.#fallas.flush(session, en);
    await this.#demanda.flush(session);
    for (const tipo of TIPOS_USO) await flushUsos(session, tipo, this.#usos[tipo], en);
  }
}

/**
 * Questions of readers for the old side that count against a retirement: it stood in because the new side was down, or it was
 * refused to them while a day without it was tried.
 */
const TIPOS_USO = ['RESPALDO', 'OSCURO'] as const;
export type TipoUso = (typeof TIPOS_USO)[number];

async function flushUsos(
  session: SqlSession,
  tipo: TipoUso,
  pending: Map<string, number>,
  en: string,
): Promise<void> {
  for (const [tramo, usos] of [...pending]) {
    await session.query(
      'insert into incidente (tramo, en, tipo, detalle) values ($1, $2, $3, $4::jsonb)',
      [tramo, en, tipo, JSON.stringify({ usos })],
    );
    const left = (pending.get(tramo) ?? 0) - usos;
    if (left === 0) pending.delete(tramo);
    else pending.set(tramo, left);
  }
}

type Pending = Anotada & { readonly veces: number };

/** A difference stands until it is found transient or the versions change. */
async function writeComparados(
  session: SqlSession,
  rows: readonly Pending[],
  en: string,
): Promise<void> {
  await session.query(
    `insert into comparado (tramo, mapping_version, comparator_version, clave_digest, ruta, clase, regla, primera, ultima,
      veces)
    select t, m, c, k, r, cl, nullif(re, ''), $8, $8, v from unnest($1::text[], $2::int[], $3::int[], $4::text[],
      $5::text[], $6::text[], $7::text[], $9::int[]) as x(t, m, c, k, r, cl, re, v)
    on conflict (tramo, mapping_version, comparator_version, clave_digest) do update set
      clase = case when comparado.clase = 'mismatch' and excluded.clase <> 'transient' then comparado.clase
        else excluded.clase end,
      regla = excluded.regla, ruta = case when excluded.ruta = '' then comparado.ruta else excluded.ruta end,
      ultima = excluded.ultima, veces = comparado.veces + excluded.veces`,
    [
      rows.map(({ tramo }) => tramo.id),
      rows.map(({ tramo }) => tramo.mappingVersion),
      rows.map(({ tramo }) => tramo.comparatorVersion),
      rows.map((row) => row.claveDigest),
      rows.map(({ ruta }) => ruta),
      rows.map(({ comparacion }) => comparacion.clase),
      rows.map(({ comparacion }) => comparacion.regla ?? ''),
      en,
      rows.map(({ veces }) => veces),
    ],
  );
  const differing = rows.filter(({ comparacion }) => comparacion.campos.length > 0);
  for (const row of differing) await writeDiferencia(session, row, en, 'comparacion');
  const settled = rows.filter(({ comparacion }) => comparacion.clase === 'transient');
  for (const { tramo, claveDigest: clave } of settled) {
    await session.query(
      `update diferencia set resuelta = $5, clase = 'transient', rechequeos = rechequeos + 1
      where tramo = $1 and mapping_version = $2 and comparator_version = $3 and clave_digest = $4`,
      [tramo.id, tramo.mappingVersion, tramo.comparatorVersion, clave, en],
    );
  }
}

async function writeRutas(
  session: SqlSession,
  rutas: readonly RutaIgual[],
  en: string,
): Promise<void> {
  await session.query(
    `insert into ruta_comparada (tramo, mapping_version, comparator_version, ruta, iguales, primera, ultima, veces)
    select t, m, c, r, n, $6, $6, 1 from unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::int[]) as x(t, m, c, r, n)
    on conflict (tramo, mapping_version, comparator_version, ruta) do update set
      iguales = excluded.iguales, ultima = excluded.ultima, veces = ruta_comparada.veces + 1`,
    [
      rutas.map(({ tramo }) => tramo.id),
      rutas.map(({ tramo }) => tramo.mappingVersion),
      rutas.map(({ tramo }) => tramo.comparatorVersion),
      rutas.map(({ ruta }) => ruta),
      rutas.map(({ iguales }) => iguales),
      en,
    ],
  );
}

/** One line of the ledger of differences: paths and digests only. The census writes here too. */
export async function writeDiferencia(
  session: SqlSession,
  { tramo, claveDigest: clave, ruta, comparacion, rechequeo }: Anotada,
  en: string,
  origen: 'comparacion' | 'censo',
): Promise<void> {
  const campos: readonly CampoDistinto[] = comparacion.campos;
  await session.query(
    `insert into diferencia (tramo, mapping_version, comparator_version, clave_digest, ruta, clase, campos, origen, primera,
      ultima, veces, rechequeos)
    values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $9, 1, $10)
    on conflict (tramo, mapping_version, comparator_version, clave_digest) do update set
      clase = excluded.clase, campos = excluded.campos, origen = excluded.origen, ultima = excluded.ultima,
      veces = diferencia.veces + 1, rechequeos = greatest(diferencia.rechequeos, excluded.rechequeos), resuelta = null`,
    [
      tramo.id,
      tramo.mappingVersion,
      tramo.comparatorVersion,
      clave,
      ruta,
      comparacion.clase,
      JSON.stringify(campos),
      origen,
      en,
      rechequeo,
    ],
  );
}
