import { GraphQLError } from 'graphql';
import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { Reader } from '../access/tokens.js';
import type { Cohorte, Condicion, Fase, Tramo } from '../route/tramo.js';
import type { Rechazo } from '../route/transiciones.js';
import { FASES } from '../route/tramo.js';
import { loadInforme, toHtml, toMarkdown } from './informe.js';
import type { Ensayo, Mesa } from './mesa.js';
import type { EstadoTarea } from './obras.js';
import { loadEvidencia, loadTransiciones } from './store.js';
import {
  loadAprobacionesDe,
  loadCensos,
  loadCertificado,
  loadDiferencias,
  loadIncidentes,
  loadUso,
} from './vistas.js';

/** The part of the public schema that no subgraph owns: the tramos, which are about the gateway itself. */
export interface DesmonteContext {
  readonly mesa: Mesa;
  readonly reader: Reader;
}

/** Root fields of the part: an operation with one of them is never planned. */
export const CAMPOS_DESMONTE: ReadonlySet<string> = new Set(['tramos', 'tramo']);

type Args = Readonly<Record<string, unknown>>;
type Resolve = (parent: Vista, args: Args, desk: DesmonteContext) => unknown;
type Vista = { readonly id: string };

/** Gives the fields of the part their resolvers; their types came with the composition. */
export function bindDesmonte(schema: GraphQLSchema): GraphQLSchema {
  bind(schema.getQueryType(), QUERY);
  bind(schema.getMutationType(), MUTATION);
  bind(schema.getType('Tramo') as GraphQLObjectType, TRAMO);
  return schema;
}

function bind(
  type: GraphQLObjectType | null | undefined,
  resolvers: Readonly<Record<string, Resolve>>,
): void {
  for (const [name, resolve] of Object.entries(resolvers)) {
    const field = type?.getFields()[name];
    if (field === undefined) throw new Error(`the schema has no ${String(type)}.${name}`);
    field.resolve = guarded(resolve);
  }
}

const guarded =
  (
    resolve: Resolve,
  ): GraphQLFieldResolver<unknown, { readonly desmonte?: DesmonteContext }, Args> =>
  (parent, args, { desmonte }) => {
    if (desmonte === undefined) throw problem('SIN_DESMONTE', 'Esta instalación no mueve tramos.');
    return resolve(parent as Vista, args, desmonte);
  };

const QUERY: Readonly<Record<string, Resolve>> = {
  tramos: (_root, _args, { mesa }) => mesa.keeper.rows.map(({ tramo }) => viewOf(mesa, tramo)),
  tramo: (_root, args, { mesa }) => {
    const row = mesa.keeper.row(text(args, 'id'));
    return row === undefined ? null : viewOf(mesa, row.tramo);
  },
};

const TRAMO: Readonly<Record<string, Resolve>> = {
  compuerta: async ({ id }, _args, { mesa }) => {
    const found = await mesa.compuerta(id);
    if (found === null) return null;
    const { cumplida, faltas, compuerta } = found.evaluada;
    return { nombre: compuerta, hacia: found.hacia, cumplida, faltas };
  },
  tarea: ({ id }, _args, { mesa }) => tareaView(mesa.tareaDe(id)),
  censos: async ({ id }, args, { mesa }) =>
    (await loadCensos(mesa.store, id, count(args))).map((censo) => ({
      ...censo,
      conteos: JSON.stringify(censo.conteos),
    })),
  evidencias: async ({ id }, _args, { mesa }) =>
    (await loadEvidencia(mesa.store, id)).map(
      ({ tipo, en, epoca, mappingVersion, comparatorVersion, valor }) => ({
        tipo,
        en,
        epoca,
        mapeo: mappingVersion,
        comparadores: comparatorVersion,
        valor: JSON.stringify(valor),
      }),
    ),
  aprobaciones: async ({ id }, _args, { mesa, reader }) =>
    (await loadAprobacionesDe(mesa.store, id)).map((row) => ({
      ...row,
      persona: seesPeople(reader) ? row.persona : null,
    })),
  transiciones: async ({ id }, _args, { mesa, reader }) =>
    (await loadTransiciones(mesa.store, id)).map((row) => ({
      ...row,
      personas: seesPeople(reader) ? row.personas : null,
    })),
  certificado: async ({ id }, _args, { mesa }) => {
    const found = await loadCertificado(mesa.store, id);
    return found && { ...found, cuerpo: JSON.stringify(found.cuerpo) };
  },
  diferencias: async ({ id }, args, { mesa }) => {
    const row = mesa.keeper.row(id);
    return row === undefined ? [] : loadDiferencias(mesa.store, row.tramo, count(args));
  },
  incidentes: async ({ id }, args, { mesa }) =>
    (await loadIncidentes(mesa.store, id, count(args))).map((row) => ({
      ...row,
      detalle: JSON.stringify(row.detalle),
    })),
  uso: ({ id }, args, { mesa }) => {
    const row = mesa.keeper.row(id);
    return row === undefined ? [] : loadUso(mesa.store, row.tramo.registro, count(args));
  },
  informe: async ({ id }, args, { mesa, reader }) => {
    if (!seesPeople(reader))
      throw problem('NO_AUTORIZADO', 'El informe lo leen solo los roles control y migracion.');
    const row = mesa.keeper.row(id);
    if (row === undefined) return null;
    const { politica } = mesa.keeper;
    const informe = await loadInforme(mesa.store, row, politica, mesa.options.now);
    return args['formato'] === 'HTML' ? toHtml(informe) : toMarkdown(informe);
  },
};

type Mutacion = (
  id: string,
  args: Args,
  mesa: Mesa,
  persona: string,
) => Promise<Tramo | EstadoTarea | Rechazo | null>;

/** Only who migrates, under the name that the token gives. */
const mutation =
  (run: Mutacion): Resolve =>
  async (_root, args, { mesa, reader }) => {
    if (reader.rol !== 'migracion' || reader.persona === null) {
      throw problem('NO_AUTORIZADO', 'Los tramos los mueve solo quien tiene el rol migracion.');
    }
    const id = text(args, 'id');
    const result = await run(id, args, mesa, reader.persona);
    if (result !== null && 'code' in result) throw problem(result.code, result.mensaje);
    if (result !== null && 'enCurso' in result) return tareaView(result);
    const row = mesa.keeper.row(id);
    return row === undefined ? null : viewOf(mesa, row.tramo);
  };

const MUTATION: Readonly<Record<string, Resolve>> = {
  crearTramo: mutation((id, args, mesa, persona) =>
    mesa.crear(
      {
        id,
        registro: text(args, 'registro'),
        cohorte: toCohorte(args['cohorte']),
        ...(typeof args['viejo'] === 'string' && { viejo: args['viejo'] }),
      },
      persona,
      motivoOf(args),
    ),
  ),
  iniciarBackfill: mutation((id, args, mesa) =>
    mesa.startBackfill(id, {
      siCambio: args['reiniciar'] === true ? 'reiniciar' : 'rehusar',
      reparar: args['reparar'] === true,
    }),
  ),
  iniciarCenso: mutation((id, _args, mesa) => mesa.startCenso(id)),
  iniciarCotejo: mutation((id, _args, mesa) => mesa.startCotejo(id)),
  reunirEvidencia: mutation((id, _args, mesa) => mesa.reunir(id)),
  ensayar: mutation((id, args, mesa, persona) =>
    mesa.ensayar(id, text(args, 'ensayo') as Ensayo, persona),
  ),
  certificarTramo: mutation((id, _args, mesa) => mesa.certificar(id)),
  archivarTramo: mutation((id, _args, mesa) => mesa.archivar(id)),
  detenerTarea: mutation((id, _args, mesa) => mesa.detener(id)),
  moverTramo: mutation((id, args, mesa, persona) => {
    const ppm = args['canaryPpm'];
    return mesa.mover(id, {
      ...movement(args, persona),
      ...(typeof ppm === 'number' && { canaryPpm: ppm }),
    });
  }),
  retrocederTramo: mutation(async (id, args, mesa, persona) => {
    const tramo = mesa.tramo(id);
    const move = movement(args, persona);
    // A door for steps back must not let a step forward through.
    if ('fase' in tramo && FASES.indexOf(move.hacia) >= FASES.indexOf(tramo.fase)) {
      throw problem(
        'TRANSITION_NOT_ALLOWED',
        `De ${tramo.fase} a ${move.hacia} no es un paso atrás.`,
      );
    }
    return mesa.mover(id, move);
  }),
  aprobarTransicion: mutation(async (id, args, mesa, persona) => {
    const { hacia, epoca, motivo } = movement(args, persona);
    if (!FASES.includes(hacia)) throw problem('UNKNOWN_PHASE', `No existe la fase «${hacia}».`);
    return mesa.keeper.approve(id, { hacia, epoca }, persona, motivo);
  }),
  eximirRequisito: mutation((id, args, mesa, persona) =>
    mesa.eximir(
      id,
      { requisito: text(args, 'requisito'), motivo: motivoOf(args), vence: String(args['vence']) },
      persona,
    ),
  ),
  cambiarVersion: mutation((id, args, mesa, persona) =>
    mesa.keeper.bumpVersion(
      id,
      Number(args['epoca']),
      args['cual'] === 'MAPEO' ? 'mapping' : 'comparator',
      persona,
      motivoOf(args),
    ),
  ),
};

const movement = (
  args: Args,
  persona: string,
): { hacia: Fase; epoca: number; personas: string[]; motivo: string } => ({
  // An unknown phase is refused by name where movements are decided.
  hacia: text(args, 'hacia') as Fase,
  epoca: Number(args['epoca']),
  personas: [persona],
  motivo: motivoOf(args),
});

function motivoOf(args: Args): string {
  const motivo = text(args, 'motivo').trim();
  if (motivo === '') throw problem('MOTIVO_VACIO', 'Cada movimiento dice su motivo.');
  return motivo;
}

interface CondicionArg {
  readonly campo: string;
  readonly en?: readonly string[] | null;
  readonly prefijo?: string | null;
  readonly desde?: number | null;
  readonly hasta?: number | null;
}

function toCohorte(value: unknown): Cohorte {
  const conditions = (value ?? []) as readonly CondicionArg[];
  return Object.fromEntries(conditions.map((one) => [one.campo, toCondicion(one)]));
}

function toCondicion({ campo, en, prefijo, desde, hasta }: CondicionArg): Condicion {
  const isRange = desde != null && hasta != null;
  const forms = [en != null, prefijo != null, isRange].filter(Boolean).length;
  if (forms !== 1)
    throw problem('COHORTE_INVALIDA', `Sobre ${campo} se da una lista, un prefijo o un intervalo.`);
  if (en != null) return { en };
  if (prefijo != null) return { prefijo };
  return { desde: desde ?? 0, hasta: hasta ?? 0 };
}

function viewOf(mesa: Mesa, tramo: Tramo): Vista & Record<string, unknown> {
  const row = mesa.keeper.row(tramo.id);
  return {
    ...tramo,
    fase: row?.faseDesconocida ?? tramo.fase,
    cohorte: JSON.stringify(tramo.cohorte),
    desde: row?.faseDesde ?? null,
    mapeo: tramo.mappingVersion,
    comparadores: tramo.comparatorVersion,
  };
}

const tareaView = (estado: EstadoTarea | null): Record<string, unknown> | null =>
  estado && { ...estado, filasPorSegundo: Math.round(estado.filasPorSegundo) };

const seesPeople = ({ rol }: Reader): boolean => rol === 'control' || rol === 'migracion';
const text = (args: Args, name: string): string => String(args[name]);
const MOST = 1_000;
const count = ({ first }: Args): number => Math.min(MOST, Math.max(0, Number(first)));

const problem = (code: string, mensaje: string): GraphQLError =>
  new GraphQLError(mensaje, { extensions: { code } });
