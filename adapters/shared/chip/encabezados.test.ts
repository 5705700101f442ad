import { describe, expect, it } from '@jest/globals';
import { holdersOf, type Indexed } from './encabezados.js';

const file = (name: string, ...vigencias: readonly number[]): Indexed => ({
  file: { name, path: name, size: 1, mtimeMs: 1 },
  at: 'read',
  summary: {
    canal: 'SD',
    reportes: vigencias.map((vigencia) => ({
      formulario: name.split('_')[0] ?? '',
      codigoChip: '210105001',
      vigencia,
      periodo: 'T4' as const,
      recibidoEn: null,
    })),
  },
});
const namesOf = (files: readonly Indexed[], keys: readonly string[]): readonly string[] =>
  holdersOf(files, ['INGRESOS', 'GASTOS'], new Set(keys)).map(({ each }) => each.file.name);

describe('the files that hold some reports', () => {
  const files = [
    file('GASTOS_2018', 2018),
    file('GASTOS_2019', 2019),
    file('INGRESOS_2018', 2018),
    file('INGRESOS_2019', 2019),
    file('OTRO_2018', 2018),
  ];

  it('are read in the order in which the reports were asked, so that the first are whole first', () => {
    expect(namesOf(files, ['210105001|2019', '210105001|2018'])).toEqual([
      'GASTOS_2019',
      'INGRESOS_2019',
      'GASTOS_2018',
      'INGRESOS_2018',
    ]);
  });

  it('are none for a year that no file has', () => {
    expect(namesOf(files, ['210105001|2017'])).toEqual([]);
  });

  it('are those of its year for a report that none of them names', () => {
    const [gastos, ingresos] = holdersOf(files, ['INGRESOS', 'GASTOS'], new Set(['9|2018']));

    expect([gastos, ingresos]).toMatchObject([
      { each: files[0], asked: [], doubtful: ['9|2018'] },
      { each: files[2], asked: [], doubtful: ['9|2018'] },
    ]);
  });
});
