import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Servicio } from '../servicio.js';
import { callsOf } from './llamadas.js';
import { plantar, type Plantado } from './plantar.js';
import { startProceso, type Proceso } from './proceso.js';

export const SISTEMA = 'fut';
const ANA = 'retiro-persona-1';
const LUIS = 'retiro-persona-2';
const PERSONAS = [
  { token: ANA, persona: 'Ana (ensayo)', rol: 'migracion' },
  { token: LUIS, persona: 'Luis (ensayo)', rol: 'migracion' },
];
const PLAZO_MS = 600_000;
const ESPERA_MS = 250;

export interface SedeOptions {
  readonly program: string;
  readonly dataDir: string;
  /** A folder of files given instead of the sandbox's. */
  readonly dropDir: string | null;
  /** Whether the other systems stand too, and the door that counts their calls. */
  readonly sandbox: boolean;
  readonly log: (text: string) => void;
  /** Ends it before its time: the service too, and its sandbox. */
  readonly signal: AbortSignal;
}

/** Where a retirement is lived: a gateway with a folder of its own, and the persons who ask it. */
export class Sede {
  readonly #options: SedeOptions;
  #proceso: Proceso | null = null;

  constructor(options: SedeOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { program, dataDir, dropDir, sandbox, log, signal } = this.#options;
    signal.throwIfAborted();
    const drop = dropDir === null ? {} : { FUT_DROP_DIR: dropDir };
    const tokens = path.join(dataDir, 'tokens-retiro.json');
    await writeFile(tokens, JSON.stringify({ tokens: PERSONAS }));
    const env = {
      SUGIT_CACHE_TTL_S: '0',
      SUGIT_PLAZO_MS: '240000',
      SUGIT_TOKENS_FILE: tokens,
      SUGIT_SANDBOX: String(sandbox),
      ...drop,
    };
    this.#proceso = await startProceso({ program, dataDir, env, log });
  }

  async close(): Promise<void> {
    await this.#proceso?.close();
    this.#proceso = null;
  }

  /** Spoils the new side while nobody runs over it. */
  async spoil(
    registro: string,
    how: { readonly cambiadas: number; readonly quitadas: number; readonly agregadas: number },
  ): Promise<Plantado> {
    await this.close();
    const { dataDir } = this.#options;
    const planted = await plantar({ dataDir, registro, campo: 'presupuestoDefinitivo', ...how });
    await this.start();
    return planted;
  }

  get dropDir(): string {
    const { dataDir, dropDir } = this.#options;
    return dropDir ?? path.join(dataDir, 'sandbox', SISTEMA);
  }

  /** The sandbox writes its files while it already answers. */
  async untilDelivered(): Promise<void> {
    if (this.#options.dropDir !== null) return;
    const done = path.join(this.dropDir, '.sandbox.json');
    for (const since = Date.now(); Date.now() - since < PLAZO_MS;) {
      const found = await access(done).then(
        () => true,
        () => false,
      );
      if (found) return;
      await new Promise((resolve) => setTimeout(resolve, ESPERA_MS));
    }
    throw new Error('el sandbox no terminó de escribir los archivos del FUT');
  }

  /** Calls and openings of the system so far. */
  calls(): Promise<number> {
    return callsOf(this.#running(), SISTEMA);
  }

  ana(): Servicio {
    return { url: this.#running().graphql, token: ANA };
  }
  luis(): Servicio {
    return { url: this.#running().graphql, token: LUIS };
  }
  lector(): Servicio {
    return { url: this.#running().graphql, token: null };
  }

  #running(): Proceso {
    if (this.#proceso === null) throw new Error('el servicio no está en marcha');
    return this.#proceso;
  }
}
