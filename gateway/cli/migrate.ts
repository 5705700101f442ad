import type { Command } from 'commander';
import { AlmacenError } from '../almacen/errors.js';
import type { Settings } from '../settings.js';
import type { Avance } from './barra.js';
import { createBarra, toDuration } from './barra.js';
import { withServicio } from './directo.js';
import type { OpcionesInforme } from './report.js';
import { report, TAREA } from './report.js';
import type { Servicio } from './servicio.js';
import { pedir, RechazoError, SinServicioError } from './servicio.js';

/** What every order of `sugit migrate` needs. */
export interface MigrateTools {
  readonly settings: () => Settings;
  readonly print: (text: string) => void;
  readonly say: (text: string) => void;
  /** Where bars are drawn; null where nobody looks. */
  readonly terminal: NodeJS.WritableStream | null;
  readonly setCode: (code: number) => void;
}

interface Opciones {
  readonly json?: boolean;
  readonly url?: string;
}

const FINDING = 1;
const USAGE = 2;
const UNAVAILABLE = 3;
const INTERRUPTED = 130;

/** Codes of an order that was wrong in itself, rather than refused for what is so. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'UNKNOWN_SLICE',
  'UNKNOWN_PHASE',
  'MOTIVO_VACIO',
  'COHORTE_INVALIDA',
  'NO_AUTORIZADO',
  'NO_AUTENTICADO',
  'FORMATO_INVALIDO',
  'ARCHIVO_NO_ESCRITO',
  'GRAPHQL_VALIDATION_FAILED',
  'VALOR_INVALIDO',
  'VIGENCIA_INVALIDA',
]);

/** Codes of a store or service that is not there, or is another's. */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set([
  'STORE_UNAVAILABLE',
  'ALMACEN_OCUPADO',
  'SIN_ALMACEN',
  'SERVICIO_EN_MARCHA',
]);

const RESUMEN = `id registro fase epoca canaryPpm oscuroDesde viejo nuevo compuerta { nombre hacia cumplida faltas } tarea { ${TAREA} }`;

interface Tarea extends Avance {
  readonly tarea: string;
  readonly enCurso: boolean;
  readonly codigo: string | null;
  readonly motivo: string | null;
}

interface Resumen {
  readonly id: string;
  readonly registro: string;
  readonly fase: string;
  readonly epoca: number;
  readonly canaryPpm: number;
  readonly oscuroDesde: string | null;
  readonly compuerta: {
    readonly nombre: string;
    readonly hacia: string;
    readonly cumplida: boolean;
    readonly faltas: readonly string[];
  } | null;
  readonly tarea: Tarea | null;
}

export function addMigrate(program: Command, tools: MigrateTools): void {
  const migrate = program
    .command('migrate')
    .description('mueve tramos de un sistema de origen al almacén único, con prueba')
    .addHelpText(
      'after',
      '\nCódigos: 0 hecho, 1 hallazgo o compuerta sin cumplir, 2 uso, 3 sin servicio, 130 interrumpido.',
    );
  const order = (spec: string, description: string): Command =>
    migrate
      .command(spec)
      .description(description)
      .option('--json', 'respuesta en JSON')
      .option(
        '--url <url>',
        'dirección de /graphql; por defecto la de PORT y, si allí no hay servicio, el almacén mismo',
      );
  order('status [tramo]', 'fase, época y avance de los tramos').action(
    (id: string | undefined, o: Opciones) =>
      run(tools, o, (servicio) => status(tools, o, servicio, id)),
  );
  order('plan <tramo>', 'qué pide la compuerta del paso siguiente').action(
    (id: string, o: Opciones) => run(tools, o, (servicio) => plan(tools, o, servicio, id)),
  );
  const works: readonly (readonly [string, string, string])[] = [
    [
      'backfill',
      'carga o reanuda la carga',
      'iniciarBackfill(id: $id, reiniciar: $si, reparar: $reparar)',
    ],
    ['census', 'compara todos los registros por resumen', 'iniciarCenso(id: $id)'],
    [
      'compare',
      'pregunta a los dos lados por cada ruta y compara campo por campo',
      'iniciarCotejo(id: $id)',
    ],
  ];
  for (const [name, description, mutation] of works) {
    const command = order(`${name} <tramo>`, description);
    if (name === 'backfill')
      command
        .option('--reiniciar', 'empieza de nuevo si cambió lo que se leía')
        .option('--reparar', 'reemplaza también lo que difiere dentro de una versión');
    command.action((id: string, o: Opciones & { reiniciar?: boolean; reparar?: boolean }) =>
      run(tools, o, (servicio) => work(tools, o, servicio, id, mutation), true),
    );
  }
  const moves: readonly (readonly [string, string, string])[] = [
    [
      'advance',
      'un paso adelante (o más parte del canario); si faltan personas, queda su aprobación',
      'moverTramo',
    ],
    ['back', 'un paso atrás', 'retrocederTramo'],
  ];
  for (const [name, description, mutation] of moves) {
    const command = order(`${name} <tramo> <fase>`, description)
      .requiredOption('--motivo <motivo>', 'por qué')
      .option('--epoca <n>', 'época que se vio; por defecto la de ahora', toInt);
    if (name === 'advance')
      command
        .option('--ppm <n>', 'parte por millón del canario', toInt)
        .option('--aprobar', 'solo aprueba el paso: lo da otra persona');
    command.action((id: string, fase: string, o: MoveOptions) =>
      run(tools, o, (servicio) => move(tools, o, servicio, { id, fase, mutation })),
    );
  }
  order('report <tramo>', 'informe de un tramo, con su curva de paridad')
    .option('--format <formato>', 'md o html', 'md')
    .option('--out <archivo>', 'lo escribe en un archivo, y no en la salida')
    .action((id: string, o: Opciones & OpcionesInforme) =>
      run(tools, o, (servicio) => report(tools, o, servicio, id)),
    );
}

interface MoveOptions extends Opciones {
  readonly motivo: string;
  readonly epoca?: number;
  readonly ppm?: number;
  readonly aprobar?: boolean;
}

/** A wrong number is left to the service to refuse with its reason. */
const toInt = (text: string): number => Number(text);

async function run(
  { settings, say, setCode }: MigrateTools,
  { url }: Opciones,
  action: (servicio: Servicio) => Promise<number>,
  leeFuentes = false,
): Promise<void> {
  try {
    setCode(await withServicio(settings(), { url, leeFuentes }, say, action));
  } catch (error) {
    if (error instanceof SinServicioError) {
      say(error.message);
      setCode(UNAVAILABLE);
    } else if (error instanceof RechazoError || isOcupado(error)) {
      say(`${error.code}: ${error.message}`);
      setCode(codeOf(error.code));
    } else throw error;
  }
}

/** Another process has the store: its message names it. */
const isOcupado = (error: unknown): error is AlmacenError =>
  error instanceof AlmacenError && error.code === 'ALMACEN_OCUPADO';

function codeOf(code: string): number {
  if (UNAVAILABLE_CODES.has(code)) return UNAVAILABLE;
  return USAGE_CODES.has(code) ? USAGE : FINDING;
}

async function status(
  { print }: MigrateTools,
  { json }: Opciones,
  servicio: Servicio,
  id: string | undefined,
): Promise<number> {
  const all =
    id === undefined
      ? (await pedir<{ tramos: readonly Resumen[] }>(servicio, `{ tramos { ${RESUMEN} } }`)).tramos
      : [await one(servicio, id)];
  if (json === true) print(JSON.stringify(all, null, 2));
  else if (all.length === 0) print('No hay tramos: todo lo responden los sistemas de origen.');
  else for (const tramo of all) print(lineOf(tramo));
  return 0;
}

const lineOf = ({ id, fase, epoca, canaryPpm, oscuroDesde, compuerta, tarea }: Resumen): string =>
  [
    id,
    fase === 'canary' ? `canary ${canaryPpm / 10_000} %` : fase,
    `época ${epoca}`,
    oscuroDesde === null ? '' : `a oscuras desde ${oscuroDesde}`,
    compuerta === null
      ? ''
      : `${compuerta.nombre} ${compuerta.cumplida ? 'cumplida' : `faltan ${compuerta.faltas.length}`}`,
    tarea === null ? '' : avanceOf(tarea),
  ]
    .filter((part) => part !== '')
    .join('  ');

function avanceOf({ tarea, paso, leidas, total, enCurso, restanteS }: Tarea): string {
  const read = total === null || !enCurso ? `${leidas} leídas` : `${leidas} de ${total} leídas`;
  const left = enCurso && restanteS !== null ? `, faltan ${toDuration(restanteS)}` : '';
  return `${tarea}: ${paso}, ${read}${left}`;
}

async function one(servicio: Servicio, id: string): Promise<Resumen> {
  const query = `query ($id: ID!) { tramo(id: $id) { ${RESUMEN} } }`;
  const { tramo } = await pedir<{ tramo: Resumen | null }>(servicio, query, { id });
  if (tramo === null) throw new RechazoError('UNKNOWN_SLICE', `No existe el tramo «${id}».`);
  return tramo;
}

async function plan(
  { print }: MigrateTools,
  { json }: Opciones,
  servicio: Servicio,
  id: string,
): Promise<number> {
  await pedir(servicio, 'mutation ($id: ID!) { reunirEvidencia(id: $id) { id } }', { id });
  const tramo = await one(servicio, id);
  const { compuerta } = tramo;
  if (json === true)
    print(JSON.stringify({ id, fase: tramo.fase, epoca: tramo.epoca, compuerta }, null, 2));
  else if (compuerta === null)
    print(`${id} está en ${tramo.fase}: no hay paso siguiente con compuerta.`);
  else {
    print(
      `${id}: de ${tramo.fase} a ${compuerta.hacia}, ${compuerta.nombre} ${compuerta.cumplida ? 'cumplida' : 'sin cumplir'}`,
    );
    for (const falta of compuerta.faltas) print(`  - ${falta}`);
  }
  return compuerta === null || compuerta.cumplida ? 0 : FINDING;
}

const POLL_MS = 300;

async function work(
  { print, terminal }: MigrateTools,
  o: Opciones & { readonly reiniciar?: boolean; readonly reparar?: boolean },
  servicio: Servicio,
  id: string,
  mutation: string,
): Promise<number> {
  const isLoad = mutation.includes('$si');
  const head = isLoad
    ? 'mutation ($id: ID!, $si: Boolean, $reparar: Boolean)'
    : 'mutation ($id: ID!)';
  const variables = isLoad ? { id, si: o.reiniciar === true, reparar: o.reparar === true } : { id };
  await pedir(servicio, `${head} { ${mutation} { tarea } }`, variables);
  const bar = createBarra(o.json === true ? null : terminal);
  const interruption = new AbortController();
  const stop = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', stop);
  try {
    for (;;) {
      const { tarea } = await one(servicio, id);
      if (tarea === null)
        throw new RechazoError('TASK_ABORTED', 'El servicio se reinició: repita la orden.');
      bar.show(tarea);
      if (!tarea.enCurso) {
        bar.stop();
        print(o.json === true ? JSON.stringify(tarea, null, 2) : endOf(tarea));
        return tarea.codigo === null ? await finding(servicio, id, tarea) : FINDING;
      }
      if (interruption.signal.aborted) {
        await pedir(servicio, 'mutation ($id: ID!) { detenerTarea(id: $id) { paso } }', { id });
        return INTERRUPTED;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    process.off('SIGINT', stop);
    bar.stop();
  }
}

const endOf = ({ tarea, paso, leidas, codigo, motivo }: Tarea): string =>
  codigo === null
    ? `${tarea} ${paso}: ${leidas} leídas`
    : `${tarea} detenida, ${codigo}: ${motivo ?? ''}`;

/** A census or a comparison that found differences is a finding. */
async function finding(servicio: Servicio, id: string, { tarea }: Tarea): Promise<number> {
  if (tarea === 'carga') return 0;
  const query = 'query ($id: ID!) { tramo(id: $id) { diferencias(first: 1) { resuelta clase } } }';
  const { tramo } = await pedir<{
    tramo: { diferencias: readonly { resuelta: string | null; clase: string }[] };
  }>(servicio, query, { id });
  return tramo.diferencias.some(({ resuelta, clase }) => resuelta === null && clase === 'mismatch')
    ? FINDING
    : 0;
}

async function move(
  { print }: MigrateTools,
  o: MoveOptions,
  servicio: Servicio,
  { id, fase, mutation }: { readonly id: string; readonly fase: string; readonly mutation: string },
): Promise<number> {
  const epoca = o.epoca ?? (await one(servicio, id)).epoca;
  const approves = o.aprobar === true;
  const name = approves ? 'aprobarTransicion' : mutation;
  const ppm = name === 'moverTramo' && o.ppm !== undefined ? `, canaryPpm: ${o.ppm}` : '';
  await pedir(
    servicio,
    `mutation ($id: ID!, $hacia: String!, $epoca: Int!, $motivo: String!) {
      ${name}(id: $id, hacia: $hacia, epoca: $epoca, motivo: $motivo${ppm}) { id } }`,
    { id, hacia: fase, epoca, motivo: o.motivo },
  );
  const tramo = await one(servicio, id);
  if (o.json === true) print(JSON.stringify(tramo, null, 2));
  else print(approves ? `${id}: paso a ${fase} aprobado` : lineOf(tramo));
  return 0;
}
