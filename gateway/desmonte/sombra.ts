import type { Adapter, Group, Key, Row, SourceContext } from '../../adapters/contract.js';
import { SourceContractError, SourceTimeoutError, toSourceError } from '../../adapters/errors.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import type { Clase, Comparacion, Comparada, Regla } from '../route/comparadores.js';
import { compareAnswers } from '../route/comparadores.js';
import { compareTotales } from '../route/comparar-totales.js';
import type { Fase, Tramo } from '../route/tramo.js';
import { rowBelongs } from '../route/tramo.js';
import type { AnyOutcome } from '../rows/outcome.js';
import type { Seen, Watch } from '../rows/sources.js';
import type { Bitacora } from './bitacora.js';
import { rutaOf } from './bitacora.js';
import { claveDigest } from './clave-digest.js';
import { preguntaOf } from './fallas.js';
import { Muestra, REMEMBERED } from './muestra.js';
import type { Outcomes } from './sides.js';
import { errorClass, keysOf, pairOf, readSide, rowsOf } from './sides.js';
import type { TokenBucket } from './token-bucket.js';
import type { Ventanas } from './ventanas.js';

export interface SombraOptions {
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly bitacora: Bitacora;
  readonly ventanas: Ventanas;
  readonly reglasOf: (tramoId: string) => readonly Regla[];
  /** Reads of a system that is being replaced, beyond what readers ask: none in shadow, few afterwards. */
  readonly legacyBudget: TokenBucket;
  readonly now: () => number;
  readonly concurrency?: number;
  readonly queue?: number;
  readonly deadlineMs?: number;
  /** Share (ppm) of keys compared before that are compared again within a day. */
  readonly repeatPpm?: number;
}

export interface SombraEstado {
  readonly activas: number;
  readonly enCola: number;
  /** Keys that were to be compared and found no room, budget or working comparator. */
  readonly descartadas: number;
  readonly errores: number;
}

interface Task {
  readonly tramo: Tramo;
  readonly bucket: Bucket;
  readonly keys: readonly Key[];
  readonly viejo: Outcomes | null;
  readonly nuevo: Outcomes | null;
  readonly ctx: SourceContext;
  readonly rechequeo: number;
}

const COMPARED: readonly Fase[] = ['shadow', 'canary', 'primary'];
/** Afterwards a question may go to both sides: it would count twice. */
const ONE_ANSWERS: readonly Fase[] = ['legacy', 'backfill', 'shadow'];
const KEYS_PER_TASK = 200;
/** When a difference is looked at again: what is only late is equal by then. */
const RECHECK_MS = [2_000, 30_000, 300_000] as const;
const MAX_RECHECKS = 1_000;

/**
 * Compares after serving. It hears of an answer once it is made, reads the same keys from the other side when the request has
 * gone on, and keeps what it found. It never waits in the way of an answer, and holds a bounded amount of everything.
 */
export class Sombra implements Watch {
  readonly #options: Required<SombraOptions>;
  readonly #queue: Task[] = [];
  readonly #muestra: Muestra;
  /** Claves that differed at the first look. */
  readonly #late = new Set<string>();
  #rechecks: { readonly due: number; readonly task: Task }[] = [];
  #active = 0;
  #dropped = 0;
  #errors = 0;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(options: SombraOptions) {
    this.#options = {
      concurrency: 4,
      queue: 200,
      deadlineMs: 5_000,
      repeatPpm: 100_000,
      ...options,
    };
    this.#muestra = new Muestra(options.now, this.#options.repeatPpm);
  }

  estado(): SombraEstado {
    return {
      activas: this.#active,
      enCola: this.#queue.length,
      descartadas: this.#dropped,
      errores: this.#errors,
    };
  }

  answered(seen: Seen): void {
    if (seen.ctx.origen !== 'consulta' || this.#closed) return;
    try {
      for (const tramo of seen.tramos) this.#answeredFor(tramo, seen);
    } catch {
      this.#errors += 1;
    }
  }

  /** Puts what is due to be looked at again in line. Called every second. */
  tick(): void {
    const now = this.#options.now();
    const due = this.#rechecks.filter((recheck) => recheck.due <= now);
    if (due.length === 0) return;
    this.#rechecks = this.#rechecks.filter((recheck) => recheck.due > now);
    for (const { task } of due) this.#enqueue(task);
  }

  /** Resolves when nothing waits nor runs. */
  idle(): Promise<void> {
    if (this.#active === 0 && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#rechecks = [];
  }

  #answeredFor(tramo: Tramo, seen: Seen): void {
    const { owner, bucket, answer, ms, respaldo } = seen;
    const side = owner === tramo.viejo ? 'viejo' : owner === tramo.nuevo ? 'nuevo' : null;
    const isCounted = ONE_ANSWERS.includes(tramo.fase);
    const isCompared = COMPARED.includes(tramo.fase);
    // Which keys are the tramo's is looked at while the reader waits: only where something follows from it.
    if (side === null || !(isCounted || isCompared)) return;
    const own = keysOf(tramo, seen);
    if (own.length === 0) return;
    const { bitacora, ventanas, legacyBudget, now } = this.#options;
    if (isCounted) bitacora.noteDemanda(tramo, now(), 'preguntas', 1);
    if (!isCompared) return;
    const fallas = own.filter((key) => answer.get(key)?.at === 'failed').length;
    ventanas.answered(tramo, side, { n: own.length, fallas, ms });
    if (respaldo) {
      bitacora.noteUso('RESPALDO', tramo.id, own.length);
      return;
    }
    // A page is no question of a ruta, and a cursor holds the version of its own side.
    if (bucket.op === 'page' || (bucket.op === 'top' && bucket.list.options.after !== null)) return;
    const keys = own.filter((key) => this.#muestra.isDue(tramo, bucket, key));
    for (let i = 0; i < keys.length; i += KEYS_PER_TASK) {
      const part = keys.slice(i, i + KEYS_PER_TASK);
      if (side === 'nuevo' && (tramo.oscuroDesde !== undefined || !legacyBudget.take())) {
        this.#drop(tramo, part.length);
        continue;
      }
      const outcomes = new Map(part.flatMap((key) => pairOf(key, answer)));
      const sides =
        side === 'viejo' ? { viejo: outcomes, nuevo: null } : { viejo: null, nuevo: outcomes };
      this.#enqueue({ tramo, bucket, keys: part, ...sides, ctx: seen.ctx, rechequeo: 0 });
    }
  }

  #drop(tramo: Tramo, n: number): void {
    this.#dropped += n;
    this.#options.bitacora.noteDemanda(tramo, this.#options.now(), 'descartadas', n);
  }

  #enqueue(task: Task): void {
    if (this.#closed) return;
    if (this.#queue.length >= this.#options.queue) {
      this.#drop(task.tramo, task.keys.length);
      return;
    }
    this.#queue.push(task);
    // After the turn in which the answer goes on its way.
    setImmediate(() => {
      this.#next();
    });
  }

  #next(): void {
    if (this.#active >= this.#options.concurrency) return;
    const task = this.#queue.shift();
    if (task === undefined) return;
    this.#active += 1;
    void this.#run(task)
      .catch(() => {
        this.#errors += 1;
        this.#drop(task.tramo, task.keys.length);
      })
      .finally(() => {
        this.#active -= 1;
        this.#next();
        if (this.#active === 0 && this.#queue.length === 0)
          for (const resolve of this.#idle.splice(0)) resolve();
      });
  }

  async #run(task: Task): Promise<void> {
    const side = task.nuevo === null ? 'nuevo' : 'viejo';
    await this.#ask(task, side, (answer) => {
      const viejo = task.viejo ?? answer;
      const nuevo = task.nuevo ?? answer;
      const again = task.keys.filter((key) =>
        this.#compare(task, key, viejo.get(key), nuevo.get(key)),
      );
      this.#lookAgain({ ...task, keys: again, viejo, nuevo: null });
    });
  }

  /** Reads one side within a deadline. The place is kept until the source lets go: so many reads and no more, hanging ones too. */
  async #ask(
    { tramo, bucket, keys, ctx }: Task,
    side: 'viejo' | 'nuevo',
    settle: (answer: Outcomes) => void,
  ): Promise<void> {
    const { adapters, deadlineMs, ventanas } = this.#options;
    const id = side === 'viejo' ? tramo.viejo : tramo.nuevo;
    const adapter = adapters.get(id);
    const stop = new AbortController();
    const started = performance.now();
    let isSettled = false;
    const settleOnce = (answer: Outcomes): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      const fallas = keys.filter((key) => answer.get(key)?.at === 'failed').length;
      ventanas.answered(tramo, side, { n: keys.length, fallas, ms: performance.now() - started });
      settle(answer);
    };
    const failed = (error: SourceTimeoutError | SourceContractError): Outcomes =>
      new Map(keys.map((key) => [key, { at: 'failed', error: toSourceError(error) }]));
    const timer = setTimeout(() => {
      stop.abort();
      try {
        settleOnce(failed(new SourceTimeoutError(id)));
      } catch {
        this.#errors += 1;
      }
    }, deadlineMs).unref();
    const asked: SourceContext = {
      ...ctx,
      signal: stop.signal,
      deadline: Date.now() + deadlineMs,
      origen: 'fondo',
    };
    const answer = await readSide(adapter, bucket, keys, asked).catch((error: unknown) =>
      failed(new SourceContractError(id, { cause: error })),
    );
    settleOnce(answer);
  }

  /** Compares one key and notes what came out. Answers whether it must be looked at again. */
  #compare(task: Task, key: Key, viejo?: AnyOutcome, nuevo?: AnyOutcome): boolean {
    const { tramo, bucket } = task;
    const whole = `@${bucket.id}|${key}`;
    const error = errorClass(viejo, nuevo);
    if (error !== null) return this.#noteFalla(task, key, error);
    const a = rowsOf(viejo);
    const b = rowsOf(nuevo);
    const compared: Comparacion[] = [];
    const note = (clave: string, ruta: string, comparacion: Comparacion): void => {
      compared.push(comparacion);
      this.#note(task, clave, ruta, comparacion);
    };
    if (bucket.op === 'measure') note(whole, '', compareTotales(a as Group[], b as Group[]));
    else {
      const own = (rows: readonly unknown[]): Row[] =>
        (rows as readonly Row[]).filter((row) => rowBelongs(tramo.cohorte, row));
      const comparador = {
        registro: bucket.registro,
        salt: tramo.salt,
        reglas: this.#options.reglasOf(tramo.id),
        ahora: this.#nowIso(),
      };
      const rows = this.#compareRows(comparador, own(a), own(b));
      if (rows === null) return this.#noteFalla(task, key, 'new_error');
      if (rows.length === 0) note(whole, '', { clase: 'equal', regla: null, campos: [] });
      for (const { clave, fila, comparacion } of rows)
        note(clave, rutaOf(bucket.registro, fila), comparacion);
    }
    const differs = compared.some(({ clase }) => clase === 'mismatch');
    this.#muestra.settle(tramo, bucket, key, !differs);
    if (task.rechequeo > 0) return differs;
    const { bitacora, now } = this.#options;
    bitacora.noteRespondida(preguntaOf(tramo, bucket.id, key, this.#nowIso()));
    bitacora.noteDemanda(tramo, now(), 'comparadas', 1);
    return differs;
  }

  /** Not looked at again by itself: the next reader who asks for it settles it, or not. */
  #noteFalla(task: Task, key: Key, clase: Clase): false {
    const { tramo, bucket, rechequeo } = task;
    const { bitacora, ventanas } = this.#options;
    this.#muestra.settle(tramo, bucket, key, false);
    // What was asked of readers was counted at the first look.
    if (rechequeo > 0) return false;
    bitacora.noteFalla(preguntaOf(tramo, bucket.id, key, this.#nowIso()), clase);
    ventanas.compared(tramo, clase);
    return false;
  }

  #nowIso(): string {
    return new Date(this.#options.now()).toISOString();
  }

  /** Null where the comparator fails on what it was given: what cannot be compared is not equal. */
  #compareRows(...args: Parameters<typeof compareAnswers>): readonly Comparada[] | null {
    try {
      return compareAnswers(...args);
    } catch {
      this.#errors += 1;
      return null;
    }
  }

  /** A second look only tells what became of the claves that differed; the others were counted at the first. */
  #note(task: Task, clave: string, ruta: string, comparacion: Comparacion): void {
    const { tramo, rechequeo } = task;
    const { bitacora, ventanas } = this.#options;
    const digest = claveDigest(tramo, clave);
    const id = `${tramo.id}|${tramo.epoca}|${digest}`;
    const anotada = { tramo, claveDigest: digest, ruta, rechequeo };
    const differs = comparacion.clase === 'mismatch';
    if (rechequeo === 0) {
      bitacora.note({ ...anotada, comparacion });
      ventanas.compared(tramo, comparacion.clase);
      if (differs && this.#late.size < REMEMBERED) this.#late.add(id);
    } else if (this.#late.has(id)) {
      if (!differs) this.#late.delete(id);
      const found = differs ? comparacion : { ...comparacion, clase: 'transient' as const };
      bitacora.note({ ...anotada, comparacion: found });
    }
  }

  /** Only the new side is read again: what the old one said was already served. */
  #lookAgain(task: Task): void {
    const delay = RECHECK_MS[task.rechequeo];
    if (task.keys.length === 0 || delay === undefined || this.#rechecks.length >= MAX_RECHECKS)
      return;
    this.#rechecks.push({
      due: this.#options.now() + delay,
      task: { ...task, rechequeo: task.rechequeo + 1 },
    });
  }
}
