import type { Row } from '../../adapters/contract.js';
import { Contrato, ContratoProyecto } from '../../schema/registros/secop.js';
import type { EntityType, Field, FieldEnv, Lookup, Node } from '../subgraph.js';
import { askOne, byAcceso, Reason } from '../subgraph.js';
import { textOf } from '../shared/arguments.js';
import { entidadNode, proyectoNode } from '../shared/entities.js';

/** A contract by its id. A list brings its row along, so that its fields need no further read. */
export const CONTRATO: EntityType = {
  keyOf: ({ id }) => textOf(id),
  fromKey: (id) => ({ __typename: 'Contrato', id }),
};

export const contratoNode = (fila: Row): Node => ({
  __typename: 'Contrato',
  id: fila['id'],
  fila,
});

export const POR_ID = byAcceso(Contrato, 'porId');
export const VINCULOS_DE_CONTRATO = byAcceso(ContratoProyecto, 'porContrato');

const filaOf = ({ id, fila }: Node, rows: Lookup): Row | null =>
  (fila as Row | undefined) ?? rows.rows(POR_ID, textOf(id))[0] ?? null;

export const sinContrato = (): Reason =>
  new Reason('CONTRATO_DESCONOCIDO', 'SECOP II no publica un contrato con ese id.', 'secop');

const ofContrato = (pick: (fila: Row, env: FieldEnv) => unknown): Field => ({
  steps: [askOne(POR_ID, ({ id, fila }) => (fila === undefined ? textOf(id) : null))],
  value: (node, _args, env, rows) => {
    const fila = filaOf(node, rows);
    return fila === null ? sinContrato() : pick(fila, env);
  },
});

/** SECOP II opened in 2015. */
const FIRST_YEAR = '2015';

function fechaFirma({ fechaFirma: fecha }: Row, env: FieldEnv): unknown {
  const isDoubtful =
    typeof fecha === 'string' && (fecha > env.hoy || fecha.slice(0, 4) < FIRST_YEAR);
  if (isDoubtful) {
    env.warn({
      codigo: 'FECHA_DUDOSA',
      mensaje: 'La fecha de firma es futura o anterior a SECOP II; se muestra como se publicó.',
      sistema: 'secop',
    });
  }
  return fecha;
}

function entidadDe({ nitEntidad }: Row, env: FieldEnv): unknown {
  const entidad = typeof nitEntidad === 'string' ? env.identidad.byNit(nitEntidad) : null;
  return entidad === null
    ? new Reason('SIN_ENTIDAD', 'Ningún registro conoce una entidad con el NIT que contrata.')
    : entidadNode(entidad.id);
}

/** Name and document come masked by the gateway where the reader may not see them. */
const proveedorDe = ({ proveedorNombre, proveedorDocumento, esPersonaNatural }: Row): Node => ({
  __typename: 'Proveedor',
  nombre: proveedorNombre,
  documento: proveedorDocumento,
  esPersonaNatural,
});

/** What the source says was rejected is no link. */
export const vinculosOf = (filas: readonly Row[]): Row[] =>
  filas.filter(({ validado }) => validado !== false);

const proyectos: Field = {
  steps: [askOne(VINCULOS_DE_CONTRATO, ({ id }) => textOf(id))],
  value: ({ id }, _args, _env, rows) => {
    const vinculos = vinculosOf(rows.rows(VINCULOS_DE_CONTRATO, textOf(id)));
    return [...new Set(vinculos.map(({ bpin }) => textOf(bpin)))].sort().map(proyectoNode);
  },
};

export const contratoFields: Readonly<Record<string, Field>> = {
  referencia: ofContrato(({ referencia }) => referencia),
  objeto: ofContrato(({ objeto }) => objeto),
  estado: ofContrato(({ estado }) => estado),
  modalidad: ofContrato(({ modalidad }) => modalidad),
  fechaFirma: ofContrato(fechaFirma),
  valor: ofContrato(({ valor }) => valor),
  entidad: ofContrato(entidadDe),
  proveedor: ofContrato(proveedorDe),
  proyectos,
};
