import { randomUUID } from 'node:crypto';
import type { SqlSession } from '../almacen/port.js';
import type { Expediente } from '../route/compuertas.js';
import { evaluate } from '../route/compuertas.js';
import type { Politica } from '../route/politica.js';
import type { Ruteo } from '../route/ruteo.js';
import { createRuteo } from '../route/ruteo.js';
import type { Fase, Tramo } from '../route/tramo.js';
import { FASES } from '../route/tramo.js';
import type { Compuerta, Evaluada, Movimiento, Rechazo } from '../route/transiciones.js';
import {
  COMPUERTA,
  decideTransition,
  isRechazo,
  refuse,
  withLight,
} from '../route/transiciones.js';
import { declareTramo } from './declarar.js';
import type { KeeperOptions, NuevoTramo, TramosKeeper } from './keeper-contract.js';
import { LATE_MS, POLL_MS } from './keeper-contract.js';
import type { Audit } from './refusals.js';
import { auditOf, declarationProblem, staleEpoch, unknownPhase, unknownSlice } from './refusals.js';
import type { TramoRow } from './store.js';
import {
  advanceEpocaRuteo,
  deleteLatido,
  insertTransicion,
  loadAprobaciones,
  loadEpocaRuteo,
  loadExpediente,
  loadTramos,
  lockTramo,
  saveAprobacion,
  saveLatido,
  updateTramo,
} from './store.js';
import { DESMONTE_MIGRATIONS, DESMONTE_OWNER } from './tables.js';

export * from './keeper-contract.js';

/** Opens the tables and the routes. It is the only writer of tramos in this process. */
export async function openTramos(options: KeeperOptions): Promise<TramosKeeper> {
  await options.store.migrate(DESMONTE_OWNER, DESMONTE_MIGRATIONS);
  const keeper = new StoredTramos(options);
  await keeper.open();
  return keeper;
}

class StoredTramos implements TramosKeeper {
  readonly politica: Politica;
  current: Ruteo;
  rows: readonly TramoRow[] = [];
  salud: 'SANA' | 'DEGRADADA' = 'SANA';
  readonly #options: KeeperOptions;
  readonly #instancia: string | null;
  readonly #fases: readonly Fase[];
  readonly #listeners = new Set<() => void>();
  #epoca = -1;
  #refreshing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#instancia = options.instancia === undefined ? randomUUID() : options.instancia;
    this.#fases = options.fases ?? FASES;
    this.politica = options.politica;
    this.current = createRuteo(0, [], options.base);
  }

  /** At the start there is no last known state to go by: a store that does not answer is an error. */
  async open(): Promise<void> {
    await this.#read();
    this.#options.channel?.subscribe(() => void this.refresh());
    this.#schedule();
  }

  row(id: string): TramoRow | undefined {
    return this.rows.find(({ tramo }) => tramo.id === id);
  }

  refresh(): Promise<void> {
    if (this.#refreshing !== null) return this.#refreshing;
    const degrade = (error?: unknown): void => {
      if (this.salud === 'SANA') this.#options.log('tramos: el almacén no responde', error);
      this.salud = 'DEGRADADA';
    };
    const late = setTimeout(degrade, LATE_MS).unref();
    this.#refreshing = this.#read()
      .catch(degrade)
      .finally(() => {
        clearTimeout(late);
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  async create(nuevo: NuevoTramo, persona: string, motivo: string): Promise<Tramo | Rechazo> {
    return this.#guarded(async () => {
      const problem = declarationProblem(nuevo, this.#options.registros);
      if (problem !== null) return problem;
      return this.#move((session) =>
        declareTramo(session, nuevo, { persona, motivo, en: this.#nowIso(), fases: this.#fases }),
      );
    });
  }

  async approve(
    id: string,
    { hacia, epoca }: { readonly hacia: Fase; readonly epoca: number },
    persona: string,
    motivo: string,
  ): Promise<Rechazo | null> {
    const result = await this.#guarded(() =>
      this.#options.store.transaction(async (session) => {
        const row = await lockTramo(session, id, this.#fases);
        if (row === null) return unknownSlice(id);
        if (row.tramo.epoca !== epoca) return staleEpoch(row.tramo, epoca);
        await saveAprobacion(session, { tramo: id, hacia, epoca, persona, motivo }, this.#nowIso());
        return row.tramo;
      }),
    );
    return isRechazo(result) ? result : null;
  }

  transition(id: string, move: Movimiento, automatica = false): Promise<Tramo | Rechazo> {
    return this.#guarded(() =>
      this.#move(async (session) => {
        const row = await lockTramo(session, id, this.#fases);
        if (row === null) return unknownSlice(id);
        if (row.faseDesconocida !== null) return unknownPhase(row);
        const { tramo } = row;
        const approved = await loadAprobaciones(session, id, move.hacia, tramo.epoca);
        const personas = [...new Set([...move.personas, ...approved])].sort();
        const gate = this.#isForward(tramo, move) ? COMPUERTA[move.hacia] : undefined;
        const expediente = gate === undefined ? null : await this.#expedienteOf(session, row, gate);
        const evaluada = expediente === null ? null : evaluate(expediente);
        const next = decideTransition(tramo, { ...move, personas }, evaluada);
        if (isRechazo(next)) return next;
        return this.#write(session, row, next, {
          personas,
          motivo: move.motivo,
          automatica,
          epocaVista: move.epoca,
          expediente,
        });
      }),
    );
  }

  bumpVersion(
    id: string,
    epoca: number,
    cual: 'mapping' | 'comparator',
    persona: string,
    motivo: string,
  ): Promise<Tramo | Rechazo> {
    return this.#change(id, epoca, { personas: [persona], motivo }, (tramo) =>
      cual === 'mapping'
        ? { ...tramo, mappingVersion: tramo.mappingVersion + 1 }
        : { ...tramo, comparatorVersion: tramo.comparatorVersion + 1 },
    );
  }

  darken(
    id: string,
    epoca: number,
    isDark: boolean,
    personas: readonly string[],
    motivo: string,
  ): Promise<Tramo | Rechazo> {
    return this.#change(id, epoca, { personas, motivo }, (tramo) => {
      if (!isDark) return withLight(tramo);
      return tramo.fase === 'primary'
        ? { ...tramo, oscuroDesde: this.#nowIso() }
        : refuse('TRANSITION_NOT_ALLOWED', `En ${tramo.fase} no se ensaya a oscuras: en primary.`);
    });
  }

  announce(): Promise<number> {
    return this.#options.store
      .transaction((session) => advanceEpocaRuteo(session))
      .then(async (epoca) => {
        await this.#spread();
        return epoca;
      });
  }

  /** Something of a tramo that is not its phase, seen from an epoch, with its line in the trail. */
  #change(
    id: string,
    epoca: number,
    { personas, motivo }: { readonly personas: readonly string[]; readonly motivo: string },
    change: (tramo: Tramo) => Tramo | Rechazo,
  ): Promise<Tramo | Rechazo> {
    return this.#guarded(() =>
      this.#move(async (session) => {
        const row = await lockTramo(session, id, this.#fases);
        if (row === null) return unknownSlice(id);
        if (row.faseDesconocida !== null) return unknownPhase(row);
        if (row.tramo.epoca !== epoca) return staleEpoch(row.tramo, epoca);
        const next = change({ ...row.tramo, epoca: epoca + 1 });
        if (isRechazo(next)) return next;
        const automatica = personas.length === 0;
        const entry = { personas, motivo, automatica, epocaVista: epoca, expediente: null };
        return this.#write(session, row, next, entry);
      }),
    );
  }

  async evaluate(
    id: string,
    compuerta?: Compuerta,
  ): Promise<{ readonly expediente: Expediente; readonly evaluada: Evaluada } | null> {
    const row = this.row(id);
    if (row === undefined) return null;
    const next = FASES[FASES.indexOf(row.tramo.fase) + 1];
    const gate = compuerta ?? (next === undefined ? undefined : COMPUERTA[next]);
    if (gate === undefined) return null;
    const expediente = await this.#expedienteOf(this.#options.store, row, gate);
    return { expediente, evaluada: evaluate(expediente) };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#options.channel?.close();
    await this.#refreshing;
    const { store } = this.#options;
    // Without the store it counts as alive a moment longer.
    if (this.#instancia !== null) await deleteLatido(store, this.#instancia).catch(() => undefined);
  }

  #isForward(tramo: Tramo, { hacia }: Movimiento): boolean {
    return FASES.indexOf(hacia) > FASES.indexOf(tramo.fase);
  }

  #expedienteOf(session: SqlSession, row: TramoRow, compuerta: Compuerta): Promise<Expediente> {
    return loadExpediente(session, row, compuerta, this.politica, this.#nowIso());
  }

  /** The state, the epoch of all routes and the trail change together or not at all. */
  async #write(
    session: SqlSession,
    row: TramoRow,
    next: Tramo,
    entry: Pick<Audit, 'personas' | 'motivo' | 'automatica' | 'epocaVista' | 'expediente'>,
  ): Promise<Tramo | Rechazo> {
    const { tramo } = row;
    const en = this.#nowIso();
    const faseDesde = next.fase === tramo.fase ? row.faseDesde : en;
    const isWritten = await updateTramo(session, next, tramo.epoca, faseDesde);
    if (!isWritten) return staleEpoch(tramo, entry.epocaVista);
    const epocaRuteo = await advanceEpocaRuteo(session);
    await insertTransicion(session, {
      ...auditOf(tramo, next, entry.personas, entry.motivo),
      ...entry,
      en,
      epocaRuteo,
    });
    return next;
  }

  /** One movement at a time over all instances; on this one its effect is immediate. */
  async #move(work: (session: SqlSession) => Promise<Tramo | Rechazo>): Promise<Tramo | Rechazo> {
    const result = await this.#options.store.transaction(async (session) => {
      await loadEpocaRuteo(session, true);
      return work(session);
    });
    if (!isRechazo(result)) await this.#spread();
    return result;
  }

  /** Here at once, and to the others as soon as may be. */
  async #spread(): Promise<void> {
    // Not the refresh under way: it may have read before the commit.
    await this.#refreshing;
    await this.refresh();
    await this.#options.channel?.announce();
  }

  async #guarded(work: () => Promise<Tramo | Rechazo>): Promise<Tramo | Rechazo> {
    try {
      return await work();
    } catch (error) {
      this.salud = 'DEGRADADA';
      this.#options.log('tramos: no se pudo guardar el movimiento', error);
      return refuse('STORE_UNAVAILABLE', 'El almacén no responde: ningún tramo se mueve.');
    }
  }

  async #read(): Promise<void> {
    const { store, base } = this.#options;
    const epoca = await loadEpocaRuteo(store);
    if (epoca !== this.#epoca) {
      // Both in one instant: routes of one epoch with the number of another would be remembered wrongly by caches.
      const read = await store.transaction(
        async (session) => ({
          epoca: await loadEpocaRuteo(session),
          rows: await loadTramos(session, this.#fases),
        }),
        { snapshot: true },
      );
      if (read.epoca >= this.#epoca) this.#take(read.epoca, read.rows, base);
    }
    this.salud = this.rows.some(({ faseDesconocida }) => faseDesconocida !== null)
      ? 'DEGRADADA'
      : 'SANA';
    if (this.rows.length > 0 && this.#instancia !== null)
      await saveLatido(store, this.#instancia, this.#epoca, this.#nowIso());
  }

  #take(epoca: number, rows: readonly TramoRow[], base: ReadonlyMap<string, string>): void {
    this.#epoca = epoca;
    this.rows = rows;
    this.current = createRuteo(
      epoca,
      rows.map(({ tramo }) => tramo),
      base,
    );
    for (const { tramo, faseDesconocida } of rows) {
      if (faseDesconocida !== null)
        this.#options.log(`tramos: ${tramo.id} está en una fase desconocida, ${faseDesconocida}`);
    }
    for (const listener of this.#listeners) listener();
  }

  #schedule(): void {
    const { pollMs = POLL_MS } = this.#options;
    if (pollMs === 0 || this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.refresh().then(() => {
        this.#schedule();
      });
    }, pollMs);
    this.#timer.unref();
  }

  #nowIso(): string {
    return new Date(this.#options.now()).toISOString();
  }
}
