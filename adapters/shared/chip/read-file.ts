import { keyOf } from '../../../schema/key.js';
import { readSD } from '../flat-file/submission.js';
import { readWorkbook } from '../spreadsheet/workbook.js';
import { findForma, type ChipForma } from './forma.js';
import { toReporteLibro } from './read-libro.js';
import { toReporteSD } from './read-sd.js';
import type { ChipReporte } from './reporte.js';
import type { ChipSummary } from './summary.js';

/**
 * The reports of a file, one by one. A submission file that carries a report twice was corrected by appending: only the
 * last of them is given.
 */
export async function* readReportes(
  path: string,
  name: string,
  formas: readonly ChipForma[],
  summary: ChipSummary,
  signal: AbortSignal,
): AsyncGenerator<ChipReporte> {
  if (summary.canal === 'LIBRO') {
    if (summary.reportes.length === 0) return;
    const sheets = await readWorkbook(path, { signal });
    yield toReporteLibro(sheets, (nombre) => findForma(formas, nombre), name);
    return;
  }
  const left = new Map<string, number>();
  for (const { formulario, codigoChip, vigencia, periodo } of summary.reportes) {
    const key = keyOf([formulario, codigoChip, vigencia, periodo]);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  for await (const block of readSD(path, { signal })) {
    const forma = findForma(formas, block.header.formulario);
    if (forma === undefined) continue;
    const reporte = toReporteSD(block, forma, name);
    const key = keyOf([forma.formulario, reporte.codigoChip, reporte.vigencia, reporte.periodo]);
    const again = (left.get(key) ?? 1) - 1;
    left.set(key, again);
    if (again <= 0) yield reporte;
  }
}
