import { randomUUID } from 'node:crypto';
import type { Key } from '../../schema/key.js';
import { bucketOf } from '../../schema/digest.js';
import type { Filtro } from '../../schema/registro.js';
import type { Regla } from '../route/comparadores.js';
import { toFiltro } from '../route/cohorte-filtro.js';
import type { ValorCenso } from '../route/evidencia.js';
import { POLITICA_ESTRICTA } from '../route/politica.js';
import { rowBelongs } from '../route/tramo.js';
import type { Barrido } from './barrido.js';
import { lastBarrido, prepareBarridos, replaceHojas } from './barrido.js';
import { compareBarrido, type Comparado } from './comparar.js';
import { explainDiferencias, saveDiferencias } from './diferencias.js';
import { createRitmo, refuseAborted } from './leer.js';
import { Conteo } from './progreso.js';
import { contratoOf } from './punto.js';
import { readClaves, toHojas } from './relectura.js';
import type { Ritmo } from './ritmo.js';
import { saveEvidencia } from './store.js';
import type { CodigoDetenida, MarcaAgua, Progreso, Tarea } from './tarea.js';
import { Detenida, FASES_QUE_LEEN, sleepFor, toDetenida } from './tarea.js';
import { walkForCenso } from './walk-censo.js';

export interface OpcionesCenso {
  /** Differences that a person answers for. */
  readonly reglas?: readonly Regla[];
  /** Compares the last walk again, without asking the source for all of it. */
  readonly reusar?: boolean;
  /** Of the policy: the waits before differing claves are read again. None: they are not. */
  readonly relecturasMs?: readonly number[];
}

/** More differences than this are no moving data. */
const MOST_RELEIDAS = 2_000;

export interface Censo extends ValorCenso {
  readonly estado: 'completo' | 'incompleto';
  readonly codigo: CodigoDetenida | null;
  readonly motivo: string | null;
  readonly barrido: string | null;
  readonly marca: MarcaAgua | null;
  /** Root of the new side as its archive writes it. */
  readonly raizArchivo: string;
  /** Claves that differed and, read again, did not. */
  readonly transitorias: number;
  readonly iniciado: string;
  readonly terminado: string;
  readonly progreso: Progreso;
}

/** Compares every record of a tramo by digest, and tells which ones differ and in which campos. */
export async function runCenso(tarea: Tarea, opciones: OpcionesCenso = {}): Promise<Censo> {
  await prepareBarridos(tarea.store);
  const before = await lastBarrido(tarea.store, tarea.tramo.id, null);
  const work = new Conteo(tarea, 'censo', before?.leidas ?? null);
  const censo = new CensoEnCurso(tarea, opciones, work);
  const done = await tarea.store.exclusively(`censo:${tarea.tramo.id}`, () => censo.run(), {
    wait: false,
  });
  return (
    done ??
    censo.incomplete(new Detenida('TASK_RUNNING', 'Otro censo de este tramo está en curso.'))
  );
}

class CensoEnCurso {
  readonly #tarea: Tarea;
  readonly #opciones: OpcionesCenso;
  readonly #conteo: Conteo;
  readonly #ritmo: Ritmo;
  readonly #id = randomUUID();
  readonly #iniciado: string;
  #barrido: Barrido | null = null;

  constructor(tarea: Tarea, opciones: OpcionesCenso, conteo: Conteo) {
    this.#tarea = tarea;
    this.#opciones = opciones;
    this.#conteo = conteo;
    this.#ritmo = createRitmo(tarea);
    this.#iniciado = this.#nowIso();
  }

  async run(): Promise<Censo> {
    try {
      const { registro, tramo } = this.#tarea;
      const filtro = toFiltro(registro, tramo.cohorte);
      await this.#begin();
      const { barrido, sinClave } = await this.#walk(filtro);
      this.#barrido = barrido;
      const { comparado, transitorias } = await this.#compare(barrido, filtro);
      const explicadas = await this.#explain(comparado);
      return await this.#finish(
        toCenso(comparado, { id: this.#id, explicadas, sinClave }),
        comparado.raizArchivo,
        transitorias,
      );
    } catch (error) {
      const detenida = toDetenida(error, this.#tarea);
      const censo = this.incomplete(detenida);
      if (detenida.code !== 'STORE_UNAVAILABLE') await this.#save(censo);
      return censo;
    }
  }

  /** A census that did not read everything proves nothing, whatever it counted. */
  incomplete({ code, mensaje }: Detenida): Censo {
    this.#conteo.set({ paso: 'detenida' });
    return {
      ...NADA,
      ...this.#common(0),
      id: this.#id,
      estado: 'incompleto',
      codigo: code,
      motivo: mensaje,
      raizArchivo: '',
    };
  }

  async #walk(
    filtro: Filtro | null,
  ): Promise<{ readonly barrido: Barrido; readonly sinClave: number }> {
    const { tramo, store, registro } = this.#tarea;
    if (this.#opciones.reusar !== true) {
      if (!FASES_QUE_LEEN.includes(tramo.fase))
        throw new Detenida(
          'PHASE_NOT_ALLOWED',
          `En la fase ${tramo.fase} no se lee el lado viejo.`,
        );
      return walkForCenso(this.#tarea, filtro, this.#ritmo, this.#conteo);
    }
    const barrido = await lastBarrido(store, tramo.id, 'censo');
    if (barrido?.contrato !== contratoOf(registro, tramo))
      throw new Detenida('NO_SCAN', 'No hay un barrido de este registro y mapeo: haga un censo.');
    return { barrido, sinClave: barrido.cuarentena };
  }

  /** Differing claves are read again on the old side before they count. */
  async #compare(
    barrido: Barrido,
    filtro: Filtro | null,
  ): Promise<{ readonly comparado: Comparado; readonly transitorias: number }> {
    const { sleep = sleepFor, signal } = this.#tarea;
    this.#conteo.set({ paso: 'comparacion' });
    let comparado = await compareBarrido(this.#tarea, barrido, filtro);
    const first = differencesOf(comparado);
    for (const ms of this.#opciones.relecturasMs ?? POLITICA_ESTRICTA.relecturasMs) {
      const count = differencesOf(comparado);
      if (count === 0 || count > MOST_RELEIDAS) break;
      this.#conteo.set({ paso: 'relectura' });
      await sleep(ms, signal);
      refuseAborted(this.#tarea);
      await this.#readAgain(barrido, comparado);
      comparado = await compareBarrido(this.#tarea, barrido, filtro);
    }
    return { comparado, transitorias: Math.max(0, first - differencesOf(comparado)) };
  }

  async #readAgain(barrido: Barrido, { claves }: Comparado): Promise<void> {
    const { registro, tramo, viejo, store, now } = this.#tarea;
    const wanted: Key[] = [
      ...new Set([...claves.soloViejo, ...claves.soloNuevo, ...claves.distintas]),
    ];
    const found = await readClaves(this.#tarea, viejo, wanted, this.#ritmo);
    const ours = [...found.values()].map((rows) =>
      rows.filter((row) => rowBelongs(tramo.cohorte, row)),
    );
    const places = wanted.map((clave) => ({ clave, bucket: bucketOf(clave) }));
    await replaceHojas(store, barrido, places, toHojas(registro, ours), now());
  }

  async #explain(comparado: Comparado): Promise<number> {
    const { reglas = [] } = this.#opciones;
    const rechequeos = (this.#opciones.relecturasMs ?? POLITICA_ESTRICTA.relecturasMs).length;
    const { anotadas, explicadas } = await explainDiferencias(
      this.#tarea,
      comparado,
      reglas,
      this.#ritmo,
      rechequeos,
    );
    await saveDiferencias(this.#tarea, anotadas, this.#nowIso());
    return explicadas;
  }

  async #finish(valor: ValorCenso, raizArchivo: string, transitorias: number): Promise<Censo> {
    this.#conteo.set({ paso: 'terminada' });
    const censo: Censo = {
      ...this.#common(transitorias),
      ...valor,
      estado: 'completo',
      codigo: null,
      motivo: null,
      raizArchivo,
    };
    await this.#save(censo);
    return censo;
  }

  #common(
    transitorias: number,
  ): Pick<Censo, 'barrido' | 'marca' | 'transitorias' | 'iniciado' | 'terminado' | 'progreso'> {
    const barrido = this.#barrido;
    const alta = barrido?.alta ?? null;
    return {
      barrido: barrido?.id ?? null,
      marca: barrido === null || alta === null ? null : { baja: barrido.baja, alta },
      transitorias,
      iniciado: this.#iniciado,
      terminado: this.#nowIso(),
      progreso: this.#conteo.state,
    };
  }

  async #begin(): Promise<void> {
    const { store, tramo } = this.#tarea;
    await store.query(
      `insert into censo (id, tramo, mapping_version, comparator_version, estado, iniciado, conteos)
      values ($1, $2, $3, $4, 'en curso', $5, '{}'::jsonb)`,
      [this.#id, tramo.id, tramo.mappingVersion, tramo.comparatorVersion, this.#iniciado],
    );
  }

  async #save(censo: Censo): Promise<void> {
    const { store, tramo } = this.#tarea;
    // How it went is for who watches, not for the record.
    const conteos = { ...censo, progreso: undefined };
    const { estado, terminado, marca, raizViejo, raizNuevo } = censo;
    const marcaAgua = marca?.baja.sourceTime ?? marca?.baja.checkedAt ?? null;
    await store.transaction(async (session) => {
      await session.query(
        `update censo set estado = $2, terminado = $3, marca_agua = $4, raiz_viejo = $5, raiz_nuevo = $6,
          conteos = $7::jsonb where id = $1`,
        [this.#id, estado, terminado, marcaAgua, raizViejo, raizNuevo, JSON.stringify(conteos)],
      );
      await saveEvidencia(session, tramo, { tipo: 'censo', valor: valorOf(censo) }, terminado);
    });
  }

  #nowIso(): string {
    return new Date(this.#tarea.now()).toISOString();
  }
}

const NADA: Omit<ValorCenso, 'id'> = {
  completo: false,
  paginasOmitidas: 1,
  viejo: 0,
  nuevo: 0,
  iguales: 0,
  soloViejo: 0,
  soloNuevo: 0,
  distintas: 0,
  explicadas: 0,
  raizViejo: '',
  raizNuevo: '',
};

const differencesOf = ({ soloViejo, soloNuevo, distintas }: Comparado): number =>
  soloViejo + soloNuevo + distintas;

/** Records without a clave are on the old side only: nobody can tell where they went. */
function toCenso(
  comparado: Comparado,
  mas: { readonly id: string; readonly explicadas: number; readonly sinClave: number },
): ValorCenso {
  const { viejo, nuevo, iguales, soloViejo, soloNuevo, distintas, raizViejo, raizNuevo } =
    comparado;
  return {
    id: mas.id,
    completo: true,
    paginasOmitidas: 0,
    viejo: viejo + mas.sinClave,
    nuevo,
    iguales,
    soloViejo: soloViejo + mas.sinClave,
    soloNuevo,
    distintas,
    explicadas: mas.explicadas,
    raizViejo,
    raizNuevo,
  };
}

function valorOf(censo: Censo): ValorCenso {
  const { id, completo, paginasOmitidas, viejo, nuevo, iguales, soloViejo, soloNuevo } = censo;
  const { distintas, explicadas, raizViejo, raizNuevo } = censo;
  return {
    id,
    completo,
    paginasOmitidas,
    viejo,
    nuevo,
    iguales,
    soloViejo,
    soloNuevo,
    distintas,
    explicadas,
    raizViejo,
    raizNuevo,
  };
}
