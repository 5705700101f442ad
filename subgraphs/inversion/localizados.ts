import type { Row } from '../../adapters/contract.js';
import { keyOf, type Key } from '../../schema/key.js';
import { LocalizacionProyecto } from '../../schema/registros/piip.js';
import { textOf } from '../shared/arguments.js';
import {
  checkFirst,
  decodeCursor,
  expiredCursor,
  pageOf,
  toConnection,
  totalOf,
} from '../shared/connection.js';
import { proyectoNode } from '../shared/entities.js';
import type { Args, Bucket, Field, FieldEnv, Lookup, Node, Read } from '../subgraph.js';
import { byAcceso, byTop } from '../subgraph.js';
import { compareByValor, filtroOf, isMatch } from './filtro.js';
import { PROYECTOS } from './proyecto.js';

/**
 * Projects of a place. Without filter and by code, the locations alone say which they are: the projects are read together
 * with everything that hangs from them. Else the projects are read first.
 */

const POR_MUNICIPIO = byAcceso(LocalizacionProyecto, 'porMunicipio');
const POR_DEPARTAMENTO = byAcceso(LocalizacionProyecto, 'porDepartamento');

const isPlain = (args: Args): boolean => filtroOf(args) === null && args.orden !== 'VALOR_DESC';

/** Whole department and each municipality: a project once, however many of its places are here. */
function bpinsOf(bucket: Bucket, key: Key, rows: Lookup): string[] {
  return [...new Set(rows.rows(bucket, key).map((row) => textOf(row.bpin)))].sort();
}

function versionOf(bucket: Bucket, keys: readonly Key[], rows: Lookup): string {
  const tokens = keys.map((key) => {
    const outcome = rows.outcome(bucket, key);
    return outcome.at === 'failed' ? '' : outcome.origin.version.token;
  });
  return [...new Set(tokens)].sort().join('+');
}

const keyOfLugar = ({ codigo }: Node): Key => keyOf([textOf(codigo)]);

function readProyectos(bucket: Bucket, node: Node, args: Args, rows: Lookup): Read[] {
  if (isPlain(args)) return [];
  const keys = bpinsOf(bucket, keyOfLugar(node), rows).map((bpin) => keyOf([bpin]));
  return keys.length === 0 ? [] : [{ bucket: PROYECTOS, keys }];
}

/** The page cut here, over all projects of the place. */
function pageInMemory(bucket: Bucket, node: Node, args: Args, rows: Lookup): Node {
  const lugar = keyOfLugar(node);
  let bpins = bpinsOf(bucket, lugar, rows);
  let version = versionOf(bucket, [lugar], rows);
  if (!isPlain(args) && bpins.length > 0) {
    const keys = bpins.map((bpin) => keyOf([bpin]));
    const byBpin = new Map<string, Row | undefined>(
      bpins.map((bpin) => [bpin, rows.rows(PROYECTOS, keyOf([bpin]))[0]]),
    );
    version = `${version}/${versionOf(PROYECTOS, keys, rows)}`;
    bpins = bpins.filter((bpin) => isMatch(byBpin.get(bpin), args));
    // A stable sort: equal values stay in the order of their codes.
    if (args.orden === 'VALOR_DESC') {
      bpins.sort((a, b) => compareByValor(byBpin.get(a), byBpin.get(b)));
    }
  }
  const position = { first: checkFirst(args.first), after: decodeCursor(args.after), version };
  return toConnection(
    pageOf(bpins, position, (bpin) => bpin),
    proyectoNode,
    (bpin) => ({ values: [bpin], version }),
  );
}

const check = (args: Args): void => {
  checkFirst(args.first);
  decodeCursor(args.after);
};

export const proyectosDeDepartamento: Field = {
  steps: [
    (node, args) => {
      check(args);
      return [{ bucket: POR_DEPARTAMENTO, keys: [keyOfLugar(node)] }];
    },
    (node, args, _env, rows) => readProyectos(POR_DEPARTAMENTO, node, args, rows),
  ],
  value: (node, args, _env, rows) => pageInMemory(POR_DEPARTAMENTO, node, args, rows),
};

/** A list under a list, cut by whoever holds the locations. */
function topOfMunicipio(args: Args, env: FieldEnv): Bucket {
  const first = checkFirst(args.first);
  const after = decodeCursor(args.after);
  if (after !== null && after.values.length !== LocalizacionProyecto.clave.length) {
    throw expiredCursor();
  }
  return byTop(LocalizacionProyecto, 'porMunicipio', {
    filtro: null,
    orden: [{ campo: 'bpin', sentido: 'asc' }],
    options: { first, after, count: env.selects('totalCount') },
  });
}

export const proyectosDeMunicipio: Field = {
  steps: [
    (node, args, env) => {
      check(args);
      const bucket = isPlain(args) ? topOfMunicipio(args, env) : POR_MUNICIPIO;
      return [{ bucket, keys: [keyOfLugar(node)] }];
    },
    (node, args, _env, rows) => readProyectos(POR_MUNICIPIO, node, args, rows),
  ],
  value: (node, args, env, rows) => {
    if (!isPlain(args)) return pageInMemory(POR_MUNICIPIO, node, args, rows);
    const bucket = topOfMunicipio(args, env);
    const key = keyOfLugar(node);
    const top = rows.top(bucket, key);
    const { rows: items, hasNext } = top;
    const total = totalOf(top, rows.outcome(bucket, key), env.selects('totalCount'), env);
    const version = top.cursorVersion ?? versionOf(bucket, [key], rows);
    return toConnection<Row>(
      { items, hasNextPage: hasNext, totalCount: total },
      (row) => proyectoNode(textOf(row.bpin)),
      (row) => ({
        version,
        values: LocalizacionProyecto.clave.map((campo) => textOf(row[campo])),
      }),
    );
  },
};
