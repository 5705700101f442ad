/** A registro, rows and contexts for the tests and the bench of the single store. */
import {
  codigo,
  decimal,
  defineRegistro,
  dinero,
  entero,
  fecha,
  logico,
  texto,
} from '../../schema/registro.js';
import type { Row, SourceContext, Version } from '../contract.js';

export const Gasto = defineRegistro({
  nombre: 'GastoDePrueba',
  sistema: 'prueba',
  clave: ['entidad', 'periodo', 'cuenta', 'ordinal'],
  ruta: ['entidad'],
  accesos: {
    porEntidadPeriodo: { claves: ['entidad', 'periodo'], cardinalidad: 'muchos' },
    porBpin: { claves: ['bpin'], cardinalidad: 'muchos' },
  },
  campos: {
    entidad: codigo({ nulo: false }),
    periodo: entero({ nulo: false }),
    cuenta: codigo({ nulo: false }),
    ordinal: entero({ nulo: false }),
    bpin: codigo(),
    nombre: texto(),
    recepcion: codigo({ comparador: 'ninguno' }),
    compromisos: dinero(),
    avance: decimal(),
    fecha: fecha(),
    esHoja: logico(),
  },
  medidas: {
    compromisos: {
      grano: ['entidad', 'periodo'],
      dimensiones: ['bpin'],
      filtro: { op: 'hoja' },
      suma: ['compromisos'],
      version: 1,
    },
  },
});

export const gasto = (entidad: string, cuenta: string, mas: Row = {}): Row => ({
  entidad,
  periodo: 202012,
  cuenta,
  ordinal: 1,
  bpin: null,
  nombre: 'a\tb «ñ»',
  recepcion: 'r1',
  compromisos: '10.5',
  avance: '0.1',
  fecha: '2020-12-31',
  esHoja: true,
  ...mas,
});

/** The n-th version of the source: a day apart. */
export const versionAt = (n: number, token = `v${n}`): Version => ({
  token,
  sourceTime: new Date(Date.UTC(2026, 0, n)).toISOString(),
  checkedAt: new Date(Date.UTC(2026, 5, n)).toISOString(),
});

export const contextAt = (
  corte: string | null = null,
  signal = new AbortController().signal,
): SourceContext => ({
  signal,
  deadline: Number.MAX_SAFE_INTEGER,
  alcance: 'publico',
  corte,
  epoca: 1,
  origen: 'fondo',
});
