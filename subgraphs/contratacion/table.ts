import type { Field, Table } from '../subgraph.js';
import { askOne, InputProblem } from '../subgraph.js';
import { textOf } from '../shared/arguments.js';
import { contratoFields, contratoNode, POR_ID, sinContrato } from './contrato.js';
import { contratos, contratosDe, contratosDeProyecto } from './listas.js';

function checkContrato(id: unknown): string {
  const text = textOf(id);
  if (/^CO1\.PCCNTR\.\d+$/.test(text)) return text;
  throw new InputProblem({
    codigo: 'CONTRATO_INVALIDO',
    mensaje: 'El id de un contrato de SECOP II se escribe CO1.PCCNTR. y su número.',
    campo: 'id',
    ejemplo: 'CO1.PCCNTR.8560835',
  });
}

const contrato: Field = {
  steps: [askOne(POR_ID, (_root, { id }) => checkContrato(id))],
  value: (_root, { id }, _env, rows) => {
    const [fila] = rows.rows(POR_ID, checkContrato(id));
    return fila === undefined ? sinContrato() : contratoNode(fila);
  },
};

export const table: Table = {
  Query: { contrato, contratos },
  Municipio: {
    contratos: contratosDe(({ codigo }, env) => env.identidad.alcaldia(textOf(codigo))),
  },
  Departamento: {
    contratos: contratosDe(({ codigo }, env) => env.identidad.gobernacion(textOf(codigo))),
  },
  Entidad: { contratos: contratosDe(({ id }, env) => env.identidad.byId(textOf(id))) },
  ProyectoInversion: { contratos: contratosDeProyecto },
  Contrato: contratoFields,
};
