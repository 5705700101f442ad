import type { Row } from '../../adapters/contract.js';
import { keyOf, keyOfFila } from '../../schema/key.js';
import {
  EjecucionGasto,
  EjecucionIngreso,
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
} from '../../schema/registros/cuipo.js';
import type { Registro } from '../../schema/registro.js';
import { parseBpin } from '../../schema/values/bpin.js';
import { compareCodigos } from '../../schema/values/codigo.js';
import type { Periodo } from '../../schema/values/periodo.js';
import { PERIODOS } from '../../schema/values/periodo.js';
import type { Args, Bucket, Field, FieldEnv, Lookup, Node } from '../subgraph.js';
import { byAcceso, InputProblem, Reason } from '../subgraph.js';
import { checkVigencia, textOf } from '../shared/arguments.js';
import { checkFirst, decodeCursor, pageOf, toConnection } from '../shared/connection.js';
import { proyectoNode } from '../shared/entities.js';
import { askedPeriodo, sinEntidad } from './presupuesto.js';

/** The rows of a form, in two steps where no quarter is asked: its roots say which quarter is the latest. */
export const ejecucion = (
  { registro, raiz, toNode }: { registro: Registro; raiz: Registro; toNode: (row: Row) => Node },
  chipOf: (node: Node, env: FieldEnv) => string | null,
): Field => {
  const raices = byAcceso(raiz, 'porEntidadVigencia');
  const detalle = byAcceso(registro, 'porEntidadPeriodo');
  const lastPeriodoOf = (chip: string, vigencia: number, rows: Lookup): Periodo | null => {
    const reported = new Set(
      rows.rows(raices, keyOf([chip, vigencia])).map((row) => row['periodo']),
    );
    return PERIODOS.findLast((periodo) => reported.has(periodo)) ?? null;
  };
  const keyAt = (chip: string, args: Args, rows: Lookup): string | null => {
    const vigencia = checkVigencia(args['vigencia']);
    const periodo = askedPeriodo(args) ?? lastPeriodoOf(chip, vigencia, rows);
    return periodo === null ? null : keyOf([chip, vigencia, periodo]);
  };
  return {
    steps: [
      (node, args, env) => {
        const chip = chipOf(node, env);
        checkFirst(args['first']);
        if (chip === null || askedPeriodo(args) !== null) return [];
        return [{ bucket: raices, keys: [keyOf([chip, checkVigencia(args['vigencia'])])] }];
      },
      (node, args, env, rows) => {
        const chip = chipOf(node, env);
        const key = chip === null ? null : keyAt(chip, args, rows);
        return key === null ? [] : [{ bucket: detalle, keys: [key] }];
      },
    ],
    value: (node, args, env, rows) => {
      const chip = chipOf(node, env);
      if (chip === null) return sinEntidad();
      const key = keyAt(chip, args, rows);
      const found = key === null ? [] : rows.rows(detalle, key);
      if (key === null || found.length === 0) {
        return new Reason(
          'SIN_REPORTE',
          'La entidad no reportó ese formulario en ese corte.',
          registro.sistema,
        );
      }
      return toPage(
        registro,
        filterRows(found, args['filtro'] as Args | null),
        args,
        versionOf(rows, detalle, key),
        toNode,
      );
    },
  };
};

function versionOf(rows: Lookup, bucket: Bucket, key: string): string {
  const outcome = rows.outcome(bucket, key);
  return outcome.at === 'failed' ? '' : outcome.origin.version.token;
}

function toPage(
  registro: Registro,
  rows: readonly Row[],
  args: Args,
  version: string,
  toNode: (row: Row) => Node,
): Node {
  const idOf = (row: Row): string => keyOfFila(row, registro.clave) ?? '';
  const sorted = [...rows].sort(
    (a, b) =>
      compareCodigos(String(a['cuenta']), String(b['cuenta'])) || (idOf(a) < idOf(b) ? -1 : 1),
  );
  const page = pageOf(
    sorted,
    { first: checkFirst(args['first']), after: decodeCursor(args['after']), version },
    idOf,
  );
  return toConnection(page, toNode, (row) => ({ values: [idOf(row)], version }));
}

/** A damaged code matches nothing: said, rather than answered with an empty list. */
function checkBpin(text: string): string {
  const parsed = parseBpin(text);
  if ('error' in parsed) throw new InputProblem(parsed.error);
  return parsed.bpin;
}

function filterRows(rows: readonly Row[], filtro: Args | null | undefined): readonly Row[] {
  const { cuentaEmpiezaPor, seccion, bpin, fuenteFinanciacion, soloHojas } = filtro ?? {};
  const wanted = bpin == null ? null : checkBpin(textOf(bpin));
  return rows.filter(
    (row) =>
      (soloHojas === false || row['esHoja'] === true) &&
      (cuentaEmpiezaPor == null || isUnder(textOf(row['cuenta']), textOf(cuentaEmpiezaPor))) &&
      (seccion == null || row['seccion'] === seccion) &&
      (wanted === null || row['bpin'] === wanted) &&
      (fuenteFinanciacion == null || row['fuenteFinanciacion'] === fuenteFinanciacion),
  );
}

/** `2.1` holds 2.1 and 2.1.1, not 2.10. */
const isUnder = (cuenta: string, prefix: string): boolean =>
  cuenta === prefix || cuenta.startsWith(prefix.endsWith('.') ? prefix : `${prefix}.`);

export const toGastoNode = (row: Row): Node => ({
  vigenciaGasto: row['vigenciaGasto'],
  seccion: row['seccion'] ?? null,
  cuenta: row['cuenta'],
  nombre: row['nombreCuenta'] ?? null,
  productoMga: row['productoMga'] ?? null,
  cpc: row['cpc'] ?? null,
  fuenteFinanciacion: row['fuenteFinanciacion'] ?? null,
  bpin: row['bpin'] ?? null,
  bpinOriginal: row['bpinOriginal'] ?? null,
  compromisos: row['compromisos'] ?? null,
  obligaciones: row['obligaciones'] ?? null,
  pagos: row['pagos'] ?? null,
  proyecto: typeof row['bpin'] === 'string' ? proyectoNode(row['bpin']) : null,
});

const toIngresoNode = (row: Row): Node => ({
  cuenta: row['cuenta'],
  nombre: row['nombreCuenta'] ?? null,
  fuenteFinanciacion: row['fuenteFinanciacion'] ?? null,
  recaudo: row['recaudo'] ?? null,
});

export const GASTOS = { registro: EjecucionGasto, raiz: RaizEjecucionGasto, toNode: toGastoNode };
export const INGRESOS = {
  registro: EjecucionIngreso,
  raiz: RaizEjecucionIngreso,
  toNode: toIngresoNode,
};

const porBpin = byAcceso(EjecucionGasto, 'porBpin');

/** CUIPO rows of a project: leaves of the latest quarter of each entity, because quarters are cumulative. */
export const gastosDeProyecto: Field = {
  steps: [({ bpin }) => [{ bucket: porBpin, keys: [keyOf([textOf(bpin)])] }]],
  value: ({ bpin }, { vigencia }, _env, rows) => {
    const leaves = rows
      .rows(porBpin, keyOf([textOf(bpin)]))
      .filter((row) => row['esHoja'] === true);
    const years = leaves.map((row) => Number(row['vigencia']));
    const year = vigencia == null ? Math.max(...years) : checkVigencia(vigencia);
    return latestOfEach(leaves.filter((row) => Number(row['vigencia']) === year)).map(toGastoNode);
  },
};

function latestOfEach(rows: readonly Row[]): readonly Row[] {
  const latest = new Map<Row[string], string>();
  for (const row of rows) {
    const known = latest.get(row['codigoChip']);
    const periodo = String(row['periodo']);
    if (known === undefined || known < periodo) latest.set(row['codigoChip'], periodo);
  }
  return rows.filter((row) => latest.get(row['codigoChip']) === row['periodo']);
}
