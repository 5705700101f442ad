import { keysNeeded, lowerBound, failureLowerBound, proves } from './estadistica.js';
import type { Evidencia, Exencion, TipoEvidencia, ValorDe } from './evidencia.js';
import type { Politica } from './politica.js';
import type { Tramo } from './tramo.js';
import type { Compuerta, Evaluada } from './transiciones.js';

/** All that a gate was judged by. Stored with the transition: judging it again gives the same, for ever. */
export interface Expediente {
  readonly compuerta: Compuerta;
  readonly tramo: Tramo;
  readonly faseDesde: string;
  /** ISO 8601: the one clock of the evaluation. */
  readonly ahora: string;
  readonly politica: Politica;
  /** The latest of each kind. */
  readonly evidencias: readonly Evidencia[];
  readonly exenciones: readonly Exencion[];
}

/** Evaluates a gate from stored evidence and nothing else. */
export function evaluate(expediente: Expediente): Evaluada {
  const juicio = new Juicio(expediente);
  if (expediente.faseDesde > expediente.ahora) {
    juicio.lacks('reloj', 'el reloj marca una hora anterior al comienzo de la fase');
  }
  for (const [requisito, check] of Object.entries(REQUISITOS[expediente.compuerta])) {
    const falta = check(juicio);
    if (falta !== null) juicio.lacks(requisito, falta);
  }
  const { faltas } = juicio;
  return { compuerta: expediente.compuerta, cumplida: faltas.length === 0, faltas };
}

const HORA_MS = 3_600_000;
/** Two instances may differ so much in their clocks. */
const RELOJ_TOLERANCIA_MS = 60_000;

/** Requirements that a person may answer for; every other one is met or it is not. */
const EXIMIBLES: ReadonlySet<string> = new Set(['cuarentena', 'picos', 'uso', 'ciclo']);

type Falta = string | null;
type Requisito = (juicio: Juicio) => Falta;

class Juicio {
  readonly faltas: string[] = [];
  readonly #expediente: Expediente;
  readonly #now: number;

  constructor(expediente: Expediente) {
    this.#expediente = expediente;
    this.#now = Date.parse(expediente.ahora);
  }

  get politica(): Politica {
    return this.#expediente.politica;
  }

  lacks(requisito: string, falta: string): void {
    const exenta =
      EXIMIBLES.has(requisito) &&
      this.#expediente.exenciones.some(
        (exencion) =>
          exencion.requisito === `${this.#expediente.compuerta}.${requisito}` &&
          Date.parse(exencion.vence) > this.#now,
      );
    if (!exenta) this.faltas.push(falta);
  }

  horasEnFase(): number {
    return this.horasDesde(this.#expediente.faseDesde);
  }

  horasDesde(instante: string): number {
    return (this.#now - Date.parse(instante)) / HORA_MS;
  }

  /** Judges one kind of evidence, if there is a valid one: of these versions, recent, and not from a clock ahead. */
  with<T extends TipoEvidencia>(tipo: T, check: (valor: ValorDe<T>) => Falta): Falta {
    const { tramo, evidencias } = this.#expediente;
    const found = evidencias.find((evidencia) => evidencia.tipo === tipo);
    if (found === undefined) return `falta la evidencia «${tipo}»`;
    if (
      found.mappingVersion !== tramo.mappingVersion ||
      found.comparatorVersion !== tramo.comparatorVersion
    ) {
      return `la evidencia «${tipo}» es de otra versión del mapeo o de los comparadores`;
    }
    const age = this.#now - Date.parse(found.en);
    if (!(age >= -RELOJ_TOLERANCIA_MS)) return `la evidencia «${tipo}» tiene fecha futura`;
    if (age > this.politica.evidenciaMaximaHoras * HORA_MS) {
      return `la evidencia «${tipo}» tiene más de ${this.politica.evidenciaMaximaHoras} horas`;
    }
    return check(found.valor as ValorDe<T>);
  }

  /** The same, of what only this phase can show: what an earlier stay in it proved is over. */
  withInPhase<T extends TipoEvidencia>(tipo: T, check: (valor: ValorDe<T>) => Falta): Falta {
    const { evidencias, faseDesde } = this.#expediente;
    const found = evidencias.find((evidencia) => evidencia.tipo === tipo);
    if (found !== undefined && found.en < faseDesde)
      return `la evidencia «${tipo}» es anterior al comienzo de la fase`;
    return this.with(tipo, check);
  }
}

const percent = (share: number): string => `${Number((share * 100).toFixed(4))} %`;

const unless = (ok: boolean, falta: string): Falta => (ok ? null : falta);

const censoIgual: Requisito = (juicio) =>
  juicio.with('censo', (censo) => {
    const { completo, paginasOmitidas, soloViejo, soloNuevo, distintas, explicadas } = censo;
    if (!completo || paginasOmitidas > 0)
      return `el censo no está completo: ${paginasOmitidas} páginas omitidas no prueban nada`;
    const diferencias = soloViejo + soloNuevo + distintas - explicadas;
    if (diferencias > 0) return `el censo encuentra ${diferencias} diferencias sin explicar`;
    const sameRoots = censo.raizViejo === censo.raizNuevo;
    if (!sameRoots && explicadas === 0) return 'las raíces del censo no son iguales';
    return unless(
      censo.iguales + distintas + soloViejo === censo.viejo &&
        censo.iguales + distintas + soloNuevo === censo.nuevo,
      'las cuentas del censo no cuadran',
    );
  });

const paridad =
  (claim: (politica: Politica) => number): Requisito =>
  (juicio) =>
    juicio.with('comparacion', ({ n, k, explicadas }) => {
      const { politica } = juicio;
      const over = explicadas.find((regla) => regla.n * 1e6 > regla.maximoPpm * n);
      if (over !== undefined)
        return `la regla ${over.regla} explica más de lo que su tope permite (${over.n} de ${n})`;
      const wanted = claim(politica);
      if (proves(n, k, wanted, politica.confianza)) return null;
      if (wholeIsCompared(juicio, n, k)) return null;
      const bound = lowerBound(n, k, politica.confianza);
      const needed = keysNeeded(k, wanted, politica.confianza);
      return (
        `la paridad probada es ${percent(bound)} y se pide ${percent(wanted)}: ` +
        `${n} claves distintas comparadas con ${k} fallas; con ${k} se necesitan ${needed}`
      );
    });

/** A population smaller than what the claim needs is proven by comparing all of it: the census found no difference. */
function wholeIsCompared(juicio: Juicio, n: number, k: number): boolean {
  if (k > 0 || n === 0) return false;
  const needed = keysNeeded(0, juicio.politica.g3.paridad, juicio.politica.confianza);
  return (
    censoIgual(juicio) === null &&
    juicio.with('censo', ({ viejo }) => unless(viejo < needed, 'población mayor')) === null
  );
}

const rezago =
  (limit: (politica: Politica) => number): Requisito =>
  (juicio) =>
    juicio.with('rezago', ({ segundos }) =>
      unless(
        segundos <= limit(juicio.politica),
        `el lado nuevo va ${segundos} s atrás de la fuente; se admiten ${limit(juicio.politica)} s`,
      ),
    );

const G1: Readonly<Record<string, Requisito>> = {
  backfill: (juicio) =>
    juicio.withInPhase('backfill', ({ completo, leidas, tomadas, cuarentena, paginasOmitidas }) => {
      if (!completo) return 'la carga inicial no ha terminado';
      if (paginasOmitidas > 0) return `la carga omitió ${paginasOmitidas} páginas`;
      return unless(
        leidas === tomadas + cuarentena,
        `se leyeron ${leidas} registros y hay ${tomadas} tomados y ${cuarentena} en cuarentena`,
      );
    }),
  cuarentena: (juicio) =>
    juicio.with('cuarentena', ({ pendientes }) =>
      unless(pendientes === 0, `hay ${pendientes} registros en cuarentena sin decisión`),
    ),
  rezago: rezago(({ g1 }) => g1.rezagoMaximoS),
  mapeo: (juicio) =>
    juicio.with('mapeo', ({ pruebas, fallidas }) =>
      unless(pruebas > 0 && fallidas === 0, `fallan ${fallidas} de ${pruebas} pruebas del mapeo`),
    ),
};

const cobertura: Requisito = (juicio) =>
  juicio.with('cobertura', ({ rutas, rutasCubiertas, coordenadas, coordenadasCubiertas }) => {
    if (rutas === 0 || rutasCubiertas < rutas)
      return `se compararon ${rutasCubiertas} de ${rutas} rutas del tramo`;
    return unless(
      coordenadasCubiertas >= coordenadas,
      `se compararon ${coordenadasCubiertas} de ${coordenadas} campos en uso`,
    );
  });

const G2: Readonly<Record<string, Requisito>> = {
  censo: censoIgual,
  paridad: paridad(({ g2 }) => g2.paridad),
  cobertura,
  latencia: (juicio) =>
    juicio.with('latencia', ({ n, p95ViejoMs, p95NuevoMs }) => {
      const { latenciaRelativaMaxima, latenciaObservaciones } = juicio.politica.g2;
      if (n < latenciaObservaciones)
        return `hay ${n} mediciones de latencia y se piden ${latenciaObservaciones}`;
      return unless(
        p95NuevoMs <= p95ViejoMs * latenciaRelativaMaxima,
        `el p95 nuevo (${p95NuevoMs} ms) pasa del viejo (${p95ViejoMs} ms)`,
      );
    }),
  tiempo: (juicio) => {
    const wanted = juicio.politica.g2.sombraMinimaHoras;
    return unless(
      juicio.horasEnFase() >= wanted,
      `la sombra lleva ${Math.floor(juicio.horasEnFase())} horas y se piden ${wanted}`,
    );
  },
  picos: (juicio) =>
    juicio.withInPhase('picos', ({ vistos }) =>
      unless(
        vistos >= juicio.politica.g2.picosMinimos,
        `la sombra vio ${vistos} picos de uso y se piden ${juicio.politica.g2.picosMinimos}`,
      ),
    ),
  ensayo: (juicio) =>
    juicio.with('ensayo-regreso', ({ exito }) =>
      unless(exito, 'el ensayo del regreso no tuvo éxito'),
    ),
};

const G3: Readonly<Record<string, Requisito>> = {
  censo: censoIgual,
  paridad: paridad(({ g3 }) => g3.paridad),
  pasos: (juicio) =>
    juicio.withInPhase('canario', ({ pasos }) => {
      const { pasosPpm, horasPorPaso } = juicio.politica.g3;
      const missing = pasosPpm.filter(
        (ppm) => !pasos.some((paso) => paso.ppm === ppm && paso.horasLimpias >= horasPorPaso),
      );
      return unless(
        missing.length === 0,
        `faltan pasos del canario con ${horasPorPaso} horas limpias: ${missing
          .map((ppm) => percent(ppm / 1e6))
          .join(', ')}`,
      );
    }),
  errores: (juicio) =>
    juicio.withInPhase('errores', ({ nuevoN, nuevoK, viejoN, viejoK }) => {
      if (nuevoN === 0) return 'el lado nuevo no ha respondido nada en esta fase';
      const vieja = viejoN === 0 ? 0 : viejoK / viejoN;
      return unless(
        failureLowerBound(nuevoN, nuevoK, juicio.politica.confianza) <= vieja,
        `el lado nuevo falla más que el viejo: ${nuevoK} de ${nuevoN} contra ${viejoK} de ${viejoN}`,
      );
    }),
  frescura: rezago(({ g3 }) => g3.rezagoMaximoS),
};

const G4: Readonly<Record<string, Requisito>> = {
  respaldo: (juicio) =>
    juicio.withInPhase('respaldo', ({ ultimo }) => {
      const wanted = juicio.politica.g4.horasSinRespaldo;
      const quiet = ultimo === null ? juicio.horasEnFase() : juicio.horasDesde(ultimo);
      return unless(
        quiet >= wanted,
        `el sistema viejo respondió como respaldo hace ${Math.floor(quiet)} horas; se piden ${wanted} sin hacerlo`,
      );
    }),
  censo: censoIgual,
  uso: (juicio) =>
    juicio.with('uso', ({ sinNuevo }) =>
      unless(
        sinNuevo.length === 0,
        `${sinNuevo.length} campos en uso no los da el lado nuevo: ${sinNuevo.slice(0, 5).join(', ')}`,
      ),
    ),
  ciclo: (juicio) =>
    juicio.with('uso', ({ observadoDesde }) => {
      const wanted = juicio.politica.g4.cicloHoras;
      const hours = juicio.horasDesde(observadoDesde);
      return unless(
        hours >= wanted,
        `el uso se observa desde hace ${Math.floor(hours)} horas y un ciclo de reporte son ${wanted}`,
      );
    }),
  oscuro: (juicio) =>
    juicio.withInPhase('dia-oscuro', ({ horas, efectos }) => {
      if (efectos > 0) return `el ensayo sin el sistema viejo tuvo ${efectos} efectos`;
      const wanted = juicio.politica.g4.diaOscuroHoras;
      return unless(
        horas >= wanted,
        `el ensayo sin el sistema viejo duró ${horas} de ${wanted} horas`,
      );
    }),
  archivo: (juicio) =>
    juicio.with('archivo', ({ releido, raiz }) =>
      releido
        ? juicio.with('censo', ({ raizNuevo }) =>
            unless(raiz === raizNuevo, 'la raíz del archivo no es la del censo'),
          )
        : 'el archivo no se ha releído ni verificado',
    ),
};

const G5: Readonly<Record<string, Requisito>> = {
  instancias: (juicio) =>
    juicio.withInPhase('instancias', ({ vivas, reconocidas }) =>
      unless(
        vivas > 0 && reconocidas >= vivas,
        `${reconocidas} de ${vivas} instancias siguen ya la época actual`,
      ),
    ),
  credenciales: (juicio) =>
    juicio.withInPhase('credenciales', ({ retiradas }) =>
      unless(retiradas, 'las credenciales del sistema viejo siguen configuradas'),
    ),
  referencias: (juicio) =>
    juicio.withInPhase('referencias', ({ encontradas }) =>
      unless(encontradas === 0, `quedan ${encontradas} referencias al sistema viejo`),
    ),
  certificado: (juicio) =>
    juicio.with('certificado', ({ registradoEn, raiz }) =>
      registradoEn === null
        ? 'el certificado final no está registrado'
        : juicio.with('censo', ({ raizNuevo }) =>
            unless(raiz === raizNuevo, 'el certificado no es del último censo'),
          ),
    ),
};

const REQUISITOS: Readonly<Record<Compuerta, Readonly<Record<string, Requisito>>>> = {
  G1,
  G2,
  G3,
  G4,
  G5,
};

/** Names of the requirements of a gate, as exemptions and pages spell them. */
export const requisitosDe = (compuerta: Compuerta): readonly string[] =>
  Object.keys(REQUISITOS[compuerta]);
