import type { Row } from '../../adapters/contract.js';
import { loadPresupuesto } from '../../schema/catalogos/presupuesto.js';
import { keyOf, type Key } from '../../schema/key.js';
import { ProyectoInversion, SeguimientoProyecto } from '../../schema/registros/piip.js';
import { compareDecimal } from '../../schema/values/decimal.js';
import { textOf } from '../shared/arguments.js';
import type { Field, FieldEnv, Lookup, Node } from '../subgraph.js';
import { askOne, byAcceso, Reason } from '../subgraph.js';

/** What the basic data and the follow-up say of one project. Each field stands on the code alone. */

export const PROYECTOS = byAcceso(ProyectoInversion, 'porBpin');
const SEGUIMIENTOS = byAcceso(SeguimientoProyecto, 'porBpin');

export const keyOfProyecto = ({ bpin }: Node): Key => keyOf([textOf(bpin)]);

const readProyecto: Field['steps'] = [askOne(PROYECTOS, keyOfProyecto)];

const proyectoDe = (node: Node, rows: Lookup): Row | undefined =>
  rows.rows(PROYECTOS, keyOfProyecto(node))[0];

/** A project that other sources name and the basic data do not hold. Said where it is named, not at every field. */
const desconocido = ({ bpin }: Node) => ({
  codigo: 'PROYECTO_DESCONOCIDO',
  mensaje: `El DNP no publica datos básicos del proyecto ${textOf(bpin)}; otra fuente lo nombra.`,
  sistema: ProyectoInversion.sistema,
});

const campo = (name: string): Field => ({
  steps: readProyecto,
  value: (node, _args, _env, rows) => proyectoDe(node, rows)?.[name] ?? null,
});

/** It may not be null: where the source is dead or does not know the project, the code by which it was found stands. */
const bpinOriginal: Field = {
  steps: readProyecto,
  value: (node, _args, env, rows) => {
    const outcome = rows.outcome(PROYECTOS, keyOfProyecto(node));
    if (outcome.at === 'found') return (outcome.rows[0] as Row).bpinOriginal;
    env.warn(
      outcome.at === 'absent'
        ? desconocido(node)
        : {
            codigo: 'BPIN_ORIGINAL_SIN_CONSULTAR',
            mensaje: 'La fuente no respondió: se muestra el BPIN normalizado.',
            sistema: ProyectoInversion.sistema,
          },
    );
    return node.bpin;
  },
};

const nombre: Field = {
  steps: readProyecto,
  value: (node, _args, env, rows) => {
    const row = proyectoDe(node, rows);
    if (row === undefined) env.warn(desconocido(node));
    return row?.nombre ?? null;
  },
};

const valorVigente: Field = {
  steps: readProyecto,
  value: (node, _args, _env, rows) => {
    const row = proyectoDe(node, rows);
    return row?.valorNoReportado === true ? valorNoReportado() : (row?.valorVigente ?? null);
  },
};

export const valorNoReportado = (): Reason =>
  new Reason(
    'VALOR_NO_REPORTADO',
    'La fuente escribe 0 en el valor vigente, que significa no reportado.',
    ProyectoInversion.sistema,
  );

const programa: Field = {
  steps: readProyecto,
  value: (node, _args, _env, rows) => {
    const row = proyectoDe(node, rows);
    const written = row?.nombrePrograma ?? null;
    if (row === undefined || (written === null && row.programa === null)) return null;
    if (typeof row.programa !== 'string') {
      return new Reason(
        'PROGRAMA_SIN_CODIGO',
        `La fuente nombra el programa sin código y el catálogo no lo reconoce: «${textOf(written)}».`,
        ProyectoInversion.sistema,
      );
    }
    const catalogo = loadPresupuesto();
    const known = catalogo.programas().get(row.programa);
    const sector = catalogo.sectores().get(row.programa.slice(0, 2));
    return {
      codigo: row.programa,
      nombre: written ?? known?.nombre ?? null,
      sector: sector?.nombre ?? null,
    };
  },
};

export const proyectoInversion = {
  bpinOriginal,
  nombre,
  valorVigente,
  programa,
  estado: campo('estado'),
  subestado: campo('subestado'),
  tipo: campo('tipo'),
  sector: campo('sector'),
  horizonte: campo('horizonte'),
} as const satisfies Record<string, Field>;

const readSeguimiento: Field['steps'] = [askOne(SEGUIMIENTOS, keyOfProyecto)];

function seguimientoDe(node: Node, env: FieldEnv, rows: Lookup): Row | undefined {
  const [row] = rows.rows(SEGUIMIENTOS, keyOfProyecto(node));
  if (typeof row?.contradiccion === 'string') {
    env.warn({
      codigo: 'CONTRADICCION',
      mensaje: `El seguimiento trae filas que no concuerdan: ${row.contradiccion}.`,
      sistema: SeguimientoProyecto.sistema,
    });
  }
  return row;
}

const avanceFisico: Field = {
  steps: readSeguimiento,
  value: (node, _args, env, rows) => seguimientoDe(node, env, rows)?.avanceFisico ?? null,
};

/** Zero percent beside money already obligated is not a fact: follow-up was not reported. */
const avanceFinanciero: Field = {
  steps: [
    (node) => [
      { bucket: SEGUIMIENTOS, keys: [keyOfProyecto(node)] },
      { bucket: PROYECTOS, keys: [keyOfProyecto(node)] },
    ],
  ],
  value: (node, _args, env, rows) => {
    const avance = seguimientoDe(node, env, rows)?.avanceFinanciero ?? null;
    if (avance !== '0') return avance;
    const outcome = rows.outcome(PROYECTOS, keyOfProyecto(node));
    const obligado = outcome.at === 'found' ? (outcome.rows[0] as Row).valorObligado : null;
    if (typeof obligado !== 'string' || compareDecimal(obligado, '0') <= 0) return avance;
    return new Reason(
      'AVANCE_NO_REPORTADO',
      'La fuente escribe 0 en el avance financiero de un proyecto que ya tiene obligaciones.',
      SeguimientoProyecto.sistema,
    );
  },
};

export const deSeguimiento = { avanceFisico, avanceFinanciero } as const satisfies Record<
  string,
  Field
>;
