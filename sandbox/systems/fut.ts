import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import iconv from 'iconv-lite';
import { parseCsvRecords } from '../csv.js';
import { tieneExportacionReal, type EntidadSemilla, type World } from '../seed.js';
import type { SandboxSystem } from '../system.js';
import { totalOf, toRenglones, type Hoja } from './fut/arbol.js';
import { hojasCierre } from './fut/cierre.js';
import { FORMAS_FUT, hojasOf, reportaFut, type FormaFut } from './fut/formas.js';
import { writeLibro, type Libro } from './fut/libro.js';

const VIGENCIAS = [2012, 2013, 2014, 2015, 2016, 2017, 2018, 2019, 2020];
const VIGENCIAS_CIERRE = [2023, 2024, 2025];
const T4 = '11012';
const ANUAL = '10112';

/** Reported by workbook in thousands, as the portal showed them until 2016; not in the submission files. */
const LIBROS_MILES: readonly (readonly [divipola: string, vigencia: number])[] = [
  ['05091', 2015],
  ['05091', 2016],
  ['05145', 2016],
  ['05002', 2016],
];
/** Whose Cierre Fiscal is a workbook; the others' is in the submission files. */
const LIBROS_CIERRE = ['05001', '05145', '05400', '54250', '05091', '05002'];

const MONTOS_INVERSION = [
  'PRESUPUESTO INICIAL',
  'PRESUPUESTO DEFINITIVO',
  'COMPROMISOS',
  'TOTAL OBLIGACIONES',
  'PAGOS',
];
const MONTOS_CIERRE = [
  'SALDO EN CAJA Y BANCOS',
  'SALDO EN ENCARGOS FIDUCIARIOS',
  'SALDO EN PATRIMONIOS AUTONOMOS',
  'INVERSIONES TEMPORALES',
  'TOTAL DISPONIBILIDADES',
  'RECURSOS DE TERCEROS',
  'CHEQUES NO COBRADOS',
  'CUENTAS POR PAGAR DE LA VIGENCIA',
  'CXP DE VIGENCIAS ANTERIORES',
  'OTRAS EXIGIBILIDADES',
  'RESERVAS PRESUPUESTALES',
  'TOTAL EXIGIBILIDADES Y RESERVAS',
  'SUPERÁVIT O DÉFICIT',
];

const isLibroMiles = (e: EntidadSemilla, vigencia: number, forma: FormaFut): boolean =>
  forma.nombre === 'FUT_GASTOS_DE_INVERSION' &&
  LIBROS_MILES.some(([divipola, year]) => divipola === e.divipola && year === vigencia);

/** One `S` block: details with their subtotals, the control total first. */
function blockOf(
  header: readonly string[],
  hojas: readonly Hoja[],
  { control = [], cola = [] }: { control?: readonly string[]; cola?: readonly string[] },
): string {
  const money = (montos: readonly number[]): string[] => montos.map((monto) => `${monto}.00`);
  const lines = [
    ['S', ...header],
    ['D', 'VAL', ...control, ...money(totalOf(hojas)), ...cola],
    ...toRenglones(hojas).map(({ codigo, textos, montos }) => [
      'D',
      codigo,
      ...textos,
      ...money(montos),
      ...cola,
    ]),
  ];
  return lines.map((fields) => `${fields.join('\t')}\r\n`).join('');
}

/** Half of the generators write the date of the submission too. */
function headerOf(e: EntidadSemilla, periodo: string, vigencia: number, nombre: string): string[] {
  const fecha = Number(e.nit) % 2 === 0 ? [`15-02-${vigencia + 1}`] : [];
  return [e.codigoChip, periodo, String(vigencia), nombre, ...fecha];
}

async function writeForma(
  dir: string,
  world: World,
  vigencia: number,
  forma: FormaFut,
): Promise<void> {
  const blocks = world.territoriales
    .filter(
      (e) =>
        !tieneExportacionReal('fut', e.divipola, vigencia) &&
        !isLibroMiles(e, vigencia, forma) &&
        reportaFut(world, e, vigencia, forma),
    )
    .map((e) => {
      const header = headerOf(e, T4, vigencia, forma.nombre);
      return blockOf(header, hojasOf(world, e, vigencia, forma), forma);
    });
  const file = path.join(dir, `${forma.nombre}_${vigencia}_${T4}.txt`);
  await writeFile(file, iconv.encode(blocks.join(''), 'win1252'));
}

const DATA = new URL('../../schema/catalogos/datos/fut_conceptos.csv', import.meta.url);

function loadNombres(): (codigo: string) => string {
  const rows = parseCsvRecords(readFileSync(DATA, 'utf8'));
  const names = new Map(rows.map((row) => [row['codigo'] ?? '', row['nombre'] ?? '']));
  return (codigo) => (codigo === 'VAL' ? 'CIFRA CONTROL' : (names.get(codigo) ?? codigo));
}

const FUENTES: Readonly<Record<string, string>> = {
  '300': 'INGRESOS CORRIENTES DE LIBRE DESTINACION',
  '410': 'SGP EDUCACION CALIDAD DOCE DOCEAVAS VIGENCIA ACTUAL',
  '420': 'SGP SALUD ONCE DOCEAVAS VIGENCIA ACTUAL MAS ULTIMA DOCEAVA VIGENCIA ANTERIOR',
  '470':
    'SGP PROPOSITO GENERAL FORZOSA INVERSION LIBRE INVERSIÓN SGP ONCE DOCEAVAS VIGENCIA ACTUAL MAS ULTIMA DOCEAVA VIGENCIA ANTERIOR',
};

function inversionEnMiles(
  world: World,
  e: EntidadSemilla,
  vigencia: number,
  nombreDe: Libro['nombreDe'],
): Libro | null {
  const forma = FORMAS_FUT.find(({ nombre }) => nombre === 'FUT_GASTOS_DE_INVERSION');
  if (forma === undefined) return null;
  const hojas = hojasOf(world, e, vigencia, forma, 1000).map((hoja) => ({
    ...hoja,
    textos: hoja.textos.map((fuente) => FUENTES[fuente] ?? fuente),
  }));
  return {
    entidad: e,
    ambito: 'MUNICIPIOS',
    periodo: `01-10-${vigencia} al 31-12-${vigencia}`,
    categoria: 'FUT_GASTOS_DE_INVERSION',
    formulario: 'GASTOS_DE_INVERSION',
    dimensiones: ['FUENTES DE FINANCIACION'],
    montos: MONTOS_INVERSION,
    unidad: 'Miles',
    hojas,
    nombreDe,
    controlPrimero: false,
  };
}

/** Betania 2016 was sent twice: the earlier envío states less, and the later one counts. */
async function writeLibrosMiles(dir: string, world: World, nombreDe: Libro['nombreDe']) {
  for (const [divipola, vigencia] of LIBROS_MILES) {
    const e = world.porDivipola.get(divipola);
    const libro = e && inversionEnMiles(world, e, vigencia, nombreDe);
    if (!libro) continue;
    const file = (envio: string): string =>
      path.join(dir, `${libro.entidad.codigoChip}K21${T4}${vigencia}-${envio}.xlsx`);
    const next = vigencia + 1;
    const last = { ...libro, envio: '2916408', recibido: `${next}-02-20 10:11:12` };
    await writeLibro(file('2916408'), last);
    if (divipola !== '05091' || vigencia !== 2016) continue;
    const hojas = libro.hojas.map((hoja) => ({
      ...hoja,
      montos: hoja.montos.map((monto) => Math.floor(monto / 2000) * 1000),
    }));
    const first = { ...libro, hojas, envio: '2914001', recibido: `${next}-02-14 23:01:59` };
    await writeLibro(file('2914001'), first);
  }
}

async function writeCierre(
  dir: string,
  world: World,
  vigencia: number,
  nombreDe: Libro['nombreDe'],
): Promise<void> {
  const reporting = world.territoriales.filter(
    (e) => !tieneExportacionReal('fut', e.divipola, vigencia),
  );
  const blocks = reporting
    .filter(({ divipola }) => !LIBROS_CIERRE.includes(divipola))
    .map((e) =>
      blockOf(
        headerOf(e, ANUAL, vigencia, 'FUT_CIERRE_FISCAL'),
        hojasCierre(world, e, vigencia),
        {},
      ),
    );
  const file = path.join(dir, `FUT_CIERRE_FISCAL_${vigencia}_${ANUAL}.txt`);
  await writeFile(file, iconv.encode(blocks.join(''), 'win1252'));
  for (const e of reporting.filter(({ divipola }) => LIBROS_CIERRE.includes(divipola))) {
    await writeLibro(path.join(dir, `${e.codigoChip}K29${ANUAL}${vigencia}.xlsx`), {
      entidad: e,
      ambito: 'GENERAL',
      periodo: `01-01-${vigencia} al 31-12-${vigencia}`,
      categoria: 'FUT_CIERRE_FISCAL',
      formulario: 'SITUACION_FISCAL',
      envio: String(4_400_000 + (vigencia - 2023) * 100_000 + (Number(e.nit) % 90_000)),
      recibido: `${vigencia + 1}-02-20 09:30:00`,
      dimensiones: [],
      montos: MONTOS_CIERRE,
      unidad: 'Pesos',
      hojas: hojasCierre(world, e, vigencia),
      nombreDe,
      controlPrimero: true,
    });
  }
}

async function writeDrop(
  dir: string,
  world: World,
  signal: AbortSignal,
  vigencias: readonly number[] = VIGENCIAS,
): Promise<void> {
  const nombreDe = loadNombres();
  const steps = [
    ...VIGENCIAS_CIERRE.map((vigencia) => () => writeCierre(dir, world, vigencia, nombreDe)),
    () => writeLibrosMiles(dir, world, nombreDe),
    ...vigencias
      .toReversed()
      .flatMap((vigencia) =>
        FORMAS_FUT.map((forma) => () => writeForma(dir, world, vigencia, forma)),
      ),
  ];
  for (const step of steps) {
    if (signal.aborted) return;
    await step();
  }
}

/** FUT: the budget forms of 2012 to 2020 and the living Cierre Fiscal, all as files: it never had an API. */
export const fut: SandboxSystem = {
  sistema: 'fut',
  exports: [
    'muestra_chip_210005400_2019T4_fut_gastos_inversion.xls',
    'muestra_chip_215054250_2019T4_fut_gastos_inversion.xls',
    'muestra_chip_219105091_2024_fut_cierre_fiscal.xlsx',
    'muestra_chip_219105091_2025_fut_cierre_fiscal.xlsx',
  ],
  writeDrop,
};

/** The FUT of some departments and years: small enough to be retired within a test. */
export const futReducido = (
  departamentos: readonly string[] | null,
  vigencias: readonly number[],
): SandboxSystem => ({
  ...fut,
  writeDrop: (dir, world, signal) => {
    const territoriales = world.territoriales.filter(
      ({ divipola }) => departamentos?.includes(divipola.slice(0, 2)) ?? true,
    );
    return writeDrop(dir, { ...world, territoriales }, signal, vigencias);
  },
});
