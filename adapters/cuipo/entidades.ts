import type { Fila } from '../../schema/registro.js';
import { normalizeChip } from '../../schema/values/chip.js';
import { normalizeNit } from '../../schema/values/nit.js';
import { groupBy } from '../../schema/group-by.js';
import type { SodaRaw } from './raw.js';

/**
 * The directory of CHIP entities → EntidadChip. It repeats every entity in each quarter of its history (`a_o`, `periodo`):
 * the last one answers.
 */
export function toEntidades(rows: readonly SodaRaw[]): Fila[] {
  const known = rows.flatMap((row) => {
    const codigoChip = normalizeChip(row.id_entidad ?? '');
    return codigoChip === null ? [] : [{ codigoChip, row }];
  });
  return [...groupBy(known, ({ codigoChip }) => codigoChip)].map(([codigoChip, same]) =>
    toEntidad(codigoChip, same.map(({ row }) => row).reduce(later)),
  );
}

const toEntidad = (codigoChip: string, row: SodaRaw): Fila => ({
  codigoChip,
  // `890980112:1`: the check digit stands after a colon.
  nit: normalizeNit((row.nit ?? '').replace(/:\d?$/, '')),
  nombre: row.razon_social?.trim() ?? null,
  // `DEPARTAMENTO DEL CAUCA`: no catalog finds it under this name.
  departamento: row.departamento?.trim().replace(/^DEPARTAMENTO (?:DEL? )?/i, '') ?? null,
  municipio: row.ciudad?.trim() ?? null,
});

const TRIMESTRES = ['ENERO-MARZO', 'ABRIL-JUNIO', 'JULIO-SEPTIEMBRE', 'OCTUBRE-DICIEMBRE'];

const later = (a: SodaRaw, b: SodaRaw): SodaRaw => (whenOf(b) > whenOf(a) ? b : a);

const whenOf = (row: SodaRaw): number =>
  (Number(row.a_o) || 0) * 10 + TRIMESTRES.indexOf(row.periodo?.trim() ?? '');
