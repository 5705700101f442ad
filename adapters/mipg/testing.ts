/** Workbooks of results as Función Pública publishes them, written by hand for tests. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import exceljs from 'exceljs';

export type Cell = string | number | null;

const PERSONA = ['Entidad', 'Naturaleza Jurídica', 'Departamento', 'Municipio', 'Grupo par'];
export const HEADER_2025 = [
  'Código Sigep',
  ...PERSONA,
  'Tipo Formulario',
  'Índice de Desempeño Institucional',
  'D1 Talento Humano',
  'D2 Direcciona- miento Estratégico y Planeación',
  'D04 Evaluación de Resultados',
  'POL01 Índice de Gestión Estratégica del Talento Humano',
  'POL19 Índice Control Interno',
  'i01 Calidad de la planeación estratégica del talento humano',
  'I9 Registro y publicación\ncontractual en las plataformas',
  'I70 Prevención del daño antijurídico',
];
/** San Rafael lost its zeros to Excel; the personería answered MECI only. */
export const ROWS_2025: readonly (readonly Cell[])[] = [
  [
    '0999',
    'ALCALDÍA DE EJEMPLO',
    'ALCALDÍA',
    'VALLE DEL CAUCA',
    'EJEMPLO',
    'ALCALDÍA GRUPO 1',
    'MIPG',
    78.4,
    80.1,
    70,
    60.5,
    81,
    76.9,
    77.3,
    50,
    0,
  ],
  [
    847,
    'ALCALDÍA DE SAN RAFAEL',
    'ALCALDÍA',
    'ANTIOQUIA',
    'SAN RAFAEL',
    'ALCALDÍA GRUPO 4',
    'MIPG',
    30.2,
    29.8,
    '31,5',
    20,
    40,
    30,
    25,
    null,
    null,
  ],
  [
    '5678',
    'PERSONERÍA MUNICIPAL DE EJEMPLO',
    'PERSONERÍA MUNICIPAL',
    'ANTIOQUIA',
    'EJEMPLO',
    null,
    'MECI',
    null,
    null,
    null,
    null,
    null,
    55,
    null,
    null,
    null,
  ],
];
/** Another numbering: POL01 means something else, and there are 18. */
export const HEADER_2023 = [
  'Código Sigep',
  ...PERSONA,
  'Índice de Desempeño Institucional',
  'POL01 Índice Planeación Institucional',
  'POL18 Índice Control Interno',
];
export const ROWS_2023: readonly (readonly Cell[])[] = [
  [
    '0999',
    'ALCALDÍA DE EJEMPLO',
    'ALCALDÍA',
    'VALLE DEL CAUCA',
    'EJEMPLO',
    'GRUPO B',
    70.1,
    66,
    60,
  ],
];

export const VIG_2025 = 'Resultados_vig2025_territorio.xlsx';
export const VIG_2023 = 'Resultados_vig2023_territorio.xlsx';

/** Two merged title rows and the header in row 3, as Función Pública publishes. */
export async function writeLibro(
  dir: string,
  name: string,
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  titles: readonly [string, string] = ['RESULTADOS DE DESEMPEÑO INSTITUCIONAL', 'TERRITORIO'],
): Promise<void> {
  const book = new exceljs.Workbook();
  const sheet = book.addWorksheet('Territorio');
  sheet.addRows([[titles[0]], [titles[1]], [...header], ...rows.map((row) => [...row])]);
  sheet.mergeCells(1, 1, 1, header.length);
  sheet.mergeCells(2, 1, 2, header.length);
  book.addWorksheet('Notas').addRow(['Los resultados no son comparables entre vigencias.']);
  await writeFile(path.join(dir, name), new Uint8Array(await book.xlsx.writeBuffer()));
}

export const makeFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'sugit-mipg-'));
