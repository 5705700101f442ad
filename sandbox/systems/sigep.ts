import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { World } from '../seed.js';
import type { SandboxSystem } from '../system.js';
import { entidadesTabla, plantaTabla, vacantesTabla, type Tabla } from './sigep/reportes.js';
import { createServidoresPublicos } from './sigep/servidores.js';

/** A part until it is whole, so that nobody reads half of it. */
async function writeWhole(dir: string, name: string, write: (file: string) => Promise<void>) {
  const part = path.join(dir, `${name}.part`);
  await write(part);
  await rename(part, path.join(dir, name));
}

const PIECE_ROWS = 500;

/** Semicolons and a mark of UTF-8, as an Excel with Spanish settings exports. */
function* csvPieces({ labels, rows }: Tabla): Iterable<string> {
  const line = (cells: readonly (string | number)[]): string =>
    `${cells.map((c) => (/[";\r\n]/.test(String(c)) ? `"${String(c).replaceAll('"', '""')}"` : c)).join(';')}\r\n`;
  let piece = `\uFEFF${line(labels)}`;
  let held = 0;
  for (const row of rows()) {
    piece += line(row);
    if (++held < PIECE_ROWS) continue;
    yield piece;
    [piece, held] = ['', 0];
  }
  if (piece !== '') yield piece;
}

const writeCsv = (dir: string, name: string, tabla: Tabla, signal: AbortSignal): Promise<void> =>
  writeWhole(dir, name, (file) =>
    pipeline(Readable.from(csvPieces(tabla)), createWriteStream(file), { signal }),
  );

const writeXlsx = (dir: string, name: string, tabla: Tabla, signal: AbortSignal): Promise<void> =>
  writeWhole(dir, name, async (filename) => {
    // Loaded when it is needed: the servers are ready before.
    const { default: excel } = await import('exceljs');
    const book = new excel.stream.xlsx.WorkbookWriter({ filename });
    const sheet = book.addWorksheet('Reporte');
    sheet.addRow([...tabla.labels]).commit();
    for (const row of tabla.rows()) {
      if (signal.aborted) break;
      sheet.addRow([...row]).commit();
    }
    sheet.commit();
    await book.commit();
  });

/**
 * Two weeks of reports, the small ones as workbooks: a workbook of all plantas takes seconds, and who reads waits for all. The register of bodies comes first, for others wait for it; the recent week of vacancies has a
 * renamed column, and the week of the 6th lacks bodies that were late.
 */
async function writeDrop(dir: string, world: World, signal: AbortSignal): Promise<void> {
  const planta = 'plantaDePersonalEntidadYEmpleosProvistos';
  const vacantes = 'vacantesVigentesPorEntidades';
  const renamed = { 'Vacancia Definitiva': 'Vacante Definit.' };
  const steps: (() => Promise<void>)[] = [
    () => writeCsv(dir, 'consultaGeneralDeEntidades_20260417.csv', entidadesTabla(world), signal),
    () => writeCsv(dir, `${planta}_20260413.csv`, plantaTabla(world), signal),
    () => writeCsv(dir, `${planta}_20260406.csv`, plantaTabla(world, 0.9), signal),
    () => writeXlsx(dir, `${vacantes}_20260406.xlsx`, vacantesTabla(world), signal),
    () => writeCsv(dir, `${vacantes}_20260413.csv`, vacantesTabla(world, renamed), signal),
  ];
  for (const step of steps) {
    if (signal.aborted) return;
    await step();
  }
}

export const sigep: SandboxSystem = {
  sistema: 'sigep',
  soda: (world) => [createServidoresPublicos(world)],
  writeDrop,
};
