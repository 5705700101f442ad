import type { EntidadSemilla, World } from '../../seed.js';
import type { Row, SodaColumn, SodaDataset } from '../../soda/dataset.js';

const PUBLISHED = '2026-04-20T14:03:55.000Z';

/** The register repeats every entity in each quarter of its history; two of them show it. */
const CORTES = [
  { a_o: '2025', periodo: 'OCTUBRE-DICIEMBRE' },
  { a_o: '2026', periodo: 'ENERO-MARZO' },
] as const;

const COLUMNS =
  'a_o periodo id_entidad nit razon_social departamento ciudad direcci_n tel_fono e_mail';

const toRow = (e: EntidadSemilla, corte: (typeof CORTES)[number]): Row => ({
  ...corte,
  id_entidad: e.codigoChip,
  // CHIP glues the check digit with a colon.
  nit: `${e.nit}:${e.digitoVerificacion}`,
  razon_social: e.clase === 'ALCALDIA' ? e.nombres.chip : e.nombres.razonSocial,
  departamento: `DEPARTAMENTO DE ${e.departamento.toUpperCase()}`,
  ciudad: e.municipio === '' ? undefined : e.municipio.toUpperCase(),
  p_gina_web: `http://www.${e.codigoChip}.gov.example`,
});

/** The register of entities that report by CHIP (`5c7g-ptic`): the crosswalk's source. */
export function createEntidadesChip(world: World): SodaDataset {
  const names = COLUMNS.split(' ');
  return {
    id: '5c7g-ptic',
    name: 'ENTIDADES PÚBLICAS REGISTRADAS EN EL SISTEMA CHIP',
    columns: [
      ...names.map((name): SodaColumn => ({ name, type: 'text' })),
      { name: 'p_gina_web', type: 'url' },
    ],
    index: ['id_entidad'],
    updatedAt: PUBLISHED,
    ordered: true,
    *rows(pushdown) {
      for (const [index, e] of world.entidades.entries()) {
        if (!pushdown.accepts('id_entidad', e.codigoChip)) continue;
        for (const [at, corte] of CORTES.entries()) {
          yield { ...toRow(e, corte), ':id': index * CORTES.length + at };
        }
      }
    },
  };
}
