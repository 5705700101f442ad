import type { SqlSession } from '../almacen/port.js';

/** What people are shown of a tramo beyond its state: read from the store when asked, digests and campos only. */

export interface CensoVista {
  readonly id: string;
  readonly estado: string;
  readonly iniciado: string;
  readonly terminado: string | null;
  readonly mapeo: number;
  readonly comparadores: number;
  readonly raizViejo: string | null;
  readonly raizNuevo: string | null;
  readonly conteos: unknown;
}

export const loadCensos = (
  session: SqlSession,
  tramo: string,
  first: number,
): Promise<readonly CensoVista[]> =>
  session.query<CensoVista>(
    `select id, estado, iniciado, terminado, mapping_version as mapeo, comparator_version as comparadores,
      raiz_viejo as "raizViejo", raiz_nuevo as "raizNuevo", conteos
    from censo where tramo = $1 order by iniciado desc, id limit $2`,
    [tramo, first],
  );

/** The last complete census under the versions of now, as it was written. */
export async function loadUltimoCenso(
  session: SqlSession,
  tramo: {
    readonly id: string;
    readonly mappingVersion: number;
    readonly comparatorVersion: number;
  },
): Promise<unknown> {
  const rows = await session.query<{ readonly conteos: unknown }>(
    `select conteos from censo where tramo = $1 and mapping_version = $2 and comparator_version = $3
      and estado = 'completo' order by terminado desc limit 1`,
    [tramo.id, tramo.mappingVersion, tramo.comparatorVersion],
  );
  return rows[0]?.conteos ?? null;
}

export interface DiferenciaVista {
  /** Salted digest of the clave. */
  readonly clave: string;
  readonly clase: string;
  readonly campos: readonly string[];
  readonly origen: string;
  readonly primera: string;
  readonly ultima: string;
  readonly veces: number;
  readonly resuelta: string | null;
}

/** Of these versions, those that still stand first. */
export const loadDiferencias = async (
  session: SqlSession,
  tramo: {
    readonly id: string;
    readonly mappingVersion: number;
    readonly comparatorVersion: number;
  },
  first: number,
): Promise<readonly DiferenciaVista[]> =>
  (
    await session.query<
      Omit<DiferenciaVista, 'campos'> & { readonly campos: readonly { readonly campo: string }[] }
    >(
      `select clave_digest as clave, clase, campos, origen, primera, ultima, veces, resuelta
      from diferencia where tramo = $1 and mapping_version = $2 and comparator_version = $3
      order by resuelta is not null, ultima desc, clave_digest limit $4`,
      [tramo.id, tramo.mappingVersion, tramo.comparatorVersion, first],
    )
  ).map((row) => ({ ...row, campos: row.campos.map(({ campo }) => campo) }));

export interface IncidenteVista {
  readonly en: string;
  readonly tipo: string;
  readonly detalle: unknown;
}

export const loadIncidentes = (
  session: SqlSession,
  tramo: string,
  first: number,
): Promise<readonly IncidenteVista[]> =>
  session.query<IncidenteVista>(
    'select en, tipo, detalle from incidente where tramo = $1 order by id desc limit $2',
    [tramo, first],
  );

export interface UsoVista {
  readonly coordenada: string;
  readonly cliente: string;
  readonly sistema: string;
  readonly primera: string;
  readonly ultima: string;
  readonly veces: number;
}

export const loadUso = async (
  session: SqlSession,
  registro: string,
  first: number,
): Promise<readonly UsoVista[]> =>
  (
    await session.query<Omit<UsoVista, 'veces'> & { readonly veces: bigint }>(
      `select coordenada, cliente, sistema, primera, ultima, veces from uso where registro = $1
      order by ultima desc, coordenada, cliente limit $2`,
      [registro, first],
    )
  ).map((row) => ({ ...row, veces: Number(row.veces) }));

export interface AprobacionVista {
  readonly hacia: string;
  readonly epoca: number;
  readonly en: string;
  readonly persona: string;
  readonly motivo: string;
}

export const loadAprobacionesDe = (
  session: SqlSession,
  tramo: string,
): Promise<readonly AprobacionVista[]> =>
  session.query<AprobacionVista>(
    'select hacia, epoca, en, persona, motivo from aprobacion where tramo = $1 order by en, persona',
    [tramo],
  );

export interface CertificadoVista {
  readonly id: string;
  readonly en: string;
  readonly censo: string | null;
  readonly cuerpo: unknown;
  readonly firma: string | null;
}

export async function loadCertificado(
  session: SqlSession,
  tramo: string,
): Promise<CertificadoVista | null> {
  const rows = await session.query<CertificadoVista>(
    'select id, en, censo, cuerpo, firma from certificado where tramo = $1 order by en desc, id limit 1',
    [tramo],
  );
  return rows[0] ?? null;
}

/** Instances heard of lately, and how many of them route by the present epoch. */
export async function loadInstancias(
  session: SqlSession,
  since: string,
): Promise<{ readonly vivas: number; readonly reconocidas: number }> {
  const rows = await session.query<{ readonly vivas: bigint; readonly reconocidas: bigint }>(
    `select count(*) as vivas, count(*) filter (where i.epoca >= r.epoca) as reconocidas
    from instancia i, ruteo_epoca r where i.latido >= $1`,
    [since],
  );
  return { vivas: Number(rows[0]?.vivas ?? 0), reconocidas: Number(rows[0]?.reconocidas ?? 0) };
}
