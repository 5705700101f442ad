/** Rows of the upstream as the limit reads them: one call per dataset, the same paths, pools and values. */
import { Pool } from 'undici';
import { COPY_COLUMN, KEY_COLUMN } from '../../dist/bench/grain.js';

/** More codes than this are asked by a cover, like the limit asks a nation. */
const MAX_CODES = 400;

const kindOf = ({ tipo, clase }) =>
  clase === 'personal' ? 'hidden' : { entero: 'number', fecha: 'date' }[tipo];

const whereOf = (codes) =>
  encodeURIComponent(
    codes.length > MAX_CODES
      ? `${COPY_COLUMN} < 1`
      : `${KEY_COLUMN} in (${codes.map((code) => `'${code}'`).join(',')})`,
  ).replaceAll("'", '%27');

function valueOf(text, kind) {
  if (text === undefined || kind === 'hidden') return null;
  if (kind === 'number') return Number(text);
  return kind === 'date' ? text.slice(0, 10) : text;
}

/** Answers a function from codes to a map of rows. */
export function createRows({ dataset, columnas, registro }, upstream) {
  const pool = new Pool(upstream, { connections: 8, pipelining: 1 });
  const path = `/resource/${dataset}.json?$select=${KEY_COLUMN},${columnas.join(',')}&$where=`;
  const columns = columnas.map((name) => [name, kindOf(registro.campos[name])]);
  return async (codes) => {
    const { body } = await pool.request({
      method: 'GET',
      path: `${path}${whereOf(codes)}&$order=${KEY_COLUMN}&$limit=50000`,
    });
    const rows = new Map();
    for (const wire of JSON.parse(await body.text())) {
      const row = {};
      for (const [name, kind] of columns) row[name] = valueOf(wire[name], kind);
      rows.set(wire[KEY_COLUMN], row);
    }
    return rows;
  };
}
