import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import iconv from 'iconv-lite';
import { toCsvLine } from '../csv.js';
import { randInt, splitExact } from '../hash.js';
import type { World } from '../seed.js';
import type { SandboxSystem } from '../system.js';

/** SIIF as its users export it: a CSV in cp1252, a workbook with titles above the header, and a report with persons. */
const HEADER = [
  ...[
    'UEJ',
    'NOMBRE UEJ',
    'RUBRO',
    'TIPO',
    'CTA',
    'SUBCTA',
    'OBJ',
    'ORD',
    'SORORD',
    'ITEM',
    'SUBITEM',
  ],
  ...['SUBITEM 2', 'FUENTE', 'REC', 'SIT', 'DESCRIPCION', 'APR. INICIAL', 'APR. ADICIONADA'],
  ...['APR. REDUCIDA', 'APR. VIGENTE', 'APR BLOQUEADA', 'CDP', 'APR. DISPONIBLE', 'COMPROMISO'],
  ...['OBLIGACION', 'ORDEN PAGO', 'PAGOS'],
];

const UNITS: readonly (readonly [string, string])[] = [
  ['03-01-01', 'DEPARTAMENTO NACIONAL DE PLANEACIÓN - GESTIÓN GENERAL'],
  ['13-01-01', 'MINISTERIO DE HACIENDA Y CRÉDITO PÚBLICO - GESTIÓN GENERAL'],
  ['13-01-08', 'MINISTERIO DE HACIENDA Y CRÉDITO PÚBLICO - DIRECCIÓN GENERAL DE APOYO FISCAL'],
  ['14-01-01', 'SERVICIO DE LA DEUDA PÚBLICA NACIONAL'],
  ['17-01-01', 'MINISTERIO DE AGRICULTURA Y DESARROLLO RURAL - GESTIÓN GENERAL'],
  ['19-01-01', 'MINISTERIO DE SALUD Y PROTECCIÓN SOCIAL - GESTIÓN GENERAL'],
  ['22-01-01', 'MINISTERIO DE EDUCACIÓN NACIONAL - GESTIÓN GENERAL'],
  ['22-10-00', 'INSTITUTO NACIONAL PARA SORDOS (INSOR)'],
  ['24-02-00', 'INSTITUTO NACIONAL DE VÍAS'],
  ['40-01-01', 'MINISTERIO DE VIVIENDA, CIUDAD Y TERRITORIO - GESTIÓN GENERAL'],
];

/** Leaves of a unit; `A-01` and `A-02` also come as parents, `A` above them. */
const LEAVES = ['A-01-01', 'A-01-02', 'A-02-02', 'A-03-03', 'C-0301-1000-1', 'C-2201-0700-2'];
const PARENTS = ['A', 'A-01'];

/** Whole pesos and no cents, in the form that Excel shows in the United States. */
function money(pesos: number): string {
  return `${String(pesos).replace(/\B(?=(\d{3})+$)/g, ',')}.00`;
}

interface Montos {
  readonly inicial: number;
  readonly adicionada: number;
  readonly reducida: number;
  readonly compromiso: number;
  readonly obligacion: number;
  readonly pagos: number;
}

function montosOf({ seed }: World, vigencia: number, unit: string, rubro: string): Montos {
  const part = (name: string, low: number, high: number): number =>
    randInt(low, high, seed, 'siif', vigencia, unit, rubro, name);
  const inicial = part('inicial', 1, 900_000) * 1_000_000;
  const adicionada = part('adicionada', 0, 100_000) * 1_000;
  const reducida = part('reducida', 0, 50_000);
  const [compromiso = 0] = splitExact(inicial, [part('compromiso', 60, 98), 2]);
  const [obligacion = 0] = splitExact(compromiso, [part('obligacion', 70, 99), 5]);
  const [pagos = 0] = splitExact(obligacion, [part('pagos', 80, 99), 1]);
  return { inicial, adicionada, reducida, compromiso, obligacion, pagos };
}

const sum = (all: readonly Montos[]): Montos =>
  all.reduce((a, b) => ({
    inicial: a.inicial + b.inicial,
    adicionada: a.adicionada + b.adicionada,
    reducida: a.reducida + b.reducida,
    compromiso: a.compromiso + b.compromiso,
    obligacion: a.obligacion + b.obligacion,
    pagos: a.pagos + b.pagos,
  }));

/** TIPO, CTA, SUBCTA… SUBITEM 2: the parts of the rubro, the rest empty. */
const levelsOf = (rubro: string): string[] =>
  Array.from({ length: 9 }, (_, at) => rubro.split('-')[at] ?? '');

function cellsOf(
  unit: readonly [string, string],
  rubro: string,
  resource: string,
  m: Montos,
): string[] {
  const vigente = m.inicial + m.adicionada - m.reducida;
  const isLeaf = resource !== '';
  return [
    ...[unit[0], unit[1], rubro, ...levelsOf(rubro)],
    isLeaf ? 'Nación' : '',
    // The NBSP is in the real files.
    isLeaf ? `${resource}\u00a0` : '',
    isLeaf ? 'CSF' : '',
    isLeaf ? 'ADQUISICIÓN, CONTRATACIÓN Y PAGO' : 'SUBTOTAL',
    ...[m.inicial, m.adicionada, m.reducida, vigente, 0, m.compromiso].map(money),
    ...[vigente - m.compromiso, m.compromiso, m.obligacion, m.pagos, m.pagos].map(money),
  ];
}

function linesOf(world: World, vigencia: number): string[][] {
  return UNITS.flatMap((unit) => {
    const leaves = LEAVES.map((rubro, at) => ({
      rubro,
      resource: at % 2 === 0 ? '10' : '11',
      montos: montosOf(world, vigencia, unit[0], rubro),
    }));
    const parents = PARENTS.map((rubro) => {
      const below = leaves.filter((leaf) => leaf.rubro.startsWith(`${rubro}-`));
      return { rubro, resource: '', montos: sum(below.map(({ montos }) => montos)) };
    });
    return [...parents, ...leaves].map(({ rubro, resource, montos }) =>
      cellsOf(unit, rubro, resource, montos),
    );
  });
}

const toCsv = (rows: readonly (readonly string[])[]): Buffer =>
  iconv.encode(`${rows.map(toCsvLine).join('\r\n')}\r\n`, 'win1252');

/** Invented persons: nothing of this file may be read. */
const CDP = [
  [
    'Numero Documento',
    'Fecha de Registro',
    'Fecha de Creacion',
    'Tipo de CDP',
    'Estado',
    'Rubro',
  ].concat(
    ['Valor Inicial', 'Valor Operaciones', 'Valor Actual', 'Valor Actual', 'Identificacion'],
    ['Nombre Razon Social', 'Numero Cuenta', 'Objeto'],
  ),
  [
    '124',
    '2024-02-01',
    '2024-02-01',
    'Gasto',
    'Anulada',
    'A-02-02',
    '1,000.00',
    '0.00',
    '1,000.00',
  ].concat([
    '1,000.00',
    '99999999',
    'PERSONA FICTICIA UNO',
    '000-000-001',
    'PRESTACIÓN DE SERVICIOS',
  ]),
];

async function writeWorkbook(file: string, rows: readonly string[][]): Promise<void> {
  const { default: excel } = await import('exceljs');
  const book = new excel.Workbook();
  book
    .addWorksheet('Ejecución')
    .addRows([
      ['Año Fiscal:', '2025'],
      ['Vigencia:', 'Actual'],
      ['Periodo:', 'Enero-Diciembre'],
      [...HEADER, 'Valor Actual', 'Valor Actual'],
      ...rows.map((row) => [...row, '', '']),
    ]);
  await book.xlsx.writeFile(file);
}

export const siif: SandboxSystem = {
  sistema: 'siif',
  async writeDrop(dir, world, signal) {
    const csv = toCsv([HEADER, ...linesOf(world, 2024)]);
    await writeFile(path.join(dir, 'ejecucion_agregada_2024-12-31.csv'), csv);
    if (signal.aborted) return;
    await writeWorkbook(path.join(dir, 'EjecucionDesagregada2025.xlsx'), linesOf(world, 2025));
    await writeFile(path.join(dir, 'CDP_2024.csv'), toCsv(CDP));
  },
};
