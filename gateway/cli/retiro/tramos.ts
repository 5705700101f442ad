import { pedir } from '../servicio.js';
import type { Servicio } from '../servicio.js';

/** The steps of a retirement through the public API, one tramo at a time. */
export interface Vista {
  readonly id: string;
  readonly registro: string;
  readonly fase: string;
  readonly epoca: number;
  readonly transiciones: readonly {
    readonly automatica: boolean;
    readonly hacia: string;
    readonly motivo: string;
  }[];
}

export interface Tarea {
  readonly tarea: string;
  readonly paso: string;
  readonly enCurso: boolean;
  readonly leidas: number;
  readonly escritas: number;
  readonly codigo: string | null;
  readonly motivo: string | null;
}

const VISTA = 'id registro fase epoca transiciones { automatica hacia motivo }';
const TAREA = 'tarea { tarea paso enCurso leidas escritas codigo motivo }';

export const verTramo = async (servicio: Servicio, id: string): Promise<Vista> =>
  (
    await pedir<{ tramo: Vista }>(servicio, `query ($id: ID!) { tramo(id: $id) { ${VISTA} } }`, {
      id,
    })
  ).tramo;

export async function crear(servicio: Servicio, id: string, registro: string): Promise<void> {
  await pedir(
    servicio,
    'mutation ($id: ID!, $registro: String!) { crearTramo(id: $id, registro: $registro, motivo: "retirar el FUT") { id } }',
    { id, registro },
  );
}

export async function mover(
  servicio: Servicio,
  id: string,
  hacia: string,
  canaryPpm?: number,
): Promise<void> {
  const { epoca, transiciones } = await verTramo(servicio, id);
  const last = transiciones.at(-1);
  await pedir(
    servicio,
    `mutation ($id: ID!, $hacia: String!, $epoca: Int!, $ppm: Int) {
      moverTramo(id: $id, hacia: $hacia, epoca: $epoca, motivo: "retirar el FUT", canaryPpm: $ppm) { fase } }`,
    { id, hacia, epoca, ppm: canaryPpm ?? null },
  ).catch((error: unknown) => {
    if (last?.automatica !== true || !(error instanceof Error)) throw error;
    const why = `${id} había vuelto solo a ${last.hacia}: ${last.motivo}`;
    throw new Error(`${error.message} (${why})`, { cause: error });
  });
}

export async function aprobar(servicio: Servicio, id: string, hacia: string): Promise<void> {
  const { epoca } = await verTramo(servicio, id);
  await pedir(
    servicio,
    `mutation ($id: ID!, $hacia: String!, $epoca: Int!) {
      aprobarTransicion(id: $id, hacia: $hacia, epoca: $epoca, motivo: "retirar el FUT") { fase } }`,
    { id, hacia, epoca },
  );
}

export async function hacer(servicio: Servicio, id: string, mutation: string): Promise<void> {
  await pedir(servicio, `mutation ($id: ID!) { ${mutation} }`, { id });
}

/** The state of a work is in the memory of the service: asking costs it nothing. */
const ESPERA_MS = 50;

/** Starts a work and waits for its end; why it stopped is the reason of the whole. */
export async function trabajar(servicio: Servicio, id: string, mutation: string): Promise<Tarea> {
  await hacer(servicio, id, `${mutation} { tarea }`);
  for (;;) {
    const { tramo } = await pedir<{ tramo: { tarea: Tarea | null } }>(
      servicio,
      `query ($id: ID!) { tramo(id: $id) { ${TAREA} } }`,
      { id },
    );
    const { tarea } = tramo;
    if (tarea?.enCurso === false) {
      if (tarea.codigo !== null)
        throw new Error(`${id}: ${tarea.tarea} detenida, ${tarea.codigo}: ${String(tarea.motivo)}`);
      return tarea;
    }
    await new Promise((resolve) => setTimeout(resolve, ESPERA_MS));
  }
}

export interface Cuentas {
  readonly viejo: number;
  readonly nuevo: number;
  readonly iguales: number;
  readonly soloViejo: number;
  readonly soloNuevo: number;
  readonly distintas: number;
  readonly raizViejo: string;
  readonly raizNuevo: string;
}

export async function censar(servicio: Servicio, id: string): Promise<Cuentas> {
  await trabajar(servicio, id, 'iniciarCenso(id: $id)');
  const { tramo } = await pedir<{ tramo: { censos: readonly { conteos: string }[] } }>(
    servicio,
    'query ($id: ID!) { tramo(id: $id) { censos(first: 1) { conteos } } }',
    { id },
  );
  return JSON.parse(tramo.censos[0]?.conteos ?? '{}') as Cuentas;
}
