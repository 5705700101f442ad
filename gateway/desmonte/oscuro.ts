import type { SqlStore } from '../almacen/port.js';
import type { Tramo } from '../route/tramo.js';
import type { Rechazo } from '../route/transiciones.js';
import { isRechazo, refuse } from '../route/transiciones.js';
import type { TramosKeeper } from './keeper.js';
import { gatherUsos } from './reunir.js';
import { followEpoca } from './seguimiento.js';
import { saveEvidencia } from './store.js';

export interface OscuroOptions {
  readonly tramos: TramosKeeper;
  readonly store: SqlStore;
  readonly now: () => number;
  readonly log: (message: string, error?: unknown) => void;
  /** Writes what is in memory, so that every refused question is counted. */
  readonly flush: () => Promise<void>;
}

const HORA_MS = 3_600_000;

/**
 * A day without the old side: its fence is closed on every instance while the new side answers as ever, and each question of
 * a reader that the fence refused is an effect. One effect ends it at once; none, for as long as the policy says, proves that
 * the old side is not needed.
 */
export class DiaOscuro {
  readonly #options: OscuroOptions;

  constructor(options: OscuroOptions) {
    this.#options = options;
  }

  /** Closes the fence everywhere. An instance that does not follow in time would still ask: then it is no rehearsal. */
  async begin(tramo: Tramo, persona: string, signal: AbortSignal): Promise<Tramo | Rechazo> {
    const { tramos, store, now } = this.#options;
    const dark = await tramos.darken(
      tramo.id,
      tramo.epoca,
      true,
      [persona],
      'empieza el ensayo a oscuras',
    );
    if (isRechazo(dark)) return dark;
    const { todas } = await followEpoca(store, tramos.current.epoca, now, signal);
    if (todas) return dark;
    await this.#end(dark, 'una instancia no siguió el ensayo a oscuras');
    return refuse(
      'TRANSITION_NOT_ALLOWED',
      'Una instancia no siguió a tiempo: el ensayo a oscuras no empezó.',
    );
  }

  /** What came of it so far, kept as evidence; an effect, or the time of the policy, ends it. */
  async judge(tramo: Tramo, fallas: number): Promise<void> {
    const { tramos, store, now, flush } = this.#options;
    if (tramo.oscuroDesde === undefined) return;
    await flush();
    const { usos } = await gatherUsos(store, 'OSCURO', tramo, tramo.oscuroDesde);
    const efectos = usos + fallas;
    const horas = Math.max(0, now() - Date.parse(tramo.oscuroDesde)) / HORA_MS;
    const isOver = efectos > 0 || horas >= tramos.politica.g4.diaOscuroHoras;
    const en = new Date(now()).toISOString();
    await saveEvidencia(store, tramo, { tipo: 'dia-oscuro', valor: { horas, efectos } }, en);
    if (!isOver) return;
    await this.#end(
      tramo,
      efectos > 0 ? `el ensayo a oscuras tuvo ${efectos} efectos` : 'cumplió su tiempo a oscuras',
    );
  }

  /** Looks at what is dark: readers must not wait for a person to end what fails them. */
  async look(): Promise<void> {
    const { tramos, store, now, log, flush } = this.#options;
    if (tramos.salud !== 'SANA') return;
    const dark = tramos.rows.filter(({ tramo }) => tramo.oscuroDesde !== undefined);
    if (dark.length === 0) return;
    await flush();
    for (const { tramo } of dark) {
      try {
        const since = tramo.oscuroDesde ?? '';
        const { usos } = await gatherUsos(store, 'OSCURO', tramo, since);
        const isLong = now() - Date.parse(since) >= tramos.politica.g4.diaOscuroHoras * HORA_MS;
        // A rehearsal of no time is judged by who ordered it, who also asks the new side.
        const isDone = isLong && tramos.politica.g4.diaOscuroHoras > 0;
        if (usos > 0 || isDone) await this.judge(tramo, 0);
      } catch (error) {
        log(`tramos: no se pudo juzgar el ensayo a oscuras de ${tramo.id}`, error);
      }
    }
  }

  /** Another instance, or a person, may have been first: then there is nothing left to end. */
  async #end({ id, epoca }: Tramo, motivo: string): Promise<void> {
    await this.#options.tramos.darken(id, epoca, false, [], motivo);
  }
}
