import type { PublicAviso } from '../access/errors.js';
import type { OriginUsage } from '../rows/row-store.js';

/** `extensions.fuentes`: for each system and registro used, what control bodies need to defend the answer. */
export interface Fuente {
  readonly sistema: string;
  readonly registro: string;
  /** FALLIDA: no answer; DESACTUALIZADO: the answer stands, its freshness could not be verified. */
  readonly estado: 'VIGENTE' | 'DESACTUALIZADO' | 'FALLIDA';
  readonly modo: string | null;
  readonly corte: string | null;
  readonly publicado: string | null;
  readonly verificado: string | null;
  readonly version: string | null;
  readonly servidoPor: string | null;
  readonly cobertura: { readonly pedidas: number; readonly encontradas: number };
}

export function toFuentes(usage: readonly OriginUsage[]): Fuente[] {
  return usage
    .map(({ sistema, registro, origin, asked, found }): Fuente => {
      const cobertura = { pedidas: asked, encontradas: found };
      if (origin === null) return { ...FALLIDA, sistema, registro, cobertura };
      const { version } = origin;
      return {
        sistema,
        registro,
        estado: version.stale === true ? 'DESACTUALIZADO' : 'VIGENTE',
        modo: origin.modo,
        corte: origin.corte ?? null,
        publicado: version.sourceTime ?? null,
        verificado: version.checkedAt,
        version: version.token,
        servidoPor: origin.servidoPor,
        cobertura,
      };
    })
    .sort(inOrder);
}

/** Said of the whole answer: part of it comes from a system that was replaced already, because the new one is down. */
export const respaldoAvisos = (usage: readonly OriginUsage[]): PublicAviso[] =>
  usage
    .filter(({ respaldo }) => respaldo > 0)
    .map(({ sistema, registro, respaldo, origin }) => ({
      codigo: 'RESPALDO_LEGADO',
      mensaje: `${registro}: el almacén único no respondió y contestó ${(origin?.servidoPor ?? sistema).toUpperCase()}.`,
      path: [],
      sistema,
      total: respaldo,
    }));

const ORDER = ['sistema', 'registro', 'modo', 'version'] as const;

function inOrder(a: Fuente, b: Fuente): number {
  for (const name of ORDER) {
    const [one, other] = [a[name] ?? '', b[name] ?? ''];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

const FALLIDA = {
  estado: 'FALLIDA',
  modo: null,
  corte: null,
  publicado: null,
  verificado: null,
  version: null,
  servidoPor: null,
} as const;
