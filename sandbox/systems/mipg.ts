import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import exceljs from 'exceljs';
import { rand, randInt } from '../hash.js';
import { tieneExportacionReal, type EntidadSemilla, type World } from '../seed.js';
import type { SandboxSystem } from '../system.js';
import { columnasDe, isControlInterno, type ColumnaMipg } from './mipg/catalogo.js';
import { createMdm } from './mipg/mdm.js';

export const VIGENCIAS_MIPG = [2023, 2024, 2025] as const;

type Cell = string | number | null;

interface Medida {
  readonly codigoSigep: string;
  readonly cells: readonly Cell[];
  /** MECI only. */
  readonly meci: boolean;
  readonly small: boolean;
}

const NATURALEZA: Readonly<Record<EntidadSemilla['clase'], string>> = {
  ALCALDIA: 'ALCALDÍA',
  GOBERNACION: 'GOBERNACIÓN',
  CONCEJO: 'CONCEJO MUNICIPAL',
  PERSONERIA: 'PERSONERÍA MUNICIPAL',
  ESE: 'EMPRESA SOCIAL DEL ESTADO',
};

/** Small municipalities need no digital transformation projects nor rules of their own. */
const EXENTOS = new Set(['I20', 'I21', 'I30', 'I31', 'I32']);
const SMALL = 20_000;

function toMedida(world: World, e: EntidadSemilla, vigencia: number): Medida | null {
  if (tieneExportacionReal('mipg', e.divipola, vigencia)) return null;
  if (rand(world.seed, 'mipg-falta', e.codigoChip, vigencia) < 0.01) return null;
  const meci = e.clase === 'CONCEJO' || e.clase === 'PERSONERIA';
  const naturaleza = NATURALEZA[e.clase];
  const grupo = 1 + Math.floor(rand(world.seed, 'mipg-grupo', e.codigoChip) * 5);
  // Peer groups are renamed each year.
  const grupoPar =
    vigencia === 2025 ? `${naturaleza} GRUPO ${grupo}` : `GRUPO ${'ABCDE'[grupo - 1] ?? 'A'}`;
  return {
    codigoSigep: e.codigoSigep,
    cells: [
      e.nombres.sigep,
      naturaleza,
      e.departamento.toUpperCase(),
      e.municipio === '' ? null : e.municipio.toUpperCase(),
      meci ? null : grupoPar,
      meci ? 'MECI' : 'MIPG',
    ],
    meci,
    small: e.clase === 'ALCALDIA' && e.poblacion < SMALL,
  };
}

/** Bodies of the nation have no place in this world: some invented ones, above all codes of the territory. */
const nacionales = (): Medida[] =>
  Array.from({ length: 20 }, (_, i) => ({
    codigoSigep: String(9901 + i),
    cells: [
      `ENTIDAD NACIONAL DE EJEMPLO ${i + 1}`,
      'UNIDAD ADMINISTRATIVA ESPECIAL',
      'BOGOTÁ, D.C.',
      'BOGOTÁ, D.C.',
      'GRUPO NACIÓN',
      'MIPG',
    ],
    meci: false,
    small: false,
  }));

function scoreOf(world: World, m: Medida, vigencia: number, columna: ColumnaMipg): Cell {
  if (m.meci && !isControlInterno(vigencia, columna)) return null;
  if (m.small && EXENTOS.has(columna.codigo)) return null;
  const base = randInt(250, 800, world.seed, 'mipg', m.codigoSigep);
  const swing = randInt(-150, 190, world.seed, 'mipg', m.codigoSigep, vigencia, columna.codigo);
  return Math.max(0, base + swing) / 10;
}

/** Half of the codes became numbers and lost their zeros. */
const sigepCell = ({ codigoSigep }: Medida, at: number): Cell =>
  at % 2 === 0 ? codigoSigep : Number(codigoSigep);

const HEADER = [
  'Código Sigep',
  'Entidad',
  'Naturaleza Jurídica',
  'Departamento',
  'Municipio',
  'Grupo par',
  'Tipo Formulario',
];

async function writeLibro(
  file: string,
  hoja: string,
  world: World,
  vigencia: number,
  medidas: readonly Medida[],
): Promise<void> {
  const columnas = columnasDe(vigencia);
  const book = new exceljs.stream.xlsx.WorkbookWriter({ filename: file, useStyles: false });
  const sheet = book.addWorksheet(hoja);
  const width = HEADER.length + columnas.length;
  const titles = ['RESULTADOS DE LA MEDICIÓN DEL DESEMPEÑO INSTITUCIONAL', `VIGENCIA ${vigencia}`];
  const rows = titles.map((title) => sheet.addRow([title]));
  // A row that was committed can no longer be merged.
  for (const row of rows) sheet.mergeCells(row.number, 1, row.number, width);
  for (const row of rows) row.commit();
  sheet.addRow([...HEADER, ...columnas.map(({ label }) => label)]).commit();
  for (const [at, m] of medidas.entries()) {
    // The servers of the sandbox live in this thread.
    if (at % 100 === 99) await breathe();
    const scores = columnas.map((columna) => scoreOf(world, m, vigencia, columna));
    sheet.addRow([sigepCell(m, at), ...m.cells, ...scores]).commit();
  }
  sheet.commit();
  await book.commit();
}

/** Two books per vigencia; what is not published yet (2026) is not there. */
async function writeDrop(dir: string, world: World, signal: AbortSignal): Promise<void> {
  for (const vigencia of VIGENCIAS_MIPG) {
    if (signal.aborted) return;
    const name = (ambito: string): string =>
      path.join(dir, `Resultados_vig${vigencia}_${ambito}.xlsx`);
    await writeLibro(name('nacion'), 'Nación', world, vigencia, nacionales());
    const territorio = world.entidades.flatMap((e) => toMedida(world, e, vigencia) ?? []);
    await writeLibro(name('territorio'), 'Territorio', world, vigencia, territorio);
  }
}

/** Función Pública: files only. */
export const mipg: SandboxSystem = { sistema: 'mipg', writeDrop };

/** DNP: a dataset of its own. */
export const mdm: SandboxSystem = { sistema: 'mdm', soda: (world) => [createMdm(world)] };
