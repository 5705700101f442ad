/**
 * What a gate may be judged by: everything is stored, stamped with the versions of mapping and comparators and with the
 * epoch under which it was gathered. Nothing here is a value of a record.
 */
interface Sellada {
  readonly id: string;
  readonly mappingVersion: number;
  readonly comparatorVersion: number;
  /** Epoch of the tramo when it was gathered. */
  readonly epoca: number;
  /** ISO 8601, UTC. */
  readonly en: string;
}

interface Valores {
  /** rows read = rows taken + quarantined, or something was lost on the way. */
  readonly backfill: {
    readonly completo: boolean;
    readonly leidas: number;
    readonly tomadas: number;
    readonly cuarentena: number;
    readonly paginasOmitidas: number;
  };
  readonly cuarentena: { readonly pendientes: number; readonly eximidas: number };
  /** How far the new side is behind the source. */
  readonly rezago: { readonly segundos: number };
  readonly mapeo: { readonly pruebas: number; readonly fallidas: number };
  readonly censo: ValorCenso;
  /** Distinct keys compared, and how many of them differ or failed on the new side. */
  readonly comparacion: {
    readonly n: number;
    readonly k: number;
    readonly excluidas: number;
    readonly explicadas: readonly {
      readonly regla: string;
      readonly n: number;
      readonly maximoPpm: number;
    }[];
  };
  readonly cobertura: {
    readonly rutas: number;
    readonly rutasCubiertas: number;
    readonly coordenadas: number;
    readonly coordenadasCubiertas: number;
  };
  readonly latencia: {
    readonly n: number;
    readonly p95ViejoMs: number;
    readonly p95NuevoMs: number;
  };
  /** Full peaks of use that the shadow has seen. */
  readonly picos: { readonly vistos: number };
  readonly 'ensayo-regreso': { readonly exito: boolean; readonly segundos: number };
  readonly canario: {
    readonly pasos: readonly { readonly ppm: number; readonly horasLimpias: number }[];
  };
  readonly errores: {
    readonly nuevoN: number;
    readonly nuevoK: number;
    readonly viejoN: number;
    readonly viejoK: number;
  };
  /** Answers that the old side gave in `primary` because the new one was down. */
  readonly respaldo: { readonly usos: number; readonly ultimo: string | null };
  readonly uso: {
    readonly observadoDesde: string;
    /** Coordinates in use that the new side does not serve. */
    readonly sinNuevo: readonly string[];
  };
  readonly 'dia-oscuro': { readonly horas: number; readonly efectos: number };
  /** `releido`: read back from its file to the last record, and each of them verified. */
  readonly archivo: { readonly releido: boolean; readonly raiz: string };
  readonly instancias: { readonly vivas: number; readonly reconocidas: number };
  readonly credenciales: { readonly retiradas: boolean };
  /** References to the slice in schema, settings and secrets. */
  readonly referencias: { readonly encontradas: number };
  readonly certificado: {
    readonly id: string;
    readonly raiz: string;
    readonly registradoEn: string | null;
  };
}

export interface ValorCenso {
  readonly id: string;
  readonly completo: boolean;
  readonly paginasOmitidas: number;
  readonly viejo: number;
  readonly nuevo: number;
  readonly iguales: number;
  readonly soloViejo: number;
  readonly soloNuevo: number;
  readonly distintas: number;
  /** Of the differing ones, those that a rule in force explains. */
  readonly explicadas: number;
  readonly raizViejo: string;
  readonly raizNuevo: string;
}

export type TipoEvidencia = keyof Valores;
export type Evidencia = {
  [T in TipoEvidencia]: Sellada & { readonly tipo: T; readonly valor: Valores[T] };
}[TipoEvidencia];
export type ValorDe<T extends TipoEvidencia> = Valores[T];

/** A person answers for a requirement that is not met, for a reason and for a time. */
export interface Exencion {
  readonly requisito: string;
  readonly persona: string;
  readonly motivo: string;
  /** ISO 8601: afterwards it counts for nothing. */
  readonly vence: string;
}
