import type { SqlStore } from '../almacen/port.js';
import type { MemoriaRegreso } from '../route/regreso.js';
import { SIN_REGRESOS, decideRegreso } from '../route/regreso.js';
import type { Tramo } from '../route/tramo.js';
import { isRechazo } from '../route/transiciones.js';
import type { TramosKeeper } from './keeper.js';
import { loadTransiciones, saveIncidente } from './store.js';
import type { Ventanas } from './ventanas.js';

const INCIDENT_SAMPLE = 50;

export interface RegresoOptions {
  readonly tramos: TramosKeeper;
  readonly ventanas: Ventanas;
  readonly store: SqlStore;
  readonly now: () => number;
  readonly log: (message: string, error?: unknown) => void;
  /** Writes what is in memory before an incident is told, so that it can name the keys. */
  readonly flush: () => Promise<void>;
}

/** Looks at every tramo that the new side answers for and steps it back when its window asks for it. Forward it never goes. */
export class RegresoAutomatico {
  readonly #options: RegresoOptions;
  readonly #memoria = new Map<string, MemoriaRegreso>();
  readonly #frozen = new Set<string>();

  constructor(options: RegresoOptions) {
    this.#options = options;
  }

  /** One look at all tramos. Without the store nothing moves; it is tried again at the next look. */
  async evaluate(): Promise<void> {
    const { tramos, log } = this.#options;
    if (tramos.salud !== 'SANA') return;
    for (const { tramo } of tramos.rows) {
      if (tramo.fase !== 'canary' && tramo.fase !== 'primary') continue;
      await this.#look(tramo).catch((error: unknown) => {
        log(`tramos: no se pudo evaluar el regreso de ${tramo.id}`, error);
      });
    }
  }

  async #look(tramo: Tramo): Promise<void> {
    const { tramos, ventanas, now } = this.#options;
    const ventana = ventanas.of(tramo);
    const memoria = this.#memoria.get(tramo.id) ?? (await this.#remember(tramo.id));
    const result = decideRegreso(tramo, ventana, memoria, tramos.politica.regreso, now());
    const { decision } = result;
    if (decision.que === 'regresar') {
      const { hacia, motivo } = decision;
      const moved = await tramos.transition(
        tramo.id,
        { hacia, epoca: tramo.epoca, personas: [], motivo },
        true,
      );
      // Another instance, or a person, was first: the next look sees what they left.
      if (isRechazo(moved)) return;
      await this.#tell(tramo, 'REGRESO_AUTOMATICO', { motivo, desde: tramo.fase, hacia, ventana });
    }
    const frozenId = `${tramo.id}|${tramo.epoca}`;
    if (decision.que === 'congelar' && !this.#frozen.has(frozenId)) {
      this.#frozen.add(frozenId);
      await this.#tell(tramo, 'REGRESO_CONGELADO', { motivo: decision.motivo, ventana });
    }
    this.#memoria.set(tramo.id, result.memoria);
  }

  /** What earlier processes and other instances stepped back today counts too. */
  async #remember(id: string): Promise<MemoriaRegreso> {
    const trail = await loadTransiciones(this.#options.store, id);
    const regresos = trail
      .filter(({ automatica, desde, hacia }) => automatica && desde !== hacia)
      .map(({ en }) => Date.parse(en));
    return { ...SIN_REGRESOS, regresos };
  }

  async #tell(tramo: Tramo, tipo: string, detalle: Record<string, unknown>): Promise<void> {
    const { store, now, flush } = this.#options;
    await flush();
    const diferencias = await store.query(
      `select clave_digest, clase, campos from diferencia
      where tramo = $1 and mapping_version = $2 and comparator_version = $3 and resuelta is null
      order by ultima desc limit ${INCIDENT_SAMPLE}`,
      [tramo.id, tramo.mappingVersion, tramo.comparatorVersion],
    );
    const en = new Date(now()).toISOString();
    await saveIncidente(store, tramo.id, tipo, { ...detalle, diferencias }, en);
  }
}
