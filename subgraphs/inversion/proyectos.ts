import type { Row } from '../../adapters/contract.js';
import { keyOf } from '../../schema/key.js';
import { ProyectoInversion } from '../../schema/registros/piip.js';
import { parseBpin } from '../../schema/values/bpin.js';
import { unknownValue } from '../../schema/values/problem.js';
import { textOf } from '../shared/arguments.js';
import { checkFirst, decodeCursor, toConnection, totalOf } from '../shared/connection.js';
import { proyectoNode } from '../shared/entities.js';
import type { Args, Bucket, Field, FieldEnv } from '../subgraph.js';
import { askOne, byPage, InputProblem, PAGE_KEY } from '../subgraph.js';
import { filtroOf, ordenOf } from './filtro.js';
import { PROYECTOS } from './proyecto.js';

function bpinOf({ bpin }: Args): string {
  const parsed = parseBpin(textOf(bpin));
  if ('error' in parsed) throw new InputProblem(parsed.error);
  return parsed.bpin;
}

/** A dead source is no reason to say nothing: fields of other sources hang from the code alone. */
export const proyecto: Field = {
  steps: [askOne(PROYECTOS, (_root, args) => keyOf([bpinOf(args)]))],
  value: (_root, args, _env, rows) => {
    const bpin = bpinOf(args);
    if (rows.outcome(PROYECTOS, keyOf([bpin])).at === 'absent') {
      throw new InputProblem(unknownValue('BPIN', textOf(args.bpin), 'bpin'));
    }
    return proyectoNode(bpin);
  },
};

function pageOfAll(args: Args, env: FieldEnv): Bucket {
  const after = decodeCursor(args.after);
  return byPage(ProyectoInversion, {
    filtro: filtroOf(args),
    orden: ordenOf(args),
    options: { first: checkFirst(args.first), after, count: env.selects('totalCount') },
  });
}

/** All projects of the country, cut by the source. */
export const proyectos: Field = {
  steps: [(_root, args, env) => [{ bucket: pageOfAll(args, env), keys: [PAGE_KEY] }]],
  value: (_root, args, env, rows) => {
    const bucket = pageOfAll(args, env);
    const top = rows.top(bucket, PAGE_KEY);
    const { rows: items, hasNext } = top;
    const outcome = rows.outcome(bucket, PAGE_KEY);
    const version =
      top.cursorVersion ?? (outcome.at === 'failed' ? '' : outcome.origin.version.token);
    const count = env.selects('totalCount');
    const campos = [...ordenOf(args).map(({ campo }) => campo), ...ProyectoInversion.clave];
    return toConnection<Row>(
      { items, hasNextPage: hasNext, totalCount: totalOf(top, outcome, count, env) },
      (row) => proyectoNode(textOf(row.bpin)),
      (row) => ({ version, values: campos.map((campo) => cursorValue(row[campo])) }),
    );
  },
};

const cursorValue = (value: Row[string]): string | number | null =>
  typeof value === 'string' || typeof value === 'number' ? value : null;
