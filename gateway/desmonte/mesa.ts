import type { Adapter, RecordStore } from '../../adapters/contract.js';
import { isRecordStore } from '../../adapters/index.js';
import type { Registro } from '../../schema/registro.js';
import type { SqlStore } from '../almacen/port.js';
import type { Cohorte, Fase, Tramo } from '../route/tramo.js';
import { FASES } from '../route/tramo.js';
import type { Compuerta, Evaluada, Movimiento, Rechazo } from '../route/transiciones.js';
import { isRechazo, refuse } from '../route/transiciones.js';
import type { OpcionesCarga } from './backfill.js';
import { runBackfill } from './backfill.js';
import { writeArchivo } from './archivo.js';
import type { Censo } from './censo.js';
import { runCenso } from './censo.js';
import { issueCertificado } from './certificado.js';
import { runCotejo } from './cotejo.js';
import { isAlone, referenciasA } from './cierre.js';
import { ensayoMapeo, ensayoOscuro, ensayoRegreso } from './ensayos.js';
import { saveObservado } from './evidencias.js';
import { openFirmante } from './firma.js';
import type { EstadoTarea, Obra } from './obras.js';
import { Obras } from './obras.js';
import type { TramosKeeper } from './keeper.js';
import { loadReglas } from './reunir.js';
import { RutasContadas } from './rutas.js';
import { saveEvidencia, saveExencion } from './store.js';
import type { Progreso, Tarea } from './tarea.js';
import { toDetenida } from './tarea.js';
import type { UsoCampos } from './uso.js';
import type { Vigia } from './vigia.js';
import { loadUltimoCenso } from './vistas.js';

export interface MesaOptions {
  readonly store: SqlStore;
  readonly keeper: TramosKeeper;
  readonly registros: readonly Registro[];
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly now: () => number;
  readonly log: (message: string, error?: unknown) => void;
  readonly vigia: Vigia;
  readonly uso: UsoCampos;
  /** SUGIT_DATA_DIR: the archives and the key that signs lie in it. */
  readonly dataDir: string;
  /** Settings of an adapter that are its own and still given. */
  readonly credencialesDe: (adapter: string) => readonly string[];
  /** Whether requests of people wait for a source: the works give way to them. */
  readonly ocupado?: () => boolean;
}

/** The desk at which people move tramos, whatever way they come: it starts works, and hands movements to the keeper. */
export class Mesa {
  readonly options: MesaOptions;
  readonly #obras: Obras;
  readonly #rutasContadas = new RutasContadas();

  constructor(options: MesaOptions) {
    this.options = options;
    this.#obras = new Obras(options.log);
  }

  get keeper(): TramosKeeper {
    return this.options.keeper;
  }

  get store(): SqlStore {
    return this.options.store;
  }

  tareaDe(id: string): EstadoTarea | null {
    return this.#obras.estado(id);
  }

  detener(id: string): Promise<EstadoTarea | Rechazo> {
    return this.#obras.stop(id);
  }

  async crear(
    nuevo: {
      readonly id: string;
      readonly registro: string;
      readonly cohorte: Cohorte;
      readonly viejo?: string;
    },
    persona: string,
    motivo: string,
  ): Promise<Tramo | Rechazo> {
    const unico = this.#unico();
    if (unico === null) return noUnico();
    const { registro } = nuevo;
    const base = [...this.options.adapters.values()].find(
      (adapter) =>
        !isRecordStore(adapter) && adapter.registros.some(({ nombre }) => nombre === registro),
    );
    const viejo = nuevo.viejo ?? base?.id;
    if (viejo === undefined)
      return refuse('TRANSITION_NOT_ALLOWED', `Nadie responde el registro ${registro}.`);
    return this.keeper.create({ ...nuevo, viejo, nuevo: unico.id }, persona, motivo);
  }

  startBackfill(id: string, opciones: OpcionesCarga): Promise<EstadoTarea | Rechazo> {
    return this.#start(id, 'carga', (tarea) => runBackfill(tarea, opciones));
  }

  startCenso(id: string): Promise<EstadoTarea | Rechazo> {
    return this.#start(id, 'censo', async (tarea) => {
      const reglas = await loadReglas(this.store, id);
      return runCenso(tarea, { reglas, relecturasMs: this.keeper.politica.relecturasMs });
    });
  }

  /** Compares every ruta through both sides, as readers ask. */
  startCotejo(id: string): Promise<EstadoTarea | Rechazo> {
    const { vigia } = this.options;
    return this.#start(id, 'cotejo', async (tarea) => {
      await runCotejo(tarea, {
        bitacora: vigia.bitacora,
        ventanas: vigia.ventanas,
        flush: () => vigia.flush(),
      });
      return { codigo: null, motivo: null };
    });
  }

  /** A movement by a person: what the gateway saw is brought together first, so that the gate judges what is so now. */
  async mover(id: string, move: Movimiento): Promise<Tramo | Rechazo> {
    const before = this.tramo(id);
    if (isRechazo(before)) return before;
    const isForward = FASES.indexOf(move.hacia) > FASES.indexOf(before.fase);
    if (isForward) await this.reunir(id);
    const moved = await this.keeper.transition(id, move);
    // The archive that others read says that the tramo is retired.
    if (!isRechazo(moved) && moved.fase === 'retired' && before.fase !== 'retired')
      await this.archivar(id);
    return moved;
  }

  async reunir(id: string): Promise<Tramo | Rechazo> {
    const row = this.keeper.row(id);
    if (row === undefined) return this.tramo(id);
    const { vigia, uso, now } = this.options;
    return this.#safely(async () => {
      await vigia.flush();
      await uso.flush(this.store);
      await saveObservado({
        store: this.store,
        ventanas: vigia.ventanas,
        row,
        nowMs: now(),
        pico: this.keeper.politica.g2.pico,
        descartadas: 0,
        rutas: () => this.#rutas(id),
      });
      return row.tramo;
    });
  }

  ensayar(id: string, ensayo: Ensayo, persona: string): Promise<Tramo | Rechazo> {
    return this.#safely(async () => {
      const tarea = this.tarea(id, AbortSignal.timeout(ENSAYO_MS));
      if ('code' in tarea) return tarea;
      if (ensayo === 'DIA_OSCURO') return this.#oscurecer(tarea, persona);
      await this.#ensayar(tarea, ensayo);
      return tarea.tramo;
    });
  }

  certificar(id: string): Promise<Tramo | Rechazo> {
    return this.#safely(async () => {
      const tarea = this.tarea(id, AbortSignal.timeout(ENSAYO_MS));
      if ('code' in tarea) return tarea;
      const { store, tramo, registro, now } = tarea;
      const censo = await loadUltimoCenso(store, tramo);
      if (censo === null)
        return refuse('TRANSITION_NOT_ALLOWED', 'El tramo no tiene un censo de estas versiones.');
      const firmante = await openFirmante(this.options.dataDir);
      await issueCertificado({ store, tramo, registro, censo: censo as Censo, firmante, now });
      return tramo;
    });
  }

  archivar(id: string): Promise<Tramo | Rechazo> {
    return this.#safely(async () => {
      const row = this.keeper.row(id);
      const unico = this.#unico();
      if (row === undefined) return this.tramo(id);
      const registro = this.#registro(row.tramo);
      if (unico === null || registro === undefined) return noUnico();
      const { dataDir, now } = this.options;
      const firmante = await openFirmante(dataDir);
      const { tramo, faseDesde } = row;
      const signal = AbortSignal.timeout(ENSAYO_MS);
      await writeArchivo({
        store: this.store,
        unico,
        registro,
        tramo,
        faseDesde,
        dataDir,
        firmante,
        now,
        signal,
      });
      return tramo;
    });
  }

  async eximir(
    id: string,
    exencion: { readonly requisito: string; readonly motivo: string; readonly vence: string },
    persona: string,
  ): Promise<Tramo | Rechazo> {
    const tramo = this.tramo(id);
    if (isRechazo(tramo)) return tramo;
    const en = new Date(this.options.now()).toISOString();
    await saveExencion(this.store, id, { ...exencion, persona }, en);
    return tramo;
  }

  /** The gate of the next step, and where it leads. */
  async compuerta(
    id: string,
    compuerta?: Compuerta,
  ): Promise<{ readonly hacia: Fase; readonly evaluada: Evaluada } | null> {
    const found = await this.keeper.evaluate(id, compuerta);
    if (found === null) return null;
    return { hacia: HACIA[found.evaluada.compuerta], evaluada: found.evaluada };
  }

  tramo(id: string): Tramo | Rechazo {
    return this.keeper.row(id)?.tramo ?? refuse('UNKNOWN_SLICE', `No existe el tramo «${id}».`);
  }

  /** What a long work over a tramo stands on; a refusal where one of its two sides is not here. */
  tarea(id: string, signal: AbortSignal): Tarea | Rechazo {
    const tramo = this.tramo(id);
    if (isRechazo(tramo)) return tramo;
    const { adapters, store, now, ocupado } = this.options;
    const registro = this.#registro(tramo);
    const viejo = adapters.get(tramo.viejo);
    const unico = this.#unico();
    if (unico === null) return noUnico();
    if (registro === undefined || viejo === undefined)
      return refuse(
        'TRANSITION_NOT_ALLOWED',
        `El sistema ${tramo.viejo} ya no está en esta instalación.`,
      );
    return { tramo, registro, viejo, unico, store, now, signal, ...(ocupado && { ocupado }) };
  }

  close(): Promise<void> {
    return this.#obras.close();
  }

  #start(id: string, nombre: Progreso['tarea'], run: Obra): Promise<EstadoTarea | Rechazo> {
    const tramo = this.tramo(id);
    if (!isRechazo(tramo) && tramo.oscuroDesde !== undefined)
      return Promise.resolve(
        refuse('TRANSITION_NOT_ALLOWED', `El tramo ${id} está a oscuras: nadie lee su lado viejo.`),
      );
    return Promise.resolve(this.#obras.start(id, nombre, (signal) => this.tarea(id, signal), run));
  }

  /** Begins a day without the old side, or judges the one that is under way; the new side answers for every ruta. */
  async #oscurecer(tarea: Tarea, persona: string): Promise<Tramo | Rechazo> {
    const { oscuro } = this.options.vigia;
    const { tramo, signal } = tarea;
    if (this.tareaDe(tramo.id)?.enCurso === true)
      return refuse('TASK_RUNNING', `El tramo ${tramo.id} tiene una tarea que lee el lado viejo.`);
    const dark =
      tramo.oscuroDesde === undefined ? await oscuro.begin(tramo, persona, signal) : tramo;
    if (isRechazo(dark)) return dark;
    await oscuro.judge(dark, await ensayoOscuro(tarea));
    return dark;
  }

  async #ensayar(tarea: Tarea, ensayo: Exclude<Ensayo, 'DIA_OSCURO'>): Promise<void> {
    const { store, tramo, now } = tarea;
    const en = (): string => new Date(now()).toISOString();
    switch (ensayo) {
      case 'MAPEO':
        await saveEvidencia(store, tramo, { tipo: 'mapeo', valor: await ensayoMapeo(tarea) }, en());
        return;
      case 'REGRESO': {
        const valor = await ensayoRegreso(tarea, this.keeper);
        await saveEvidencia(store, tramo, { tipo: 'ensayo-regreso', valor }, en());
        return;
      }
      case 'CIERRE': {
        const { adapters, credencialesDe } = this.options;
        const tramos = this.keeper.rows.map((row) => row.tramo);
        const isLeft = isAlone(tramo, tramos, adapters) && credencialesDe(tramo.viejo).length > 0;
        const credenciales = { retiradas: !isLeft };
        await saveEvidencia(store, tramo, { tipo: 'credenciales', valor: credenciales }, en());
        const encontradas = referenciasA(tramo, adapters);
        await saveEvidencia(store, tramo, { tipo: 'referencias', valor: { encontradas } }, en());
      }
    }
  }

  async #rutas(id: string): Promise<number> {
    const tarea = this.tarea(id, AbortSignal.timeout(ENSAYO_MS));
    return 'code' in tarea ? 0 : this.#rutasContadas.of(tarea);
  }

  #registro({ registro }: Tramo): Registro | undefined {
    return this.options.registros.find(({ nombre }) => nombre === registro);
  }

  /** What a person is told when it does not work. */
  async #safely(work: () => Promise<Tramo | Rechazo>): Promise<Tramo | Rechazo> {
    try {
      return await work();
    } catch (error) {
      const { code, mensaje } = toDetenida(error, { signal: NEVER });
      return { code: code as Rechazo['code'], mensaje };
    }
  }

  #unico(): RecordStore | null {
    return [...this.options.adapters.values()].find(isRecordStore) ?? null;
  }
}

export type Ensayo = 'MAPEO' | 'REGRESO' | 'DIA_OSCURO' | 'CIERRE';
const NEVER = new AbortController().signal;
const ENSAYO_MS = 10 * 60_000;

const HACIA: Readonly<Record<Compuerta, Fase>> = {
  G1: 'shadow',
  G2: 'canary',
  G3: 'primary',
  G4: 'draining',
  G5: 'retired',
};

const noUnico = (): Rechazo =>
  refuse('TRANSITION_NOT_ALLOWED', 'Esta instalación no tiene el almacén único.');
