import { rand, randInt } from '../../hash.js';
import type { EntidadSemilla, World } from '../../seed.js';
import type { Row, SodaDataset } from '../../soda/dataset.js';

export const VIGENCIAS_MDM = [2018, 2019, 2020, 2021, 2022, 2023, 2024] as const;

const COLUMNS = [
  'codigo_unico',
  'indicador',
  'codigo_categoria',
  'codigo_subcategoria',
  'codigo_variable',
  'codigo_departamento',
  'departamento',
  'codigo_entidad',
  'entidad',
  'dato',
  'etiqueta',
  'anio',
  'mes',
];

const INDICADORES: readonly (readonly [string, string, string])[] = [
  ['MDM', '0', '0'],
  ['Componente de Gestión', '1', '0'],
  ['Movilización de recursos propios', '1', '1'],
  ['Ejecución de recursos', '1', '2'],
  ['Componente de Resultados', '2', '0'],
  ['Educación', '2', '1'],
];

/** The known point: Cali, 2020. */
function scoreOf(world: World, e: EntidadSemilla, anio: number, indicador: string): string {
  if (e.divipola === '76001' && anio === 2020 && indicador === 'MDM') return '86.45';
  return (randInt(2500, 9200, world.seed, 'mdm', e.divipola, anio, indicador) / 100).toFixed(2);
}

function rowOf(world: World, e: EntidadSemilla, place: number, anio: number, at: number): Row {
  const [indicador, categoria, subcategoria] = INDICADORES[at] ?? ['MDM', '0', '0'];
  const dato = scoreOf(world, e, anio, indicador);
  const departamento = e.divipola.slice(0, 2);
  return {
    codigo_unico: String(((anio - 2018) * 1200 + place) * 10 + at + 1),
    indicador,
    codigo_categoria: categoria,
    codigo_subcategoria: subcategoria,
    codigo_variable: `${categoria}.${subcategoria}`,
    codigo_departamento: String(Number(departamento)),
    departamento: e.departamento,
    // The first publications lost the zeros of Antioquia and Atlántico, and wrote decimals with a comma.
    codigo_entidad: anio < 2020 ? String(Number(e.divipola)) : e.divipola,
    entidad: e.municipio,
    dato: anio === 2018 ? dato.replace('.', ',') : dato,
    etiqueta: indicador === 'MDM' ? `G${1 + (place % 5)}` : undefined,
    anio: String(anio),
    mes: '12',
  };
}

/** The DNP's measurement of every municipality, in long form and all text. */
export function createMdm(world: World): SodaDataset {
  const alcaldias = world.territoriales.filter((e) => e.clase === 'ALCALDIA');
  return {
    id: 'nkjx-rsq7',
    name: 'DNP - Medición del Desempeño Municipal (MDM)',
    columns: COLUMNS.map((name) => ({ name, type: 'text' as const })),
    index: ['codigo_entidad', 'anio', 'indicador', 'codigo_departamento'],
    updatedAt: '2025-11-28T16:40:02.000Z',
    ordered: true,
    *rows(pushdown) {
      for (const [y, anio] of VIGENCIAS_MDM.entries()) {
        if (!pushdown.accepts('anio', String(anio))) continue;
        for (const [place, e] of alcaldias.entries()) {
          const codigo = anio < 2020 ? String(Number(e.divipola)) : e.divipola;
          if (!pushdown.accepts('codigo_entidad', codigo)) continue;
          // A few municipalities reported too little to be measured.
          if (rand(world.seed, 'mdm-falta', e.divipola, anio) < 0.01 && e.divipola !== '76001') {
            continue;
          }
          for (const [at, [indicador]] of INDICADORES.entries()) {
            if (!pushdown.accepts('indicador', indicador)) continue;
            const row = rowOf(world, e, place, anio, at);
            yield { ...row, ':id': (y * alcaldias.length + place) * 10 + at };
          }
        }
      }
    },
  };
}
