import { ADAPTERS } from '../../../adapters/index.js';
import { pedir } from '../servicio.js';
import { byTwo } from './by-two.js';
import { hideFormularios } from './llamadas.js';
import { distintas, preguntasOf, responder } from './preguntas.js';
import type { Pregunta } from './preguntas.js';
import { Sede, SISTEMA, type SedeOptions } from './sede.js';
import { aprobar, censar, crear, hacer, mover, trabajar, verTramo } from './tramos.js';

/** Lives the retirement of a system from its first day to its last, and says whether it was proven. */
export interface RetiroOptions extends SedeOptions {
  /** Whether defects are planted and a fault is injected on the way. */
  readonly danos: boolean;
  readonly departamentos: readonly string[];
  readonly vigencias: readonly number[];
  readonly say: (text: string) => void;
}

export interface Retiro {
  readonly filas: number;
  readonly tramos: number;
  readonly censados: number;
  readonly preguntas: number;
  readonly plantados: number;
  readonly regresoMs: number;
  readonly certificados: readonly string[];
  readonly segundos: number;
}

/** What the drill damages: totals, which every question about a budget reads. */
const RAIZ = 'RaizFut';
const INTENTOS = 3;
const PASOS = [10_000, 100_000, 500_000, 1_000_000];

export async function retirar(options: RetiroOptions): Promise<Retiro> {
  const { signal } = options;
  const sede = new Sede(options);
  const stop = (): void => void sede.close();
  signal.addEventListener('abort', stop);
  try {
    return await new Ensayo(options, sede).run();
  } catch (error) {
    throw signal.aborted ? new Error('interrumpido') : error;
  } finally {
    signal.removeEventListener('abort', stop);
    await sede.close();
  }
}

class Ensayo {
  readonly #options: RetiroOptions;
  readonly #started = Date.now();
  readonly #preguntas: readonly Pregunta[];
  readonly #carga: readonly Pregunta[];
  readonly #tramos: readonly { readonly id: string; readonly registro: string }[];
  readonly #sede: Sede;

  constructor(options: RetiroOptions, sede: Sede) {
    this.#options = options;
    this.#sede = sede;
    this.#preguntas = preguntasOf(options.departamentos, options.vigencias);
    this.#carga = preguntasOf(options.departamentos.slice(0, 3), options.vigencias.slice(-1));
    const registros = ADAPTERS.find(({ id }) => id === SISTEMA)?.registros ?? [];
    this.#tramos = registros.map(({ nombre }) => ({ id: `fut-${nombre}`, registro: nombre }));
  }

  async run(): Promise<Retiro> {
    await this.#sede.start();
    await this.#sede.untilDelivered();
    const antes = await responder(this.#sede.lector(), this.#preguntas);
    this.#say(`${antes.size} preguntas respondidas por el FUT`);
    const filas = await this.#cargar();
    const { danos } = this.#options;
    const plantados = danos ? await this.#defectos() : 0;
    // Readers ask while it is in shadow: what nobody asks has no peak of use.
    if (!danos) await responder(this.#sede.lector(), this.#carga);
    await this.#canario(this.#tramos);
    const regresoMs = danos ? await this.#falla() : 0;
    const censados = await this.#primario();
    await this.#cerrar();
    await this.#comprobar(antes);
    const certificados = await this.#certificados();
    return {
      filas,
      tramos: this.#tramos.length,
      censados,
      preguntas: antes.size,
      plantados,
      regresoMs,
      certificados,
      segundos: Math.round((Date.now() - this.#started) / 1_000),
    };
  }

  async #cargar(): Promise<number> {
    let filas = 0;
    await byTwo(this.#tramos, async ({ id, registro }) => {
      await crear(this.#sede.ana(), id, registro);
      await mover(this.#sede.ana(), id, 'backfill');
      const { leidas } = await trabajar(this.#sede.ana(), id, 'iniciarBackfill(id: $id)');
      await hacer(this.#sede.ana(), id, 'ensayar(id: $id, ensayo: MAPEO) { id }');
      await mover(this.#sede.ana(), id, 'shadow');
      filas += leidas;
      this.#say(`${registro}: ${leidas} registros cargados; en sombra`);
    });
    return filas;
  }

  /** Defects planted in the new side must be found, each with its campo, by shadow or census, and by nothing else. */
  async #defectos(): Promise<number> {
    const id = `fut-${RAIZ}`;
    const planted = await this.#sede.spoil(RAIZ, { cambiadas: 5, quitadas: 2, agregadas: 2 });
    await responder(this.#sede.lector(), this.#carga);
    const censo = await censar(this.#sede.ana(), id);
    const found = [censo.distintas, censo.soloViejo, censo.soloNuevo];
    must(
      found.join() === [planted.cambiadas, planted.quitadas, planted.agregadas].join(),
      `el censo halló ${found.join(', ')} diferencias y se plantaron 5, 2 y 2`,
    );
    const { tramo } = await pedir<{
      tramo: { diferencias: readonly { campos: readonly string[] }[] };
    }>(this.#sede.ana(), 'query ($id: ID!) { tramo(id: $id) { diferencias { campos } } }', { id });
    const explained = tramo.diferencias.filter(({ campos }) =>
      campos.includes('presupuestoDefinitivo'),
    );
    must(explained.length >= planted.cambiadas, 'no todas las diferencias nombran el campo dañado');
    this.#say(`defectos plantados: 9; hallados por el censo con su campo: ${found.join(' + ')}`);
    const blocked = await mover(this.#sede.ana(), id, 'canary', PASOS[0]).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    must(blocked !== null, 'la compuerta dejó pasar un tramo con diferencias');
    await this.#reparar(id);
    return found.reduce((sum, n) => sum + n, 0);
  }

  /** New evidence under new versions: what was found before stays written and counts no more. */
  async #reparar(id: string): Promise<void> {
    const { epoca } = await verTramo(this.#sede.ana(), id);
    await pedir(
      this.#sede.ana(),
      `mutation ($id: ID!, $epoca: Int!) { cambiarVersion(id: $id, cual: COMPARADORES, epoca: $epoca,
        motivo: "reparado el lado nuevo") { id } }`,
      { id, epoca },
    );
    await trabajar(this.#sede.ana(), id, 'iniciarBackfill(id: $id, reparar: true)');
    const { distintas: d, soloViejo, soloNuevo } = await censar(this.#sede.ana(), id);
    must(
      d + soloViejo + soloNuevo === 0,
      `tras reparar quedan ${d + soloViejo + soloNuevo} diferencias`,
    );
    // Under new versions readers must have asked anew.
    await responder(this.#sede.lector(), this.#carga.slice(0, 1));
  }

  async #canario(
    tramos: readonly { readonly id: string; readonly registro: string }[],
  ): Promise<void> {
    await byTwo(tramos, async ({ id }) => {
      await censar(this.#sede.ana(), id);
      await hacer(this.#sede.ana(), id, 'ensayar(id: $id, ensayo: REGRESO) { id }');
    });
    // Alone: here it is measured how long each side takes.
    for (const { id } of tramos) await this.#entrar(id);
    for (const ppm of PASOS.slice(1)) {
      await responder(this.#sede.lector(), this.#carga);
      for (const { id } of tramos) await mover(this.#sede.ana(), id, 'canary', ppm);
    }
    await responder(this.#sede.lector(), this.#carga);
    this.#say(`${tramos.length} tramos en canario al 100 %`);
  }

  /**
   * Compares and goes on while what was measured is fresh. A latency that something else on the machine spoilt is
   * measured again, as a person would; a gate that stays shut is the reason of the whole.
   */
  async #entrar(id: string): Promise<void> {
    for (let intento = 1; ; intento++) {
      await trabajar(this.#sede.ana(), id, 'iniciarCotejo(id: $id)');
      const shut = await mover(this.#sede.ana(), id, 'canary', PASOS[0]).then(
        () => null,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      );
      if (shut === null) return;
      if (intento === INTENTOS) throw shut;
    }
  }

  /** The new side goes wrong while it answers: the tramo must be back on the old one by itself. */
  async #falla(): Promise<number> {
    const id = `fut-${RAIZ}`;
    await this.#sede.spoil(RAIZ, { cambiadas: 2_000, quitadas: 0, agregadas: 0 });
    const since = Date.now();
    let fase = 'canary';
    for (let at = 0; fase === 'canary' && Date.now() - since < PLAZO_MS; at += POR_MIRADA) {
      const from = at % (this.#preguntas.length - POR_MIRADA);
      await responder(this.#sede.lector(), this.#preguntas.slice(from, from + POR_MIRADA));
      ({ fase } = await verTramo(this.#sede.ana(), id));
    }
    must(fase === 'shadow', `con el lado nuevo dañado el tramo quedó en ${fase}`);
    const ms = Date.now() - since;
    this.#say(`falla inyectada: regreso automático a la sombra en ${ms} ms`);
    await this.#reparar(id);
    await this.#canario([{ id, registro: RAIZ }]);
    return ms;
  }

  async #primario(): Promise<number> {
    // Each tramo answered for itself since its last step; a restart began their windows anew.
    await responder(this.#sede.lector(), this.#carga);
    const back = await this.#vueltos();
    if (back.length > 0) {
      await responder(this.#sede.lector(), this.#carga);
      await this.#canario(back);
    }
    let censados = 0;
    for (const { id } of this.#tramos) await mover(this.#sede.ana(), id, 'primary');
    await responder(this.#sede.lector(), this.#preguntas);
    await byTwo(this.#tramos, async ({ id }) => {
      const { iguales } = await censar(this.#sede.ana(), id);
      censados += iguales;
      await hacer(this.#sede.ana(), id, 'ensayar(id: $id, ensayo: DIA_OSCURO) { id }');
      await hacer(this.#sede.ana(), id, 'certificarTramo(id: $id) { id }');
      await hacer(this.#sede.ana(), id, 'archivarTramo(id: $id) { id }');
    });
    this.#say(`${censados} registros censados iguales; certificados y archivados`);
    return censados;
  }

  /** What the machine itself can spoil, a slow minute, sends a tramo back as a defect does: a person would look, and go on. */
  async #vueltos(): Promise<readonly { readonly id: string; readonly registro: string }[]> {
    const back = [];
    for (const tramo of this.#tramos) {
      const { fase, transiciones } = await verTramo(this.#sede.ana(), tramo.id);
      const { motivo = '' } = transiciones.at(-1) ?? {};
      if (fase !== 'shadow') continue;
      this.#say(`${tramo.id} volvió solo a la sombra: ${motivo}; se recorre otra vez`);
      back.push(tramo);
    }
    return back;
  }

  async #cerrar(): Promise<void> {
    for (const hacia of ['draining', 'retired']) {
      for (const { id } of this.#tramos) {
        if (hacia === 'retired')
          await hacer(this.#sede.ana(), id, 'ensayar(id: $id, ensayo: CIERRE) { id }');
        const alone = await mover(this.#sede.ana(), id, hacia).then(
          () => true,
          () => false,
        );
        must(!alone, `una sola persona pudo pasar ${id} a ${hacia}`);
        await aprobar(this.#sede.luis(), id, hacia);
        await mover(this.#sede.ana(), id, hacia);
      }
      this.#say(`${this.#tramos.length} tramos en ${hacia}, con dos personas`);
    }
  }

  /** The same answers, and nobody asked the old system: with it there, and with it gone. */
  async #comprobar(antes: ReadonlyMap<string, string>): Promise<void> {
    const calls = await this.#sede.calls();
    const despues = await responder(this.#sede.lector(), this.#preguntas);
    const now = await this.#sede.calls();
    must(now === calls, `después de retirado el FUT recibió llamadas: ${calls} → ${now}`);
    const other = distintas(antes, despues);
    must(
      other.length === 0,
      `${other.length} respuestas cambiaron, por ejemplo «${other[0] ?? ''}»`,
    );
    await this.#sede.close();
    await hideFormularios(this.#sede.dropDir);
    await this.#sede.start();
    const gone = distintas(antes, await responder(this.#sede.lector(), this.#preguntas));
    must(gone.length === 0, `sin los archivos del FUT cambiaron ${gone.length} respuestas`);
    must((await this.#sede.calls()) === 0, 'sin el adaptador todavía se abrió el FUT');
    this.#say(
      `${antes.size} respuestas idénticas; 0 llamadas y 0 aperturas del FUT, también sin sus archivos`,
    );
  }

  async #certificados(): Promise<string[]> {
    const { tramos } = await pedir<{
      tramos: readonly { id: string; certificado: { cuerpo: string } | null }[];
    }>(this.#sede.ana(), '{ tramos { id certificado { cuerpo } } }');
    return tramos.map(({ id, certificado }) => {
      if (certificado === null) throw new Error(`${id} no tiene certificado`);
      return certificado.cuerpo;
    });
  }

  #say(text: string): void {
    const seconds = Math.round((Date.now() - this.#started) / 1_000);
    this.#options.say(`[${String(seconds).padStart(3)} s] ${text}`);
  }
}

const PLAZO_MS = 60_000;
/** Questions between two looks at the phase. */
const POR_MIRADA = 10;

function must(ok: boolean, reason: string): asserts ok {
  if (!ok) throw new Error(reason);
}
