import { keyOf } from '../../../schema/key.js';
import {
  codigo,
  decimal,
  defineRegistro,
  dinero,
  entero,
  fecha,
  logico,
  texto,
  type Registro,
} from '../../../schema/registro.js';
import type { ByKey, Row, SourceContext } from '../../contract.js';
import type { SqlStore } from '../sql/store.js';
import type { Acopio, Part, Question } from './acopio.js';

/** A title and what it checks, over a registro whose sistema, and so whose table, no other case has. */
export type Case = readonly [
  title: string,
  check: (acopio: Acopio, registro: Registro, store: SqlStore) => Promise<void>,
];

export const gasto = (sistema: string, mas: Partial<Registro['campos']> = {}): Registro =>
  defineRegistro({
    nombre: `GastoDe${sistema}`,
    sistema,
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
      compromisos: dinero(),
      avance: decimal(),
      fecha: fecha(),
      esHoja: logico(),
      ...mas,
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

export const context = (signal = new AbortController().signal): SourceContext => ({
  signal,
  deadline: Number.MAX_SAFE_INTEGER,
  alcance: 'publico',
  corte: null,
  epoca: 1,
  origen: 'consulta',
});

export const version = (token: string, checkedAt = '2026-01-01T00:00:00Z') => ({
  token,
  checkedAt,
});

interface PartOf {
  readonly id?: string;
  readonly token?: string;
  readonly rows?: readonly Row[];
  readonly fail?: Error;
  readonly onLoad?: () => void;
}

export const part = (
  registro: Registro,
  { id = 'p', token = 'v1', rows = [], fail, onLoad }: PartOf,
): Part => ({
  sistema: registro.sistema,
  id,
  version: version(token),
  corte: '2025-12-31',
  async *load() {
    onLoad?.();
    yield await Promise.resolve({ registro, rows });
    if (fail !== undefined) throw fail;
  },
});

export const fila = (entidad: string, cuenta: string, mas: Row = {}): Row => ({
  entidad,
  periodo: 202512,
  cuenta,
  ordinal: 1,
  bpin: null,
  nombre: 'a\tb',
  compromisos: '10.5',
  avance: '0.1',
  fecha: '2025-12-31',
  esHoja: true,
  ...mas,
});

export const ask = (registro: Registro, parts?: readonly string[]): Question => ({
  sistema: registro.sistema,
  servidoPor: registro.sistema,
  registro,
  ...(parts !== undefined && { parts }),
});

export const rowsOf = (answer: ByKey<Row>, key: string): readonly Row[] | string => {
  const outcome = answer.get(key);
  return outcome?.at === 'found' ? outcome.rows : (outcome?.at ?? 'not asked');
};

export const K1 = keyOf(['05001', 202512]);
export const K2 = keyOf(['05002', 202512]);

export const tableName = (registro: Registro): string =>
  `acopio_${registro.nombre.replace(/[A-Z]/g, (c, at: number) => (at === 0 ? '' : '_') + c.toLowerCase())}`;
