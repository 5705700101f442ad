import { readFileSync } from 'node:fs';
import { parseCsvRecords } from '../../csv.js';

/** What one vigencia measures: the label of each column as its sheet writes it, and the code behind it. */
export interface ColumnaMipg {
  readonly codigo: string;
  readonly label: string;
}

const DATA = new URL(
  '../../../schema/catalogos/datos/mipg_indices_vigencia_2025.csv',
  import.meta.url,
);

interface Catalogo {
  readonly dimensiones: readonly (readonly [string, string])[];
  readonly politicas: readonly (readonly [string, string])[];
  readonly indices: readonly (readonly [string, string])[];
}

let known: Catalogo | undefined;

function loadCatalogo(): Catalogo {
  if (known) return known;
  const rows = parseCsvRecords(readFileSync(DATA, 'utf8'));
  const pairs = (code: string, name: string): (readonly [string, string])[] => [
    ...new Map(rows.filter((r) => r[code]).map((r) => [r[code] ?? '', r[name] ?? ''])),
  ];
  known = {
    dimensiones: pairs('dimension', 'dimension_nombre'),
    politicas: pairs('politica', 'politica_nombre'),
    indices: pairs('indice', 'indice_nombre'),
  };
  return known;
}

/** Line breaks in narrow cells left their hyphen, and nobody settled how a code is written. */
const dimension = ([codigo, nombre]: readonly [string, string]): ColumnaMipg => ({
  codigo,
  label: `${codigo === 'D4' ? 'D04' : codigo} ${nombre.replace('Direccionamiento', 'Direcciona- miento')}`,
});

function indice([codigo, nombre]: readonly [string, string], at: number): ColumnaMipg {
  const number = Number(codigo.slice(1));
  const written = [codigo, codigo.toLowerCase(), `I${number}`, `i${number}`][at % 4] ?? codigo;
  return { codigo, label: `${written} ${nombre}` };
}

const two = (n: number): string => String(n).padStart(2, '0');

const idi: ColumnaMipg = { codigo: 'IDI', label: 'Índice de Desempeño Institucional' };

/**
 * 2025 is the published catalogue. Before it, policies were 18 (public procurement came later), so that from POL05 on the
 * same number means another policy, and only some indices existed.
 */
export function columnasDe(vigencia: number): readonly ColumnaMipg[] {
  const { dimensiones, politicas, indices } = loadCatalogo();
  const isLatest = vigencia === 2025;
  const kept = isLatest ? politicas : politicas.filter(([codigo]) => codigo !== 'POL05');
  const politicaColumns = kept.map(([, nombre], at): ColumnaMipg => ({
    codigo: `POL${two(at + 1)}`,
    label: `POL${two(at + 1)} Índice de ${nombre}`,
  }));
  const chosen = isLatest
    ? indices
    : indices.filter((_, at) => at % (vigencia === 2024 ? 3 : 4) === 0);
  const indiceColumns = isLatest
    ? chosen.map(indice)
    : chosen.map(([, nombre], at) => indice([`I${two(at + 1)}`, nombre], at));
  return [idi, ...dimensiones.map(dimension), ...politicaColumns, ...indiceColumns];
}

/** The policy of internal control and what is below it: all that MECI asks. */
export function isControlInterno(vigencia: number, { codigo }: ColumnaMipg): boolean {
  if (vigencia !== 2025) return codigo === 'POL18';
  return codigo === 'POL19' || /^I6[3-8]$/.test(codigo);
}
