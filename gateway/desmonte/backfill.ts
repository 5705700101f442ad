import type { Ingested, Version } from '../../adapters/contract.js';
import { claveOf } from '../../schema/digest.js';
import type { Filtro } from '../../schema/registro.js';
import { toFiltro } from '../route/cohorte-filtro.js';
import { leerAnotadas, type Anotada } from './anotar.js';
import { settleAusencias, type Ausencias } from './ausencias.js';
import {
  completeBarrido,
  lastBarrido,
  loadBarrido,
  loadSinBalde,
  openBarrido,
  prepareBarridos,
  saveTrozo,
  trimFrom,
  type Barrido,
} from './barrido.js';
import { loadCuarentena, pruneCuarentena, saveCuarentena } from './cuarentena.js';
import { createRitmo, isMoved, moved, refuseAborted } from './leer.js';
import { Conteo } from './progreso.js';
import { contratoOf, readPunto, writePunto, type Punto } from './punto.js';
import type { Ritmo } from './ritmo.js';
import { saveEvidencia } from './store.js';
import type { CodigoDetenida, MarcaAgua, Progreso, Tarea } from './tarea.js';
import { contextOf, Detenida, FASES_QUE_LEEN, toDetenida } from './tarea.js';
import { marcaOf, poisonOf, toMala, type Mala, type Tomada } from './tomar.js';

export interface OpcionesCarga {
  /** When what a stopped load read is no more what it would read now: refuse to go on (default), or start anew. */
  readonly siCambio?: 'rehusar' | 'reiniciar';
  /** Takes over also what differs within one version of the source. */
  readonly reparar?: boolean;
  /** Share of the new side that may be absent from the old one; more of it is a cut answer, not a deletion. */
  readonly limiteBorrado?: number;
}

export interface ResultadoCarga {
  readonly estado: 'completa' | 'detenida';
  readonly codigo: CodigoDetenida | null;
  readonly motivo: string | null;
  readonly barrido: string | null;
  readonly marca: MarcaAgua | null;
  readonly pasadas: number;
  readonly reanudada: boolean;
  /** Of the last walk, wherever it began. */
  readonly leidas: number;
  readonly cuarentena: number;
  /** What this run did. */
  readonly escritas: number;
  readonly iguales: number;
  readonly obsoletas: number;
  readonly conflictos: number;
  readonly ausencias: Ausencias;
  readonly progreso: Progreso;
}

export const LIMITE_BORRADO = 0.005;
/** A source that moves while it is read is read again so often. */
const REINICIOS = 2;
/** Two complete walks prove an absence; one more, for a run that was cut between them. */
const PASADAS = 3;

export const puntoKeyOf = (tramo: string): string => `${tramo}:carga`;

/** Brings the records of a tramo into the single store. Cut at any point and run again, it ends in the same state. */
export async function runBackfill(
  tarea: Tarea,
  opciones: OpcionesCarga = {},
): Promise<ResultadoCarga> {
  await prepareBarridos(tarea.store);
  const before = await lastBarrido(tarea.store, tarea.tramo.id, null);
  const carga = new Carga(tarea, opciones, before?.leidas ?? null);
  const done = await tarea.store.exclusively(
    `carga:${tarea.tramo.id}`,
    () => carga.run().catch((error: unknown) => carga.stopped(error)),
    { wait: false },
  );
  return (
    done ?? carga.stopped(new Detenida('TASK_RUNNING', 'Otra carga de este tramo está en curso.'))
  );
}

class Carga {
  readonly #tarea: Tarea;
  readonly #opciones: OpcionesCarga;
  readonly #conteo: Conteo;
  readonly #ritmo: Ritmo;
  readonly #contrato: string;
  #filtro: Filtro | null = null;
  #punto: Punto | null = null;
  #marca: MarcaAgua | null = null;
  #reanudada = false;
  #pasadas = 0;
  readonly #totals = { escritas: 0, iguales: 0, obsoletas: 0, conflictos: 0 };
  #ausencias: Ausencias = { pendientes: 0, borradas: 0, noBorradas: 0 };

  constructor(tarea: Tarea, opciones: OpcionesCarga, total: number | null) {
    this.#tarea = tarea;
    this.#opciones = opciones;
    this.#conteo = new Conteo(tarea, 'carga', total);
    this.#ritmo = createRitmo(tarea);
    this.#contrato = contratoOf(tarea.registro, tarea.tramo);
  }

  async run(): Promise<ResultadoCarga> {
    const { tramo, registro } = this.#tarea;
    if (!FASES_QUE_LEEN.includes(tramo.fase))
      throw new Detenida('PHASE_NOT_ALLOWED', `En la fase ${tramo.fase} no se lee el lado viejo.`);
    this.#filtro = toFiltro(registro, tramo.cohorte);
    let barrido = await this.#resumed();
    do {
      this.#pasadas += 1;
      const done = await this.#walk(barrido);
      barrido = null;
      await this.#settle(done);
    } while (this.#ausencias.pendientes > 0 && this.#pasadas < PASADAS);
    await this.#saveEvidence(true);
    this.#conteo.set({ paso: 'terminada' });
    return this.#result('completa', null, null);
  }

  /** What stopped the work, told; what nobody expected is thrown on. */
  async stopped(error: unknown): Promise<ResultadoCarga> {
    const { code, mensaje } = toDetenida(error, this.#tarea);
    this.#conteo.set({ paso: 'detenida' });
    // The store may be what failed: then the evidence of the last run stands, and ages.
    if (this.#pasadas > 0 && code !== 'STORE_UNAVAILABLE') await this.#saveEvidence(false);
    return this.#result('detenida', code, mensaje);
  }

  /** The walk that an earlier run left, if it may go on. */
  async #resumed(): Promise<Barrido | null> {
    const { unico, store, tramo } = this.#tarea;
    const punto = readPunto(await unico.checkpoint(puntoKeyOf(tramo.id)));
    if (punto === null) return null;
    const barrido = await loadBarrido(store, punto.barrido);
    if (barrido?.estado !== 'en curso') return null;
    const why = await this.#changed(punto);
    if (why === null) {
      this.#punto = punto;
      this.#reanudada = true;
      await trimFrom(store, barrido, punto.trozo + 1);
      this.#conteo.set({ leidas: punto.leidas, cuarentena: punto.cuarentena });
      return barrido;
    }
    if (this.#opciones.siCambio === 'reiniciar') return null;
    throw new Detenida('RESUME_REFUSED', `La carga no puede seguir donde iba: ${why}.`);
  }

  async #changed(punto: Punto): Promise<string | null> {
    if (punto.contrato !== this.#contrato)
      return 'cambió la declaración del registro, el mapeo o la cohorte';
    const { viejo, registro } = this.#tarea;
    const version = await viejo.version(registro, contextOf(this.#tarea));
    return version.token === punto.version ? null : 'la fuente publicó otra versión de los datos';
  }

  /** One complete walk; a source that moves under it is read again from the beginning. */
  async #walk(resumed: Barrido | null): Promise<Barrido> {
    let barrido = resumed;
    for (let attempt = 0; ; attempt++) {
      try {
        barrido ??= await this.#open();
        await this.#readAll(barrido);
        return await this.#close(barrido);
      } catch (error) {
        if (!isMoved(error) || attempt >= REINICIOS) throw error;
        barrido = null;
        this.#punto = null;
      }
    }
  }

  async #open(): Promise<Barrido> {
    const { store, viejo, registro, tramo } = this.#tarea;
    const baja = await viejo.version(registro, contextOf(this.#tarea));
    this.#punto = null;
    this.#conteo.set({ paso: 'barrido', pasada: this.#pasadas, leidas: 0, cuarentena: 0 });
    return openBarrido(
      store,
      { tramo: tramo.id, tipo: 'carga', contrato: this.#contrato, baja },
      this.#nowIso(),
    );
  }

  async #readAll(barrido: Barrido): Promise<void> {
    if (this.#punto?.fin === true) return;
    const lectura = { filtro: this.#filtro, desde: this.#punto, ritmo: this.#ritmo };
    for await (const anotada of leerAnotadas(this.#tarea, barrido, lectura)) {
      await this.#take(barrido, anotada);
      refuseAborted(this.#tarea);
    }
  }

  /** Noted in the walk first, then taken in with the checkpoint: a cut between them repeats one chunk, with no effect. */
  async #take(barrido: Barrido, anotada: Anotada): Promise<void> {
    const { tomada, leidas, version, resume, trozo, tiempo } = anotada;
    const { tramo, store } = this.#tarea;
    await saveCuarentena(store, tramo.id, tomada.malas, this.#nowIso());
    const next = (malas: number): Punto => ({
      formato: 1,
      barrido: barrido.id,
      contrato: this.#contrato,
      version: version.token,
      trozo,
      resume,
      leidas: (this.#punto?.leidas ?? 0) + leidas,
      cuarentena: (this.#punto?.cuarentena ?? 0) + malas,
      sinClave: (this.#punto?.sinClave ?? 0) + tomada.sinClave,
      fin: resume === null,
    });
    const { ingested, malas } = await this.#ingest(barrido, tomada, version, next, tiempo);
    this.#punto = next(malas);
    for (const name of ['escritas', 'iguales', 'obsoletas', 'conflictos'] as const)
      this.#totals[name] += ingested[name];
    this.#conteo.add(leidas, ingested.escritas, malas);
  }

  async #ingest(
    barrido: Barrido,
    tomada: Tomada,
    version: Version,
    next: (malas: number) => Punto,
    tiempo: number,
  ): Promise<{ readonly ingested: Ingested; readonly malas: number }> {
    const { unico, registro, tramo, store } = this.#tarea;
    let { rows, huellas } = tomada;
    let malas = tomada.malas.length;
    for (;;) {
      const chunk = {
        rows,
        huellas,
        version,
        mapeo: tramo.mappingVersion,
        ...(this.#opciones.reparar === true && { reparar: true }),
      };
      const checkpoint = { tramo: puntoKeyOf(tramo.id), valor: writePunto(next(malas)) };
      try {
        const ingested = await unico.ingest(registro, chunk, checkpoint, contextOf(this.#tarea));
        return { ingested, malas };
      } catch (error) {
        const place = poisonOf(registro, rows, error);
        const row = place === null ? undefined : rows[place];
        if (place === null || row === undefined) throw error;
        const mala = toMala(tramo, row, claveOf(registro, row), 'FORMA');
        await this.#quarantine(barrido, mala, next(malas).trozo, tiempo);
        rows = rows.toSpliced(place, 1);
        huellas = huellas.toSpliced(place, 1);
        malas += 1;
        await saveCuarentena(store, tramo.id, [mala], this.#nowIso());
      }
    }
  }

  #quarantine(barrido: Barrido, mala: Mala, trozo: number, tiempo: number): Promise<void> {
    return saveTrozo(this.#tarea.store, barrido, trozo, [marcaOf(mala)], tiempo);
  }

  async #close(barrido: Barrido): Promise<Barrido> {
    const { viejo, registro, store, tramo } = this.#tarea;
    const alta = await viejo.version(registro, contextOf(this.#tarea));
    if (alta.token !== barrido.baja.token) throw moved();
    this.#marca = { baja: barrido.baja, alta };
    await pruneCuarentena(store, tramo.id, await loadSinBalde(store, barrido));
    return completeBarrido(
      store,
      barrido,
      {
        marca: this.#marca,
        leidas: this.#punto?.leidas ?? 0,
        cuarentena: this.#punto?.cuarentena ?? 0,
      },
      this.#nowIso(),
    );
  }

  async #settle(barrido: Barrido): Promise<void> {
    this.#conteo.set({ paso: 'ausencias' });
    const { limiteBorrado = LIMITE_BORRADO, reparar = false } = this.#opciones;
    this.#ausencias = await settleAusencias(this.#tarea, barrido, {
      filtro: this.#filtro,
      limite: limiteBorrado,
      reparar,
      sinClave: this.#punto?.sinClave ?? 0,
      borradas: this.#ausencias.borradas,
    });
  }

  async #saveEvidence(completo: boolean): Promise<void> {
    const { store, tramo } = this.#tarea;
    const en = this.#nowIso();
    const leidas = this.#punto?.leidas ?? 0;
    const cuarentena = this.#punto?.cuarentena ?? 0;
    const rows = await loadCuarentena(store, tramo.id);
    const eximidas = rows.filter(({ exencion }) => exencion !== null).length;
    const backfill = {
      completo,
      leidas,
      tomadas: leidas - cuarentena,
      cuarentena,
      paginasOmitidas: 0,
    };
    const pendientes = rows.length - eximidas;
    await saveEvidencia(store, tramo, { tipo: 'backfill', valor: backfill }, en);
    await saveEvidencia(store, tramo, { tipo: 'cuarentena', valor: { pendientes, eximidas } }, en);
    // The walk ended in the version in which it began: the new side is where the source is.
    if (completo) await saveEvidencia(store, tramo, { tipo: 'rezago', valor: { segundos: 0 } }, en);
  }

  #result(
    estado: ResultadoCarga['estado'],
    codigo: CodigoDetenida | null,
    motivo: string | null,
  ): ResultadoCarga {
    return {
      estado,
      codigo,
      motivo,
      barrido: this.#punto?.barrido ?? null,
      marca: this.#marca,
      pasadas: this.#pasadas,
      reanudada: this.#reanudada,
      leidas: this.#punto?.leidas ?? 0,
      cuarentena: this.#punto?.cuarentena ?? 0,
      ...this.#totals,
      ausencias: this.#ausencias,
      progreso: this.#conteo.state,
    };
  }

  #nowIso(): string {
    return new Date(this.#tarea.now()).toISOString();
  }
}
