/** What the headers of the files of a CHIP folder say of its reports. Pure: nothing is opened here. */
import { createHash } from 'node:crypto';
import { keyOf, partsOf, type Key } from '../../../schema/key.js';
import type { Row, Version } from '../../contract.js';
import type { IndexedFile } from '../drop/drop-index.js';
import type { ChipSummary } from './summary.js';

export type Indexed = IndexedFile<ChipSummary>;

export const stateOf = ({ file }: Indexed): string =>
  `${String(file.size)}:${String(file.mtimeMs)}`;

export const reportesOf = (each: Indexed, formularios: readonly string[]): Key[] =>
  each.at === 'broken'
    ? []
    : each.summary.reportes
        .filter(({ formulario }) => formularios.includes(formulario))
        .map(({ codigoChip, vigencia }) => keyOf([codigoChip, vigencia]));

export const reporteOfRow = ({ codigoChip, vigencia }: Row): Key =>
  keyOf([codigoChip ?? null, vigencia ?? null]);

/** One file with the reports of many entities; a workbook has one, and says so in its first rows. */
const isSubmission = (each: Indexed): boolean => each.at === 'read' && each.summary.canal === 'SD';

/** A file that may hold some of the reports asked. */
export interface Holder {
  readonly each: Indexed;
  /** Those that its headers name. */
  readonly asked: readonly Key[];
  /** Those that no file names, and that this one may have held before it was cut. */
  readonly doubtful: readonly Key[];
}

/** The files to be read for some reports, in the order in which these were asked: what comes first is whole first. */
export function holdersOf(
  files: readonly Indexed[],
  formularios: readonly string[],
  reportes: ReadonlySet<Key>,
): readonly Holder[] {
  const owners = files.map((each) => {
    const own = reportesOf(each, formularios);
    return { each, own, asked: own.filter((key) => reportes.has(key)) };
  });
  const known = new Set(owners.flatMap(({ asked }) => asked));
  const missing = [...reportes].filter((key) => !known.has(key));
  const places = new Map([...reportes].map((key, place) => [key, place]));
  const firstOf = (keys: readonly Key[]): number =>
    keys.reduce((first, key) => Math.min(first, places.get(key) ?? first), places.size);
  return owners
    .map(({ each, own, asked }) => {
      const doubtful = isSubmission(each) ? sameVigencia(missing, own) : [];
      return { each, asked, doubtful, place: Math.min(firstOf(asked), firstOf(doubtful)) };
    })
    .filter(({ place }) => place < places.size)
    .sort((a, b) => a.place - b.place);
}

const vigenciaOf = (key: Key): string | undefined => partsOf(key)[1];

function sameVigencia(missing: readonly Key[], held: readonly Key[]): readonly Key[] {
  if (missing.length === 0) return missing;
  const vigencias = new Set(held.map(vigenciaOf));
  return missing.filter((key) => vigencias.has(vigenciaOf(key)));
}

export const lastReception = ({ reportes }: ChipSummary): string | null =>
  reportes
    .map(({ recibidoEn }) => recibidoEn?.slice(0, 19) ?? '')
    .sort()
    .at(-1) || null;

export function versionOf(files: readonly Indexed[], at: number): Version {
  const states = files.map((each) => `${each.file.name}=${stateOf(each)}`).sort();
  const latest = Math.max(0, ...files.map(({ file }) => file.mtimeMs));
  return {
    token: createHash('sha256').update(states.join('\n')).digest('base64url').slice(0, 22),
    ...(latest === 0 ? {} : { sourceTime: new Date(latest).toISOString() }),
    checkedAt: new Date(at).toISOString(),
  };
}
