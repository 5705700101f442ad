import { describe, expect, it } from '@jest/globals';
import { filaAt, registroOf, tramoOf } from './testing.js';
import { sortRows } from './tomar.js';

const registro = registroOf('Tomado');
const tramo = tramoOf(registro, { cohorte: { vigencia: { en: ['2019', '2020'] } } });

describe('the records of a chunk', () => {
  it('are told apart alike for a census and for a load, which alone knows their content', async () => {
    const rows = [
      filaAt(0),
      filaAt(1, { pagos: 'mucho' }),
      filaAt(2, { cuenta: null }),
      filaAt(3, { vigencia: 2018 }),
      filaAt(4, { pagos: null, nombre: 'Á\u0000' }),
    ];

    const carga = await sortRows(registro, tramo, rows, 'carga');
    const censo = await sortRows(registro, tramo, rows, 'censo');

    expect(carga.malas.map(({ motivo }) => motivo)).toEqual(['VALOR_NO_EXACTO', 'SIN_CLAVE']);
    expect([carga.rows.length, carga.huellas.length, carga.ajenas]).toEqual([2, 2, 1]);
    expect(censo).toEqual({ ...carga, huellas: [] });
  });
});
