import { describe, expect, it } from '@jest/globals';
import { seen, setUpSoda } from './testing.js';

const { ask, codes, errorOf } = setUpSoda();

describe('SoQL', () => {
  it.each([
    ["codigo in ('05001','08002')", ['05001', '08002']],
    ["codigo not in ('05001','08002')", ['05002', '08001']],
    ["nombre = 'L''Abejorral'", ['05002']],
    ["starts_with(codigo,'08') and valor is null", ['08001']],
    ["nombre like 'M%n'", ['05001']],
    ["not (nombre like 'M%')", ['05002', '08001']],
    ['valor between 0.1 and 10.1', ['05001', '08002']],
    ['valor > 900719925474099311', ['05002']],
    ["fecha >= '2024-02-01' and fecha < '2025-01-01T00:00:00'", ['05002']],
    ["upper(nombre) = 'BARRANQUILLA' or codigo = '05001'", ['05001', '08001']],
    ['length(nombre) = 8', ['05001']],
    ['texto::number = 7.0', ['08002']],
    ["nombre <> 'Medellín'", ['05002', '08001']],
  ])('filters by %s', async (where, expected) => {
    expect(await codes(where)).toEqual(expected);
  });

  it('sums exactly and ignores nulls', async () => {
    const { body } = await ask({
      $select: 'sum(valor),count(valor),count(*),avg(valor) as m,min(valor)',
    });

    expect(body).toEqual([
      {
        sum_valor: '900719925474099322.3',
        count_valor: '3',
        count: '4',
        m: '300239975158033107.4333333333333333',
        min_valor: '0.20',
      },
    ]);
  });

  it.each([
    ['valor desc', ['08001', '05002', '05001', '08002']],
    ['valor desc null last', ['05002', '05001', '08002', '08001']],
    ['valor null first', ['08001', '08002', '05001', '05002']],
  ])('puts nulls where $order says: %s', async ($order, expected) => {
    const { body } = await ask({ $select: 'codigo', $order });

    expect(body).toEqual(expected.map((codigo) => ({ codigo })));
  });

  it('groups by an alias and leaves the key of the null group out', async () => {
    const { body } = await ask({
      $select: 'date_trunc_y(fecha) as anio, count(distinct codigo) as n',
      $group: 'anio',
      $order: 'n desc, anio',
    });

    expect(body).toEqual([
      { anio: '2024-01-01T00:00:00.000', n: '2' },
      { anio: '2025-01-01T00:00:00.000', n: '1' },
      { n: '1' },
    ]);
  });

  it('keeps the groups that $having names, after aggregating', async () => {
    const { body } = await ask({
      $select: 'date_trunc_ym(fecha) as mes, count(*) as n',
      $where: 'fecha is not null',
      $group: 'mes',
      $having: 'n > 1',
    });

    expect(body).toEqual([]);
  });

  it('numbers rows of a partition and filters them after |>', async () => {
    const { body } = await ask({
      $query:
        'select codigo, row_number() over (partition by date_trunc_y(fecha) order by codigo desc) as rn ' +
        'where fecha is not null |> select codigo where rn <= 1 order by codigo',
    });

    expect(body).toEqual([{ codigo: '05002' }, { codigo: '08001' }]);
  });

  it('hands predicates over index columns to the dataset', async () => {
    seen.length = 0;

    await codes("codigo in ('05001','05002') and starts_with(codigo,'05001') and valor > 1");

    expect(seen).toEqual(['05001']);
  });

  it.each([
    [{ $where: 'nope = 1' }, 'query.soql.no-such-column'],
    [{ nope: '1' }, 'query.soql.no-such-column'],
    [{ $nope: '1' }, 'query.soql.invalid'],
    [{ $select: ':id,*' }, 'query.compiler.malformed'],
    [{ $where: "valor = 'CO1.BDOS'" }, 'query.soql.type-mismatch'],
    [{ $where: 'codigo = 5' }, 'query.soql.type-mismatch'],
    [{ $select: 'codigo, count(*)' }, 'query.soql.column-not-in-group-bys'],
    [{ $where: 'count(*) > 1' }, 'query.soql.aggregate-in-ungrouped-context'],
    [{ $select: 'codigo, nombre as codigo' }, 'query.soql.duplicate-alias'],
    [{ $where: "nombre = 'x" }, 'query.soql.unterminated-string'],
    [{ $where: 'nombre =' }, 'query.soql.unexpected-eof'],
    [{ $where: 'nombre = ;' }, 'query.soql.unexpected-character'],
    [{ $where: 'codigo nombre' }, 'query.soql.bad-parse'],
    [{ $select: 'nada(codigo)' }, 'query.soql.no-such-function'],
  ])('refuses %j with its error code', async (params, code) => {
    expect(await errorOf(params as Record<string, string>)).toEqual([400, code]);
  });

  it('breaks with a 500 when a url column is compared', async () => {
    expect((await ask({ $where: "url = 'https://a'" })).status).toBe(500);
  });
});
