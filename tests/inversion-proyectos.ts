/** Projects of Chía in memory, as a source of rows. */
import type { Origin, Outcome, Row } from '../adapters/contract.js';
import { SourceUnavailableError, toSourceError, type AdapterError } from '../adapters/errors.js';
import { topOf } from '../adapters/shared/emulation.js';
import type { AnyOutcome } from '../gateway/rows/outcome.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { keyOfFila } from '../schema/key.js';
import {
  EjecucionProyecto,
  LocalizacionProyecto,
  ProyectoInversion,
  SeguimientoProyecto,
} from '../schema/registros/piip.js';
import type { Registro } from '../schema/registro.js';
import type { Bucket } from '../subgraphs/subgraph.js';

/** Chía has four projects, one of them unknown to the basic data; one reaches another municipality and the department. */
export const A = '2024251750062';
export const B = '2024251750067';
export const C = '202500000002842';
export const D = '2025251750001';

const lugar = (bpin: string, territorioCode: string): Row => ({
  bpin,
  bpinOriginal: bpin,
  territorio: territorioCode,
  codigoDepartamento: territorioCode.slice(0, 2),
  codigoMunicipio: territorioCode.length === 5 ? territorioCode : null,
});

const proyecto = (bpin: string, mas: Row): Row => ({
  bpin,
  bpinOriginal: bpin,
  nombre: `Proyecto ${bpin}`,
  estado: 'En Ejecución',
  tipo: 'T',
  sector: 'Gobierno Territorial',
  programa: '4599',
  nombrePrograma: 'Fortalecimiento a la gestión',
  horizonte: '2024-2027',
  horizonteInicio: 2024,
  horizonteFin: 2027,
  valorVigente: '100',
  valorObligado: '50',
  valorNoReportado: false,
  ...mas,
});

const ROWS = new Map<Registro, readonly Row[]>([
  [
    LocalizacionProyecto,
    [
      lugar(A, '25175'),
      lugar(B, '25175'),
      lugar(C, '25175'),
      lugar(C, '25126'),
      lugar(C, '25'),
      lugar(C, '99999'),
      lugar(D, '25175'),
    ],
  ],
  [
    ProyectoInversion,
    [
      proyecto(A, { valorVigente: null, valorNoReportado: true, estado: 'Viable' }),
      proyecto(B, { valorVigente: '11884840169.58' }),
      proyecto(C, {
        bpinOriginal: '2025000002842',
        valorVigente: '9000',
        horizonteInicio: 2025,
        horizonteFin: 2025,
        programa: null,
        nombrePrograma: 'Un programa que nadie conoce',
      }),
    ],
  ],
  [
    SeguimientoProyecto,
    [
      { bpin: A, bpinOriginal: A, avanceFisico: '12.5', avanceFinanciero: '0', filasFuente: 1 },
      {
        bpin: B,
        bpinOriginal: B,
        avanceFisico: '40',
        avanceFinanciero: '10',
        filasFuente: 2,
        contradiccion: 'avance físico / financiero: 40 % / 10 % y también 30 % / 20 %',
      },
    ],
  ],
  [
    EjecucionProyecto,
    [2024, 2025].map((vigencia, at) => ({
      bpin: A,
      bpinOriginal: A,
      vigencia,
      dimensiones: 'PROPIOS',
      ordinal: 1,
      fuenteFinanciacion: 'Propios',
      valorVigente: at === 0 ? null : '5.5',
      valorNoReportado: at === 0,
      valorComprometido: '0',
    })),
  ],
]);

const originOf = (registro: Registro): Origin => ({
  sistema: 'piip',
  registro: registro.nombre,
  modo: 'FILAS',
  version: { token: '2026-04-22', checkedAt: '2026-11-23T00:00:00.000Z' },
  servidoPor: 'piip',
});

function answerOf(bucket: Bucket, key: string): AnyOutcome {
  const { registro } = bucket;
  const origin = originOf(registro);
  const all = ROWS.get(registro) ?? [];
  if (bucket.op === 'measure') throw new Error('projects are never added up');
  const claves = bucket.op === 'page' ? [] : (registro.accesos[bucket.acceso]?.claves ?? []);
  const rows = bucket.op === 'page' ? all : all.filter((row) => keyOfFila(row, claves) === key);
  if (rows.length === 0) return { at: 'absent', origin };
  if (bucket.op === 'read') return { at: 'found', rows, origin } satisfies Outcome<Row>;
  const { filtro, orden, options } = bucket.list;
  const source = { sistema: 'piip', version: origin.version };
  try {
    return { at: 'found', rows: [topOf(registro, rows, filtro, orden, options, source)], origin };
  } catch (error) {
    return { at: 'failed', error: toSourceError(error as AdapterError) };
  }
}

interface Asked {
  readonly id: string;
  readonly keys: number;
}

/** Rows in memory; the registros named are dead. */
export function source(dead: readonly Registro[] = []): { fetch: FetchBucket; asked: Asked[] } {
  const asked: Asked[] = [];
  const error = toSourceError(new SourceUnavailableError('piip'));
  return {
    asked,
    fetch: (bucket, keys) => {
      asked.push({ id: bucket.id, keys: keys.length });
      return Promise.resolve(
        new Map(
          keys.map((key): [string, AnyOutcome] => [
            key,
            dead.includes(bucket.registro) ? { at: 'failed', error } : answerOf(bucket, key),
          ]),
        ),
      );
    },
  };
}
