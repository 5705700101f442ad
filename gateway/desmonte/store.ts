import type { SqlSession } from '../almacen/port.js';
import type { Cohorte, Tramo } from '../route/tramo.js';
import { isFase } from '../route/tramo.js';
import type { Expediente } from '../route/compuertas.js';

export {
  loadEvidencia,
  loadExenciones,
  loadExpediente,
  saveEvidencia,
  saveExencion,
} from './evidence-store.js';

/** A tramo with what the routes do not need to know of it. */
export interface TramoRow {
  readonly tramo: Tramo;
  readonly faseDesde: string;
  readonly creadoEn: string;
  /** The store names a phase that this program does not know: the tramo is kept in its last known state and cannot move. */
  readonly faseDesconocida: string | null;
}

export interface TransicionRow {
  readonly id: string;
  readonly tramo: string;
  readonly en: string;
  readonly personas: readonly string[];
  readonly automatica: boolean;
  readonly desde: string;
  readonly hacia: string;
  /** Epoch that the author saw, the one that the tramo got, and the one that all routes got. */
  readonly epocaVista: number;
  readonly epoca: number;
  readonly epocaRuteo: number;
  readonly motivo: string;
  readonly estado: Tramo;
  /** What the gate was evaluated from: evaluating it again gives the same. Null for steps without a gate. */
  readonly expediente: Expediente | null;
}

interface TramoRaw {
  readonly id: string;
  readonly registro: string;
  readonly cohorte: Cohorte;
  readonly viejo: string;
  readonly nuevo: string;
  readonly fase: string;
  readonly canary_ppm: number;
  readonly canary_cohorte: Cohorte | null;
  readonly salt: string;
  readonly mapping_version: number;
  readonly comparator_version: number;
  readonly epoca: number;
  readonly oscuro_desde: string | null;
  readonly fase_desde: string;
  readonly creado_en: string;
  readonly conocido: Tramo | null;
}

const SELECT_TRAMOS = `select t.*, (
    select estado from transicion x where x.tramo = t.id and x.estado->>'fase' = any($1::text[])
    order by x.epoca desc limit 1) as conocido
  from tramo t`;

/** Tramos in the order of their ids, so that every instance meets them in the same order. */
export async function loadTramos(
  session: SqlSession,
  fases: readonly string[],
): Promise<readonly TramoRow[]> {
  const rows = await session.query<TramoRaw>(`${SELECT_TRAMOS} order by t.id`, [fases]);
  return rows.map(toTramoRow);
}

export async function lockTramo(
  session: SqlSession,
  id: string,
  fases: readonly string[],
): Promise<TramoRow | null> {
  const rows = await session.query<TramoRaw>(`${SELECT_TRAMOS} where t.id = $2 for update of t`, [
    fases,
    id,
  ]);
  return rows[0] === undefined ? null : toTramoRow(rows[0]);
}

function toTramoRow(raw: TramoRaw): TramoRow {
  const { fase } = raw;
  const common = { faseDesde: raw.fase_desde, creadoEn: raw.creado_en };
  const fixed = {
    id: raw.id,
    registro: raw.registro,
    cohorte: raw.cohorte,
    viejo: raw.viejo,
    nuevo: raw.nuevo,
    salt: raw.salt,
    mappingVersion: raw.mapping_version,
    comparatorVersion: raw.comparator_version,
    epoca: raw.epoca,
    ...(raw.oscuro_desde !== null && { oscuroDesde: raw.oscuro_desde }),
  };
  if (isFase(fase)) {
    const estado = { fase, canaryPpm: raw.canary_ppm, canaryCohorte: raw.canary_cohorte };
    return { ...common, tramo: { ...fixed, ...estado }, faseDesconocida: null };
  }
  const known = raw.conocido;
  const estado = {
    fase: known?.fase ?? ('legacy' as const),
    canaryPpm: known?.canaryPpm ?? 0,
    canaryCohorte: known?.canaryCohorte ?? null,
  };
  return { ...common, tramo: { ...fixed, ...estado }, faseDesconocida: fase };
}

export async function insertTramo(session: SqlSession, tramo: Tramo, en: string): Promise<void> {
  await session.query(
    `insert into tramo (id, registro, cohorte, viejo, nuevo, fase, canary_ppm, canary_cohorte, salt, mapping_version,
      comparator_version, epoca, fase_desde, creado_en)
    values ($1, $2, $3::jsonb, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13, $13)`,
    [
      tramo.id,
      tramo.registro,
      JSON.stringify(tramo.cohorte),
      tramo.viejo,
      tramo.nuevo,
      tramo.fase,
      tramo.canaryPpm,
      tramo.canaryCohorte === null ? null : JSON.stringify(tramo.canaryCohorte),
      tramo.salt,
      tramo.mappingVersion,
      tramo.comparatorVersion,
      tramo.epoca,
      en,
    ],
  );
}

/** Compare-and-set on the epoch. False when somebody else moved the tramo first. */
export async function updateTramo(
  session: SqlSession,
  tramo: Tramo,
  expectedEpoca: number,
  faseDesde: string,
): Promise<boolean> {
  const rows = await session.query(
    `update tramo set fase = $3, canary_ppm = $4, canary_cohorte = $5::jsonb, mapping_version = $6,
      comparator_version = $7, epoca = $8, fase_desde = $9, oscuro_desde = $10
    where id = $1 and epoca = $2 returning id`,
    [
      tramo.id,
      expectedEpoca,
      tramo.fase,
      tramo.canaryPpm,
      tramo.canaryCohorte === null ? null : JSON.stringify(tramo.canaryCohorte),
      tramo.mappingVersion,
      tramo.comparatorVersion,
      tramo.epoca,
      faseDesde,
      tramo.oscuroDesde ?? null,
    ],
  );
  return rows.length === 1;
}

/** Epoch of all routes. `lock` holds every other movement back until the end of the transaction. */
export async function loadEpocaRuteo(session: SqlSession, lock = false): Promise<number> {
  const rows = await session.query<{ epoca: number }>(
    `select epoca from ruteo_epoca${lock ? ' for update' : ''}`,
  );
  return rows[0]?.epoca ?? 0;
}

export async function advanceEpocaRuteo(session: SqlSession): Promise<number> {
  const rows = await session.query<{ epoca: number }>(
    'update ruteo_epoca set epoca = epoca + 1 returning epoca',
  );
  return rows[0]?.epoca ?? 0;
}

export async function insertTransicion(
  session: SqlSession,
  row: Omit<TransicionRow, 'id'>,
): Promise<void> {
  await session.query(
    `insert into transicion (tramo, en, personas, automatica, desde, hacia, epoca_vista, epoca, epoca_ruteo, motivo, estado,
      expediente)
    values ($1, $2, $3::jsonb, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb)`,
    [
      row.tramo,
      row.en,
      JSON.stringify(row.personas),
      row.automatica,
      row.desde,
      row.hacia,
      row.epocaVista,
      row.epoca,
      row.epocaRuteo,
      row.motivo,
      JSON.stringify(row.estado),
      row.expediente === null ? null : JSON.stringify(row.expediente),
    ],
  );
}

interface TransicionRaw {
  readonly id: bigint;
  readonly tramo: string;
  readonly en: string;
  readonly personas: readonly string[];
  readonly automatica: boolean;
  readonly desde: string;
  readonly hacia: string;
  readonly epoca_vista: number;
  readonly epoca: number;
  readonly epoca_ruteo: number;
  readonly motivo: string;
  readonly estado: Tramo;
  readonly expediente: Expediente | null;
}

/** The trail of a tramo, oldest first. */
export async function loadTransiciones(
  session: SqlSession,
  tramo: string,
): Promise<readonly TransicionRow[]> {
  const rows = await session.query<TransicionRaw>(
    'select * from transicion where tramo = $1 order by id',
    [tramo],
  );
  return rows.map((raw) => ({
    id: String(raw.id),
    tramo: raw.tramo,
    en: raw.en,
    personas: raw.personas,
    automatica: raw.automatica,
    desde: raw.desde,
    hacia: raw.hacia,
    epocaVista: raw.epoca_vista,
    epoca: raw.epoca,
    epocaRuteo: raw.epoca_ruteo,
    motivo: raw.motivo,
    estado: raw.estado,
    expediente: raw.expediente,
  }));
}

export async function saveAprobacion(
  session: SqlSession,
  aprobacion: {
    readonly tramo: string;
    readonly hacia: string;
    readonly epoca: number;
    readonly persona: string;
    readonly motivo: string;
  },
  en: string,
): Promise<void> {
  const { tramo, hacia, epoca, persona, motivo } = aprobacion;
  await session.query(
    `insert into aprobacion (tramo, hacia, epoca, persona, en, motivo) values ($1, $2, $3, $4, $5, $6)
    on conflict (tramo, hacia, epoca, persona) do nothing`,
    [tramo, hacia, epoca, persona, en, motivo],
  );
}

/** Who approved a step as seen from one epoch: an approval given before another movement counts no more. */
export async function loadAprobaciones(
  session: SqlSession,
  tramo: string,
  hacia: string,
  epoca: number,
): Promise<readonly string[]> {
  const rows = await session.query<{ persona: string }>(
    'select persona from aprobacion where tramo = $1 and hacia = $2 and epoca = $3 order by persona',
    [tramo, hacia, epoca],
  );
  return rows.map(({ persona }) => persona);
}

/** Says that an instance is alive and which epoch it routes by. */
export async function saveLatido(
  session: SqlSession,
  instancia: string,
  epoca: number,
  en: string,
): Promise<void> {
  await session.query(
    `insert into instancia (id, epoca, latido) values ($1, $2, $3)
    on conflict (id) do update set epoca = excluded.epoca, latido = excluded.latido`,
    [instancia, epoca, en],
  );
}

/** Who left follows no epoch any more, and nobody must wait for it. */
export const deleteLatido = (session: SqlSession, instancia: string): Promise<unknown> =>
  session.query('delete from instancia where id = $1', [instancia]);

export async function saveIncidente(
  session: SqlSession,
  tramo: string,
  tipo: string,
  detalle: unknown,
  en: string,
): Promise<void> {
  await session.query(
    'insert into incidente (tramo, en, tipo, detalle) values ($1, $2, $3, $4::jsonb)',
    [tramo, en, tipo, JSON.stringify(detalle)],
  );
}
