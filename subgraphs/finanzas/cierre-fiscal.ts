import type { Row } from '../../adapters/contract.js';
import { keyOf } from '../../schema/key.js';
import { RaizEjecucionGasto, RaizProgramacionGasto } from '../../schema/registros/cuipo.js';
import { CierreFiscal } from '../../schema/registros/fut.js';
import { compareCodigos } from '../../schema/values/codigo.js';
import type { Bucket, Field, FieldEnv, Lookup, Node, Read } from '../subgraph.js';
import { byAcceso, Reason } from '../subgraph.js';
import { checkVigencia } from '../shared/arguments.js';
import { checkConCuipo, checkRenglon } from './identidades-cierre.js';
import { PRIMERA_VIGENCIA_CUIPO } from './fuentes.js';
import { sinEntidad } from './presupuesto.js';

const cierre = byAcceso(CierreFiscal, 'porEntidadVigencia');
const ejecutado = byAcceso(RaizEjecucionGasto, 'porEntidadVigencia');
const programado = byAcceso(RaizProgramacionGasto, 'porEntidadVigencia');

/** The form where CUIPO tells of the same money: its own year, and what the next one carries over. */
function readsOf(chip: string, vigencia: number): Read[] {
  const read = (bucket: Bucket, year: number): Read[] =>
    year < PRIMERA_VIGENCIA_CUIPO ? [] : [{ bucket, keys: [keyOf([chip, year])] }];
  return [
    { bucket: cierre, keys: [keyOf([chip, vigencia])] },
    ...read(ejecutado, vigencia),
    ...read(programado, vigencia + 1),
  ];
}

/** SITUACION_FISCAL at 31 December, with what CUIPO contradicts said as a warning. */
export const cierreFiscal = (chipOf: (node: Node, env: FieldEnv) => string | null): Field => ({
  steps: [
    (node, args, env) => {
      const chip = chipOf(node, env);
      const vigencia = checkVigencia(args['vigencia']);
      return chip === null ? [] : readsOf(chip, vigencia);
    },
  ],
  value: (node, args, env, rows) => {
    const chip = chipOf(node, env);
    if (chip === null) return sinEntidad();
    const vigencia = checkVigencia(args['vigencia']);
    const found = rows.rows(cierre, keyOf([chip, vigencia]));
    const [first] = found;
    if (first === undefined) {
      return new Reason('SIN_REPORTE', `No hay Cierre Fiscal de ${vigencia}.`, 'fut');
    }
    const renglones = [...found].sort((a, b) =>
      compareCodigos(String(a['concepto']), String(b['concepto'])),
    );
    warnFindings(env, chip, vigencia, renglones, rows);
    return {
      vigencia,
      envio: first['canal'] === 'LIBRO' ? (first['recepcion'] ?? null) : null,
      recibido: first['recibidoEn'] ?? null,
      renglones: renglones.map(toRenglon),
    };
  },
});

const RAIZ = 'C';

/** One aviso per code, because avisos of one code and place are shown as one. */
function warnFindings(
  env: FieldEnv,
  chip: string,
  vigencia: number,
  renglones: readonly Row[],
  rows: Lookup,
): void {
  const raiz = renglones.find(({ concepto }) => concepto === RAIZ);
  const findings = renglones.flatMap(checkRenglon);
  if (raiz !== undefined) {
    const own = cuipoRows(rows, ejecutado, chip, vigencia);
    const next = cuipoRows(rows, programado, chip, vigencia + 1);
    findings.push(...checkConCuipo(raiz, vigencia, own, next));
  }
  if (findings.length > 0) {
    env.warn({ codigo: 'IDENTIDAD_NO_CUADRA', mensaje: findings.join(' '), sistema: 'fut' });
  }
  const contradiccion = raiz?.['contradiccion'];
  if (typeof contradiccion === 'string') {
    const mensaje = `Otro envío del Cierre Fiscal dice: ${contradiccion}.`;
    env.warn({ codigo: 'CONTRADICCION', mensaje, sistema: 'fut' });
  }
}

/** CUIPO only checks here: where it does not answer, the Cierre stands without that check. */
function cuipoRows(rows: Lookup, bucket: Bucket, chip: string, vigencia: number): readonly Row[] {
  if (vigencia < PRIMERA_VIGENCIA_CUIPO) return [];
  const outcome = rows.outcome(bucket, keyOf([chip, vigencia]));
  return outcome.at === 'found' ? (outcome.rows as readonly Row[]) : [];
}

const toRenglon = (row: Row): Node => ({
  codigo: row['concepto'],
  nombre: row['nombreConcepto'] ?? row['concepto'],
  disponibilidades: row['disponibilidades'] ?? null,
  exigibilidades: row['exigibilidades'] ?? null,
  cuentasPorPagar: row['cuentasPorPagarVigencia'] ?? null,
  reservas: row['reservasPresupuestales'] ?? null,
  superavit: row['superavit'] ?? null,
});
