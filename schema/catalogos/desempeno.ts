import { lazy, readDatos } from './datos.js';
import { createLista, type ItemLista, type Lista } from './lista.js';

/** An index of the MIPG measurement with its policy and dimension (vigencia 2025). */
export interface IndiceCatalogado extends ItemLista {
  readonly dimension: string;
  readonly politica: string;
}

export const loadIndicesMipg: () => Lista<IndiceCatalogado> = lazy(() =>
  createLista(
    readDatos('mipg_indices_vigencia_2025.csv', [
      'indice',
      'indice_nombre',
      'dimension_nombre',
      'politica_nombre',
    ])
      // Four policies are measured without an index of their own.
      .filter((row) => row.indice !== '')
      .map((row) => ({
        codigo: row.indice,
        nombre: row.indice_nombre,
        dimension: row.dimension_nombre,
        politica: row.politica_nombre,
      })),
  ),
);
