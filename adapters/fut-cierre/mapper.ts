import { loadPresupuesto } from '../../schema/catalogos/presupuesto.js';
import type { Fila } from '../../schema/registro.js';
import { CierreFiscal } from '../../schema/registros/fut.js';
import { toArbol } from '../shared/chip/arbol.js';
import type { Filas } from '../shared/chip/chip-drop.js';
import type { ChipReporte } from '../shared/chip/reporte.js';

/** A report → its records. Pure: the same rows, in any order, give the same records. */
export function toFilas(reporte: ChipReporte): readonly Filas[] {
  const { hojas } = toArbol(reporte);
  const { codigoChip, nombreEntidad, vigencia, periodo, unidadOrigen, recepcion } = reporte;
  const rows = reporte.renglones.map((renglon): Fila => ({
    codigoChip,
    nombreEntidad,
    vigencia,
    periodo,
    concepto: renglon.codigo,
    nombreConcepto:
      renglon.nombre ?? loadPresupuesto().conceptosFut().get(renglon.codigo)?.nombre ?? null,
    esHoja: hojas.has(renglon),
    ...renglon.montos,
    contradiccion: null,
    unidadOrigen,
    ...recepcion,
  }));
  return [{ registro: CierreFiscal, rows }];
}
