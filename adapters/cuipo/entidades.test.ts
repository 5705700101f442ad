import { describe, expect, it } from '@jest/globals';
import { loadTerritorio } from '../../schema/catalogos/territorio.js';
import { toEntidades } from './entidades.js';

const row = (departamento: string) => ({
  a_o: '2026',
  periodo: 'ENERO-MARZO',
  id_entidad: '27123000',
  nit: '891080031:3',
  razon_social: 'Universidad de Córdoba',
  departamento,
  ciudad: 'MONTERIA',
});

describe('an entry of the CHIP directory', () => {
  it.each([
    ['DEPARTAMENTO DE CORDOBA', '23'],
    ['DEPARTAMENTO DEL VALLE DEL CAUCA', '76'],
    ['DEPARTAMENTO DE LA GUAJIRA', '44'],
    ['DEPARTAMENTO DE GUAJIRA', '44'],
    ['DEPARTAMENTO DE ARCHIPIELAGO DE SAN ANDRES', '88'],
    ['DISTRITO CAPITAL', '11'],
  ])('names %s as the catalog of territories can find it', (escrito, codigo) => {
    const [entidad] = toEntidades([row(escrito)]);

    const found = loadTerritorio().departamentoPorNombre(String(entidad?.['departamento']));
    expect(found?.codigo).toBe(codigo);
  });

  it('is kept for an entity of eight digits', () => {
    expect(toEntidades([row('DEPARTAMENTO DE CORDOBA')])).toEqual([
      {
        codigoChip: '27123000',
        nit: '891080031',
        nombre: 'Universidad de Córdoba',
        departamento: 'CORDOBA',
        municipio: 'MONTERIA',
      },
    ]);
  });
});
