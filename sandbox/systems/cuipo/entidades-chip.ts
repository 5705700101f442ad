import type { EntidadSemilla, World } from '../../seed.js';
import type { Row, SodaDataset } from '../../soda/dataset.js';

const PUBLISHED = '2026-04-20T14:03:55.000Z';

function toRow(e: EntidadSemilla): Row {
  return {
    codigo_entidad: e.codigoChip,
    // CHIP glues the check digit with a colon.
    nit: `${e.nit}:${e.digitoVerificacion}`,
    razon_social: e.clase === 'ALCALDIA' ? e.nombres.chip : e.nombres.razonSocial,
    codigo_departamento: e.divipola.slice(0, 2),
    departamento: e.departamento,
    codigo_municipio: e.municipio === '' ? undefined : e.divipola,
    municipio: e.municipio === '' ? undefined : e.municipio,
    clase_entidad: e.clase,
    estado: 'ACTIVO',
  };
}

/** The register of entities that report by CHIP (`5c7g-ptic`): the crosswalk's source. */
export function createEntidadesChip(world: World): SodaDataset {
  const names = [
    'codigo_entidad',
    'nit',
    'razon_social',
    'codigo_departamento',
    'departamento',
    'codigo_municipio',
    'municipio',
    'clase_entidad',
    'estado',
  ];
  return {
    id: '5c7g-ptic',
    name: 'Entidades CHIP',
    columns: names.map((name) => ({ name, type: 'text' as const })),
    index: ['codigo_entidad'],
    updatedAt: PUBLISHED,
    ordered: true,
    *rows(pushdown) {
      for (const [index, e] of world.entidades.entries()) {
        if (!pushdown.accepts('codigo_entidad', e.codigoChip)) continue;
        yield { ...toRow(e), ':id': index };
      }
    },
  };
}
