/** The five summaries as the product sees them: an adapter over the shared SODA client and a subgraph, each. */
import type { Adapter, AdapterEstado, Capabilities, Outcome, Row } from '../adapters/contract.js';
import { AdapterError, toSourceError } from '../adapters/errors.js';
import type { AdapterRegistration } from '../adapters/index.js';
import { createHttpSource } from '../adapters/shared/http/http-source.js';
import type { SodaRow } from '../adapters/shared/soda/wire.js';
import { textOf } from '../adapters/shared/soda/wire.js';
import { createSodaClient } from '../adapters/shared/soda/soda-client.js';
import type { Key } from '../schema/key.js';
import type { Campo } from '../schema/registro.js';
import { parseDecimal } from '../schema/values/decimal.js';
import { MUNICIPIO, municipioNode } from '../subgraphs/shared/entities.js';
import type { Subgraph } from '../subgraphs/subgraph.js';
import { askOne, byAcceso } from '../subgraphs/subgraph.js';
import { codesOf, copyOf, COPY_COLUMN, KEY_COLUMN, RESUMENES } from './grain.js';
import type { Resumen } from './grain.js';

const CAPABILITIES: Capabilities = {
  read: 'native',
  page: 'none',
  measure: 'none',
  topPerKey: 'none',
  scan: 'none',
  accesos: ['porMunicipio'],
  maxKeys: 20_000,
};

export const registrationOf = (resumen: Resumen, baseUrl: string): AdapterRegistration => ({
  id: resumen.registro.sistema,
  settings: [],
  registros: [resumen.registro],
  create: (_values, tools) => {
    const sistema = resumen.registro.sistema;
    const source = createHttpSource({
      sistema,
      baseUrl,
      connections: 8,
      maxConcurrent: 8,
      timeoutMs: 20_000,
      tools,
    });
    const soda = createSodaClient({ sistema, source, tools });
    const read = createRead(resumen, soda);
    const estado = (): AdapterEstado => soda.estado();
    const refuse = (): never => {
      throw new TypeError('the benchmark only reads by keys');
    };
    return {
      id: sistema,
      registros: [resumen.registro],
      capabilities: () => CAPABILITIES,
      version: (_registro, ctx) => soda.version(resumen.dataset, ctx),
      read,
      page: refuse,
      measure: refuse,
      topPerKey: refuse,
      scan: refuse,
      estado,
      close: () => source.close(),
    };
  },
});

function createRead(resumen: Resumen, soda: ReturnType<typeof createSodaClient>): Adapter['read'] {
  const toRow = MAPPERS[resumen.campo] as ToFila;
  const select = [KEY_COLUMN, ...resumen.columnas];
  return async (registro, _acceso, keys, ctx) => {
    try {
      const { rows, version } = await soda.readByKeys(
        resumen.dataset,
        {
          column: KEY_COLUMN,
          values: keys,
          select,
          cover: coverOf(keys),
          pageKey: [KEY_COLUMN],
        },
        ctx,
      );
      const { nombre, sistema } = registro;
      const origin = {
        sistema,
        registro: nombre,
        modo: 'FILAS',
        version,
        servidoPor: sistema,
      } as const;
      const byKey = new Map<Key, Outcome<Row>>();
      for (const row of rows) {
        const code = textOf(row, KEY_COLUMN);
        if (code !== null) byKey.set(code, { at: 'found', rows: [toRow(row)], origin });
      }
      const absent: Outcome<Row> = { at: 'absent', origin };
      for (const key of keys) if (!byKey.has(key)) byKey.set(key, absent);
      return byKey;
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      const failed: Outcome<Row> = { at: 'failed', error: toSourceError(error) };
      return new Map(keys.map((key) => [key, failed]));
    }
  };
}

const coverOf = (keys: readonly Key[]): string => {
  let last = 0;
  for (const key of keys) last = Math.max(last, copyOf(key));
  return `${COPY_COLUMN} < ${last + 1}`;
};

type ToFila = (row: SodaRow) => Row;

const enteroDe = (row: SodaRow, column: string): number | null => {
  const text = textOf(row, column);
  return text === null ? null : Number(text);
};
const decimalDe = (row: SodaRow, column: string): string | null => {
  const text = textOf(row, column);
  return text === null ? null : parseDecimal(text);
};

/** What the mapper of a system does: whole numbers as numbers, amounts in canonical form, dates without their zero hour. */
const MAPPERS: Readonly<Record<string, ToFila>> = {
  resumenPresupuesto: (row) => ({
    codigo: textOf(row, KEY_COLUMN),
    vigencia: enteroDe(row, 'vigencia'),
    apropiacion: decimalDe(row, 'apropiacion'),
    compromisos: decimalDe(row, 'compromisos'),
    obligaciones: decimalDe(row, 'obligaciones'),
    pagos: decimalDe(row, 'pagos'),
  }),
  resumenPlanta: (row) => ({
    codigo: textOf(row, KEY_COLUMN),
    empleos: enteroDe(row, 'empleos'),
    provistos: enteroDe(row, 'provistos'),
    vacantes: enteroDe(row, 'vacantes'),
    costo: decimalDe(row, 'costo'),
    responsable: textOf(row, 'responsable'),
  }),
  resumenProyectos: (row) => ({
    codigo: textOf(row, KEY_COLUMN),
    activos: enteroDe(row, 'activos'),
    terminados: enteroDe(row, 'terminados'),
    valor: decimalDe(row, 'valor'),
    ejecutado: decimalDe(row, 'ejecutado'),
    avance: decimalDe(row, 'avance'),
  }),
  resumenTransferencias: (row) => ({
    codigo: textOf(row, KEY_COLUMN),
    sgp: decimalDe(row, 'sgp'),
    regalias: decimalDe(row, 'regalias'),
    educacion: decimalDe(row, 'educacion'),
    salud: decimalDe(row, 'salud'),
    agua: decimalDe(row, 'agua'),
  }),
  resumenContratos: (row) => ({
    codigo: textOf(row, KEY_COLUMN),
    numero: enteroDe(row, 'numero'),
    enEjecucion: enteroDe(row, 'enEjecucion'),
    valor: decimalDe(row, 'valor'),
    pagado: decimalDe(row, 'pagado'),
    ultimaFirma: textOf(row, 'ultimaFirma')?.slice(0, 10) ?? null,
  }),
};

const SCALARS: Readonly<Partial<Record<Campo['tipo'], string>>> = {
  entero: 'Int',
  dinero: 'Dinero',
  decimal: 'Decimal',
  fecha: 'Fecha',
};

export const resumenSubgraph = ({ campo, tipo, columnas, registro }: Resumen): Subgraph => {
  const bucket = byAcceso(registro, 'porMunicipio');
  const fields = columnas.map(
    (name) => `  ${name}: ${SCALARS[(registro.campos[name] as Campo).tipo] ?? 'String'}`,
  );
  return {
    id: campo,
    sdl: `type ${tipo} {\n${fields.join('\n')}\n}\ntype Municipio {\n  ${campo}: ${tipo}\n}\n`,
    entities: { Municipio: MUNICIPIO },
    table: {
      Municipio: {
        [campo]: {
          steps: [askOne(bucket, ({ codigo }) => String(codigo))],
          value: ({ codigo }, _args, _env, rows) => rows.rows(bucket, String(codigo))[0] ?? null,
        },
      },
    },
  };
};

/** Rows in any number, to see that the cost grows with them alone. */
export const copiasSubgraph: Subgraph = {
  id: 'copias',
  sdl: 'type Municipio {\n  copia: Int\n}\ntype Query {\n  copias(naciones: Int!): [Municipio!]!\n}\n',
  entities: { Municipio: MUNICIPIO },
  table: {
    Query: {
      copias: {
        value: (_root, { naciones }) =>
          Array.from({ length: Number(naciones) }, (_, copy) => codesOf(copy)).flatMap((codes) =>
            codes.map(municipioNode),
          ),
      },
    },
    Municipio: { copia: { value: ({ codigo }) => copyOf(String(codigo)) } },
  },
};

export const resumenSubgraphs: readonly Subgraph[] = [
  ...RESUMENES.map(resumenSubgraph),
  copiasSubgraph,
];
