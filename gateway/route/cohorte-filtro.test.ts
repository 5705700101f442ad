import { describe, expect, it } from '@jest/globals';
import { codigo, defineRegistro, entero } from '../../schema/registro.js';
import { CohorteError, toFiltro } from './cohorte-filtro.js';

const Prueba = defineRegistro({
  nombre: 'Prueba',
  sistema: 'viejo',
  clave: ['entidad', 'vigencia'],
  ruta: ['entidad', 'vigencia'],
  accesos: {},
  campos: { entidad: codigo(), vigencia: entero() },
});

describe('a cohort as a filter', () => {
  it('is none for the whole registro', () => {
    expect(toFiltro(Prueba, {})).toBeNull();
  });

  it('speaks the types of its campos', () => {
    expect(toFiltro(Prueba, { vigencia: { en: ['2019', '2020'] } })).toEqual({
      op: 'in',
      campo: 'vigencia',
      valores: [2019, 2020],
    });
    expect(
      toFiltro(Prueba, { entidad: { prefijo: '05' }, vigencia: { desde: 2012, hasta: 2020 } }),
    ).toEqual({
      op: 'and',
      de: [
        { op: 'prefix', campo: 'entidad', valor: '05' },
        { op: 'gte', campo: 'vigencia', valor: 2012 },
        { op: 'lte', campo: 'vigencia', valor: 2020 },
      ],
    });
  });

  it.each([
    [{ vigencia: { prefijo: '20' } }],
    [{ entidad: { desde: 1, hasta: 2 } }],
    [{ vigencia: { en: ['02019'] } }],
    [{ otro: { en: ['1'] } }],
  ])('is refused where no filter says what it routes: %j', (cohorte) => {
    expect(() => toFiltro(Prueba, cohorte)).toThrow(CohorteError);
  });
});
