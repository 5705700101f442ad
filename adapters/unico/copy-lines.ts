/** New versions of records as lines of COPY. Checked before: nothing here can fail. */
import type { Registro } from '../../schema/registro.js';
import type { Row } from '../contract.js';
import { campoOf, SQL_TYPE } from '../shared/sql/columns.js';
import { COPY_NULL, copyBytes, copyText } from '../shared/sql/copy-text.js';
import type { Incoming } from './ingest.js';
import { VERSION_COLUMNS } from './table.js';

export const copyColumns = (registro: Registro): readonly string[] => [
  ...VERSION_COLUMNS,
  ...Object.keys(registro.campos),
];

/** From `_version` to `_lapida`. */
function stampText({ version, mapeo, tiempo, row }: Incoming, registrada: number): string {
  const isRecord = row !== null;
  return `${copyText(version)}\t${mapeo}\t${tiempo}\t${tiempo}\t${registrada}\t${isRecord}\t${!isRecord}`;
}

const isStampedAlike = (a: Incoming, b: Incoming): boolean =>
  a.tiempo === b.tiempo &&
  a.mapeo === b.mapeo &&
  a.version === b.version &&
  (a.row === null) === (b.row === null);

/** A tombstone has no campos. */
const NOTHING: Row = {};

/** Made one by one while they are loaded, in the order of `copyColumns`: what is gone at once costs the collector nothing. */
export function* copyLines(
  registro: Registro,
  write: readonly Incoming[],
  registrada: number,
): Generator<string> {
  const campos = Object.keys(registro.campos).map((name) => ({
    name,
    isText: SQL_TYPE[campoOf(registro, name).tipo] === 'text',
  }));
  let before: Incoming | null = null;
  let stamp = '';
  for (const next of write) {
    // Nearly always the same for a whole batch.
    if (before === null || !isStampedAlike(before, next)) stamp = stampText(next, registrada);
    before = next;
    const row = next.row ?? NOTHING;
    let absent = '';
    let rest = '';
    for (const { name, isText } of campos) {
      const value = row[name];
      if (value === undefined || value === null) {
        if (value === undefined) absent += absent === '' ? name : `,${name}`;
        rest += `\t${COPY_NULL}`;
      } else rest += `\t${isText ? copyText(String(value)) : String(value)}`;
    }
    // Absent is another thing than null; a tombstone says neither.
    const ausente = absent === '' || next.row === null ? COPY_NULL : copyText(absent);
    yield `${copyText(next.clave)}\t${next.bucket}\t${copyBytes(next.resumen)}\t${copyBytes(next.contenido)}\t${stamp}\t${ausente}${rest}`;
  }
}
