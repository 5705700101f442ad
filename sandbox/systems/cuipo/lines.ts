import { pick, rand } from '../../hash.js';
import { proyectosDe, type ProyectoSemilla } from '../../proyectos.js';
import type { EntidadSemilla, World } from '../../seed.js';

/** A line of execution under a line of programming: the same money, further broken down. */
export interface LineaEjecucion {
  readonly cuenta: string;
  readonly producto: string;
  readonly cpc: string;
  readonly fuente: string;
  readonly peso: number;
}

export interface LineaGasto {
  readonly cuenta: string;
  readonly proyecto: ProyectoSemilla | undefined;
  readonly peso: number;
  readonly ejecucion: readonly LineaEjecucion[];
}

export interface LineaIngreso {
  readonly cuenta: string;
  readonly peso: number;
  readonly fuentes: readonly string[];
  /** How the money comes: sin situación, con situación, or from earlier years. */
  readonly via: 'vac_ss' | 'vac_cs' | 'van_cs';
}

const ICLD = '1.2.1.0.00';
const SGP_LIBRE = '1.2.4.3.04';
const FUENTES_INVERSION = [
  ICLD,
  '1.2.4.3.03',
  '1.2.4.2.01',
  '1.2.4.6.00',
  '1.2.4.3.01',
  '1.3.3.1.00',
];
const CUENTAS_INVERSION = [
  '2.3.2.02.02.009',
  '2.3.2.02.02.005',
  '2.3.2.02.02.008',
  '2.3.2.02.02.006',
  '2.3.2.02.01.003',
];
const FUNCIONAMIENTO = [
  '2.1.1.01.01.001.01',
  '2.1.1.01.02.001',
  '2.1.2.02.02.006',
  '2.1.2.02.02.008',
  '2.1.3.07.02.001.02',
];
const DEUDA = '2.2.2.01.02.002.04';
const CORPORACION = ['2.1.1.01.01.001.01', '2.1.2.02.02.008'];

/** Sizes by scale: `nacional` gives the real volume, about four million rows a quarter over the four forms. */
const SIZES = {
  normal: { cuentas: 0, proyectos: 5, lineas: 1, ingresos: 0 },
  nacional: { cuentas: 300, proyectos: 60, lineas: 32, ingresos: 300 },
} as const;

/** The CPC digit rule: an account of goods and services that ends in 00x takes CPC codes that begin with x. */
function cpcFor(world: World, cuenta: string, ...key: readonly (string | number)[]): string {
  const digit = /^2\.[13]\.2\.02\..*\.00(\d)$/.exec(cuenta)?.[1];
  const codes = digit === undefined ? undefined : world.catalog.cpcPorSeccion.get(digit);
  return codes ? pick(codes, world.seed, 'cpc', cuenta, ...key) : '0';
}

function runningLine(
  world: World,
  e: EntidadSemilla,
  cuenta: string,
  peso: number,
  fuentes: readonly string[],
): LineaGasto {
  const ejecucion = fuentes.map((fuente, i) => ({
    cuenta,
    producto: '0',
    cpc: cpcFor(world, cuenta, e.codigoChip),
    fuente,
    peso: i + 1,
  }));
  return { cuenta, proyecto: undefined, peso, ejecucion };
}

function investmentLine(world: World, proyecto: ProyectoSemilla, peso: number): LineaGasto {
  const { seed, catalog, escala } = world;
  const products = catalog.productosPorPrograma.get(proyecto.programa) ?? [];
  const ejecucion = Array.from({ length: SIZES[escala].lineas }, (_, i): LineaEjecucion => {
    const key = ['linea', proyecto.bpin, i] as const;
    const cuenta = pick(CUENTAS_INVERSION, seed, ...key);
    const other = products.length > 0 ? pick(products, seed, ...key, 'p').codigo : undefined;
    return {
      cuenta,
      producto: i === 0 ? proyecto.producto : (other ?? proyecto.producto),
      cpc: cpcFor(world, cuenta, ...key),
      fuente: pick(FUENTES_INVERSION, seed, ...key, 'fuente'),
      peso: 1 + rand(seed, ...key, 'peso'),
    };
  });
  return { cuenta: '2.99', proyecto, peso, ejecucion };
}

/** The projects that the budget of a year executes: those whose horizon covers it, at least two. */
function activeProjects(world: World, e: EntidadSemilla, vigencia: number): ProyectoSemilla[] {
  const all = proyectosDe(world, e);
  const active = all.filter((p) => p.anioInicio <= vigencia && vigencia <= p.anioFin);
  const started = all.filter((p) => p.anioInicio <= vigencia && !active.includes(p));
  const list = active.length >= 2 ? active : [...active, ...started].slice(0, 2);
  return list.slice(0, SIZES[world.escala].proyectos);
}

function runningAccounts(world: World): readonly string[] {
  const { cuentas } = SIZES[world.escala];
  if (cuentas === 0) return FUNCIONAMIENTO;
  const leaves = world.catalog.hojasCcpet('a439', '2.1').slice(0, cuentas);
  return [...new Set([...FUNCIONAMIENTO, ...leaves])];
}

/** Lines of one section of one year. */
export function lineasGasto(
  world: World,
  e: EntidadSemilla,
  vigencia: number,
  vigenciaGasto: number,
  seccion: string,
): LineaGasto[] {
  const weight = (...parts: readonly (string | number)[]): number =>
    1 + rand(world.seed, 'peso', e.codigoChip, vigencia, ...parts);
  const libre = /^[456]|Cuarta|Quinta|Sexta/.test(e.categoria) ? SGP_LIBRE : ICLD;
  const projects = activeProjects(world, e, vigencia);
  const [first, second = first] = projects;
  if (seccion !== '16') {
    return CORPORACION.map((c) => runningLine(world, e, c, weight(seccion, c), [ICLD]));
  }
  if (vigenciaGasto === 2 && first) return [investmentLine(world, first, 1)];
  if (vigenciaGasto === 4 && second) return [investmentLine(world, second, 1)];
  if (vigenciaGasto !== 1) return [runningLine(world, e, '2.1.2.02.02.008', 1, [ICLD])];
  const accounts = runningAccounts(world);
  const many = world.escala === 'nacional';
  const running = accounts.map((cuenta, i) => {
    const fuentes = i === 0 || many ? [ICLD, libre === ICLD ? '1.3.3.1.00' : libre] : [libre];
    return runningLine(world, e, cuenta, (3 * weight(cuenta)) / accounts.length, fuentes);
  });
  const debt = runningLine(world, e, DEUDA, 0.5 * weight(DEUDA), [ICLD]);
  const share = 12 / Math.max(1, projects.length);
  return [
    ...running,
    debt,
    ...projects.map((p) => investmentLine(world, p, share * weight(p.bpin))),
  ];
}

const INGRESOS_MUNICIPIO: readonly (readonly [string, string, LineaIngreso['via'], number])[] = [
  ['1.1.01.01.200.01', ICLD, 'vac_cs', 5],
  ['1.1.01.01.200.02', ICLD, 'vac_cs', 3],
  ['1.1.01.02.109', ICLD, 'vac_cs', 2],
  ['1.1.01.02.200.01', ICLD, 'vac_cs', 6],
  ['1.1.01.02.300.01', '1.2.3.1.19', 'vac_cs', 2],
  ['1.1.02.06.001.01.03.01', '1.2.4.1.03', 'vac_cs', 2],
  ['1.1.02.06.001.02.01', '1.2.4.2.01', 'vac_ss', 26],
  ['1.1.02.06.001.02.02', '1.2.4.2.02', 'vac_cs', 2],
  ['1.1.02.06.001.03.01', '1.2.4.3.01', 'vac_cs', 1],
  ['1.1.02.06.001.03.02', '1.2.4.3.02', 'vac_cs', 1],
  ['1.1.02.06.001.03.03', '1.2.4.3.03', 'vac_cs', 12],
  ['1.1.02.06.001.03.04', SGP_LIBRE, 'vac_cs', 8],
  ['1.1.02.06.001.05', '1.2.4.6.00', 'vac_cs', 5],
  ['1.2.10.02', '1.3.3.1.00', 'van_cs', 7],
];

const INGRESOS_DEPARTAMENTO: typeof INGRESOS_MUNICIPIO = [
  ['1.1.01.01.100', ICLD, 'vac_cs', 6],
  ['1.1.01.02.100.01', '1.2.3.1.06', 'vac_cs', 3],
  ['1.1.01.02.100.02', '1.2.3.1.06', 'vac_cs', 3],
  ['1.1.01.02.104.01.01', '1.2.3.1.08', 'vac_cs', 5],
  ['1.1.01.02.105.01', '1.2.3.1.09', 'vac_cs', 7],
  ['1.1.01.02.106.01', '1.2.3.1.10', 'vac_cs', 3],
  ['1.1.02.06.001.01.01', '1.2.4.1.01', 'vac_ss', 30],
  ['1.1.02.06.001.02.02', '1.2.4.2.02', 'vac_cs', 3],
  ['1.2.10.02', '1.3.3.1.00', 'van_cs', 5],
];

export function lineasIngreso(world: World, e: EntidadSemilla, vigencia: number): LineaIngreso[] {
  const department = e.clase === 'GOBERNACION';
  const basic = department ? INGRESOS_DEPARTAMENTO : INGRESOS_MUNICIPIO;
  const lines = basic.map(([cuenta, fuente, via, share]): LineaIngreso => {
    const peso = share * (0.6 + 0.8 * rand(world.seed, 'ingreso', e.codigoChip, vigencia, cuenta));
    return { cuenta, peso, via, fuentes: [fuente] };
  });
  const { ingresos } = SIZES[world.escala];
  if (ingresos === 0) return lines;
  const known = new Set(lines.map((l) => l.cuenta));
  const more = world.catalog
    .hojasCcpet(department ? 'a438' : 'a439', '1')
    .filter((c) => !known.has(c))
    .slice(0, ingresos)
    .map((cuenta) => ({ cuenta, peso: 0.05, via: 'vac_cs' as const, fuentes: [ICLD, SGP_LIBRE] }));
  return [...more, ...lines];
}
