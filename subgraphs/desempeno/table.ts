import type { Row } from '../../adapters/contract.js';
import { keyOf } from '../../schema/key.js';
import { IndiceMdm, IndiceMipg } from '../../schema/registros/mipg.js';
import type { EntidadConocida, Field, FieldEnv, Node, Table } from '../subgraph.js';
import { askOne, byAcceso, Reason } from '../subgraph.js';
import { checkVigencia, textOf } from '../shared/arguments.js';

const indicesMipg = byAcceso(IndiceMipg, 'porEntidadVigencia');
const indicesMdm = byAcceso(IndiceMdm, 'porMunicipioVigencia');

/** Of whom and when a Desempeno speaks; not names of the public schema. Its two fields read, so none is read unasked. */
const MUNICIPIO = '$municipio';
const VIGENCIA = '$vigencia';

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** The indices of one entity in one vigencia, and nothing of any other vigencia: codes change their meaning. */
const indicesOf = (
  entidadOf: (node: Node, env: FieldEnv) => EntidadConocida | null,
  vigenciaOf: (node: Node, args: Node) => number,
): Field => {
  const keyFor = (node: Node, args: Node, env: FieldEnv): string | null => {
    const vigencia = vigenciaOf(node, args);
    const sigep = entidadOf(node, env)?.sigep ?? null;
    return sigep === null ? null : keyOf([sigep, vigencia]);
  };
  return {
    steps: [askOne(indicesMipg, keyFor)],
    value: (node, args, env, rows) => {
      const key = keyFor(node, args, env);
      if (key === null) return entidadOf(node, env) === null ? sinEntidad() : sinCodigoSigep();
      const found = rows.rows(indicesMipg, key);
      if (found.length === 0) return sinMedicion('MIPG', vigenciaOf(node, args), 'mipg');
      return [...found].sort((a, b) => compareIndices(codigoOf(a), codigoOf(b)));
    },
  };
};

const codigoOf = ({ codigo }: Row): string => textOf(codigo);

/** IDI, then D1 to D7, POL01…, I01…: from the whole to its parts. */
const CLASES = ['IDI', 'D', 'POL', 'I'];

function compareIndices(a: string, b: string): number {
  const classOf = (codigo: string): number => CLASES.indexOf(codigo.replace(/\d+$/, ''));
  const numberIn = (codigo: string): number => Number(/\d+$/.exec(codigo)?.[0] ?? '0');
  return classOf(a) - classOf(b) || numberIn(a) - numberIn(b);
}

const mdm: Field = {
  steps: [
    (node) => [
      {
        bucket: indicesMdm,
        keys: [keyOf([textOf(node[MUNICIPIO]), numberOf(node[VIGENCIA])])],
      },
    ],
  ],
  value: (node, _args, _env, rows) => {
    const anio = numberOf(node[VIGENCIA]);
    const found = rows.rows(indicesMdm, keyOf([textOf(node[MUNICIPIO]), anio]));
    return found.length === 0
      ? sinMedicion('MDM', anio, 'mdm')
      : [...found].sort(compareIndicadores);
  },
};

/** The total first, then the indicators by name. */
function compareIndicadores(a: Row, b: Row): number {
  const [left, right] = [textOf(a['indicador']), textOf(b['indicador'])];
  if (left !== right) return left === 'MDM' || (right !== 'MDM' && left < right) ? -1 : 1;
  return numberOf(a['ordinal']) - numberOf(b['ordinal']);
}

const sinEntidad = (): Reason =>
  new Reason(
    'SIN_ENTIDAD',
    'El territorio no tiene una alcaldía que Función Pública mida.',
    'mipg',
  );
const sinCodigoSigep = (): Reason =>
  new Reason('SIN_CODIGO_SIGEP', 'No se conoce el código SIGEP de la entidad.', 'mipg');
const sinMedicion = (medicion: string, vigencia: number, sistema: string): Reason =>
  new Reason('SIN_MEDICION', `No hay medición ${medicion} publicada para ${vigencia}.`, sistema);

export const table: Table = {
  Municipio: {
    desempeno: {
      value: ({ codigo }, { vigencia }) => ({
        [MUNICIPIO]: codigo,
        [VIGENCIA]: checkVigencia(vigencia),
      }),
    },
  },
  Desempeno: {
    mdm,
    idi: indicesOf(
      (node, env) => env.identidad.alcaldia(textOf(node[MUNICIPIO])),
      (node) => numberOf(node[VIGENCIA]),
    ),
  },
  Entidad: {
    indiceDesempeno: indicesOf(
      ({ id }, env) => env.identidad.byId(textOf(id)),
      (_node, { vigencia }) => checkVigencia(vigencia),
    ),
  },
};
