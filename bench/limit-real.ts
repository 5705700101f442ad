/** The real CUIPO grain by hand: the root rows of four forms, added per municipio at its latest quarter. */
import { Pool } from 'undici';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import { addDecimal } from '../schema/values/decimal.js';
import { VIGENCIA_REAL } from './queries.js';

type WireRow = Readonly<Record<string, string | undefined>>;

const FORMS = [
  { dataset: '22ah-ddsj', root: '1', amounts: ['presupuesto_inicial', 'presupuesto_definitivo'] },
  { dataset: '9axr-9gnb', root: '1', amounts: ['total_recaudo'] },
  { dataset: 'd9mu-h6ar', root: '2', amounts: ['apropiacion_inicial', 'apropiacion_definitiva'] },
  { dataset: '4f7r-epif', root: '2', amounts: ['compromisos', 'obligaciones', 'pagos'] },
] as const;
const QUARTERS = ['03', '06', '09', '12'].map((month) => `${VIGENCIA_REAL}${month}01`);
const OWN_YEAR = new Set(['1', '4', '1.0', '4.0']);

export function createRealNation(upstream: string): () => Promise<unknown> {
  const pool = new Pool(upstream, { connections: 8, pipelining: 1 });
  const territorio = loadTerritorio();
  const municipios = [...territorio.municipios].sort((a, b) => (a.codigo < b.codigo ? -1 : 1));
  const fetchForm = async ({ dataset, root, amounts }: (typeof FORMS)[number]) => {
    const spending = root === '2' ? ',cod_vigencia_del_gasto' : '';
    const select = `periodo,codigo_entidad${spending},${amounts.join(',')}`;
    const periods = QUARTERS.map((quarter) => `'${quarter}'`).join(',');
    const where = encodeURIComponent(`periodo in (${periods}) and cuenta = '${root}'`);
    const path = `/resource/${dataset}.json?$select=${select}&$where=${where}&$order=codigo_entidad,periodo&$limit=50000`;
    const { body } = await pool.request({ method: 'GET', path });
    return JSON.parse(await body.text()) as readonly WireRow[];
  };
  return async () => {
    const forms = await Promise.all(FORMS.map(fetchForm));
    const byForm = forms.map(groupRows);
    const edges = municipios.map(({ codigo, chip }) => ({
      node: { codigo, presupuesto: chip === null ? null : toPresupuesto(chip, byForm) },
    }));
    return { municipios: { edges } };
  };
}

type ByChipAndQuarter = ReadonlyMap<string, WireRow[]>;

function groupRows(rows: readonly WireRow[]): ByChipAndQuarter {
  const groups = new Map<string, WireRow[]>();
  for (const row of rows) {
    const key = `${row['codigo_entidad'] ?? ''} ${row['periodo'] ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function toPresupuesto(chip: string, byForm: readonly ByChipAndQuarter[]): unknown {
  for (let at = QUARTERS.length - 1; at >= 0; at--) {
    const found = byForm.map((form) => form.get(`${chip} ${QUARTERS[at] ?? ''}`));
    if (found.every((rows) => rows === undefined)) continue;
    const [a = [], b = [], c = [], d = []] = found;
    const own = (rows: readonly WireRow[]): readonly WireRow[] =>
      rows.filter((row) => OWN_YEAR.has(row['cod_vigencia_del_gasto'] ?? ''));
    const ingresos = {
      presupuestoInicial: sum(a, 'presupuesto_inicial'),
      presupuestoDefinitivo: sum(a, 'presupuesto_definitivo'),
      recaudo: sum(b, 'total_recaudo'),
    };
    const gastos = {
      apropiacionInicial: sum(own(c), 'apropiacion_inicial'),
      apropiacion: sum(own(c), 'apropiacion_definitiva'),
      compromisos: sum(own(d), 'compromisos'),
      obligaciones: sum(own(d), 'obligaciones'),
      pagos: sum(own(d), 'pagos'),
    };
    return { periodo: `T${at + 1}`, ingresos: orNull(ingresos), gastos: orNull(gastos) };
  }
  return null;
}

function sum(rows: readonly WireRow[], column: string): string | null {
  let total: string | null = rows.length === 0 ? null : '0';
  for (const row of rows) {
    const value = row[column];
    total = total === null || value === undefined ? null : addDecimal(total, value);
  }
  return total;
}

const orNull = <T extends Record<string, string | null>>(amounts: T): T | null =>
  Object.values(amounts).every((value) => value === null) ? null : amounts;
