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

/** Where the reports of some forms lie. A folder holds tens of thousands of them, and every question asks. */
interface Indice {
  readonly byReporte: ReadonlyMap<Key, readonly Indexed[]>;
  /** Submissions that hold something of a vigencia: one that was cut may have held more of it. */
  readonly byVigencia: ReadonlyMap<string | undefined, readonly Indexed[]>;
}

/** Of each listing, by forms. */
const indices = new WeakMap<readonly Indexed[], Map<string, Indice>>();

function indiceOf(files: readonly Indexed[], formularios: readonly string[]): Indice {
  const ofListing = indices.get(files) ?? new Map<string, Indice>();
  indices.set(files, ofListing);
  const name = formularios.join();
  const known = ofListing.get(name);
  if (known !== undefined) return known;
  const byReporte = new Map<Key, Indexed[]>();
  const byVigencia = new Map<string | undefined, Indexed[]>();
  for (const each of files) {
    for (const key of reportesOf(each, formularios)) {
      note(byReporte, key, each);
      if (isSubmission(each)) note(byVigencia, vigenciaOf(key), each);
    }
  }
  const indice = { byReporte, byVigencia };
  ofListing.set(name, indice);
  return indice;
}

/** Files come one after the other: one that is there already is the last one. */
function note<K>(into: Map<K, Indexed[]>, key: K, each: Indexed): void {
  const found = into.get(key);
  if (found === undefined) into.set(key, [each]);
  else if (found.at(-1) !== each) found.push(each);
}

/** The files to be read for some reports, in the order in which these were asked: what comes first is whole first. */
export function holdersOf(
  files: readonly Indexed[],
  formularios: readonly string[],
  reportes: ReadonlySet<Key>,
): readonly Holder[] {
  const { byReporte, byVigencia } = indiceOf(files, formularios);
  const holders = new Map<Indexed, { readonly asked: Key[]; readonly doubtful: Key[] }>();
  const keysOf = (each: Indexed): { readonly asked: Key[]; readonly doubtful: Key[] } => {
    const known = holders.get(each) ?? { asked: [], doubtful: [] };
    holders.set(each, known);
    return known;
  };
  for (const key of reportes) {
    const owners = byReporte.get(key);
    if (owners !== undefined) for (const each of owners) keysOf(each).asked.push(key);
    else for (const each of byVigencia.get(vigenciaOf(key)) ?? []) keysOf(each).doubtful.push(key);
  }
  return [...holders].map(([each, keys]) => ({ each, ...keys }));
}

const vigenciaOf = (key: Key): string | undefined => partsOf(key)[1];

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
