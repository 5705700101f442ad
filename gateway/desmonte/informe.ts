import type { SqlSession } from '../almacen/port.js';
import { evaluate } from '../route/compuertas.js';
import type { Evidencia } from '../route/evidencia.js';
import type { Politica } from '../route/politica.js';
import type { Compuerta } from '../route/transiciones.js';
import type { Cuarentena } from './cuarentena.js';
import { loadCuarentena } from './cuarentena.js';
import {
  describeCurva,
  drawCurva,
  escapeXml,
  paridadPpm,
  toPercent,
  type PuntoParidad,
} from './curva.js';
import {
  loadEvidencia,
  loadExenciones,
  loadTransiciones,
  type TramoRow,
  type TransicionRow,
} from './store.js';
import type {
  CensoVista,
  CertificadoVista,
  DiferenciaVista,
  IncidenteVista,
  UsoVista,
} from './vistas.js';
import { loadCensos, loadCertificado, loadDiferencias, loadIncidentes, loadUso } from './vistas.js';

/** Everything that a person needs to judge a tramo, read at one time. */
export interface Informe {
  readonly fila: TramoRow;
  readonly generado: string;
  readonly transiciones: readonly TransicionRow[];
  readonly compuertas: readonly {
    readonly compuerta: Compuerta;
    readonly cumplida: boolean;
    readonly faltas: readonly string[];
  }[];
  /** Oldest first. */
  readonly censos: readonly CensoVista[];
  /** The latest of each kind: what the gates are judged by. */
  readonly evidencias: readonly Evidencia[];
  readonly diferencias: readonly DiferenciaVista[];
  readonly cuarentena: readonly Cuarentena[];
  readonly uso: readonly UsoVista[];
  readonly incidentes: readonly IncidenteVista[];
  readonly certificado: CertificadoVista | null;
}

const COMPUERTAS: readonly Compuerta[] = ['G1', 'G2', 'G3', 'G4', 'G5'];
const MOST = 200;

export async function loadInforme(
  session: SqlSession,
  fila: TramoRow,
  politica: Politica,
  now: () => number,
): Promise<Informe> {
  const { tramo, faseDesde } = fila;
  const generado = new Date(now()).toISOString();
  const evidencias = await loadEvidencia(session, tramo.id);
  const exenciones = await loadExenciones(session, tramo.id);
  const common = { tramo, faseDesde, ahora: generado, politica, evidencias, exenciones };
  return {
    fila,
    generado,
    transiciones: await loadTransiciones(session, tramo.id),
    compuertas: COMPUERTAS.map((compuerta) => evaluate({ ...common, compuerta })),
    censos: [...(await loadCensos(session, tramo.id, MOST))].reverse(),
    evidencias,
    diferencias: await loadDiferencias(session, tramo, MOST),
    cuarentena: await loadCuarentena(session, tramo.id),
    uso: await loadUso(session, tramo.registro, MOST),
    incidentes: await loadIncidentes(session, tramo.id, MOST),
    certificado: await loadCertificado(session, tramo.id),
  };
}

interface Conteos {
  readonly iguales?: number;
  readonly soloViejo?: number;
  readonly soloNuevo?: number;
  readonly distintas?: number;
  readonly explicadas?: number;
}

const conteosOf = ({ conteos }: CensoVista): Required<Conteos> => ({
  iguales: 0,
  soloViejo: 0,
  soloNuevo: 0,
  distintas: 0,
  explicadas: 0,
  ...(conteos as Conteos | null),
});

/** One point for each complete census. */
export const puntosOf = ({ censos }: Pick<Informe, 'censos'>): PuntoParidad[] =>
  censos
    .filter(({ estado, terminado }) => estado === 'completo' && terminado !== null)
    .map((censo) => {
      const { iguales, soloViejo, soloNuevo, distintas, explicadas } = conteosOf(censo);
      return {
        en: censo.terminado ?? censo.iniciado,
        registros: iguales + soloViejo + soloNuevo + distintas,
        iguales: iguales + explicadas,
      };
    });

/** A part of the report: words and one table, whatever form it is written in. */
interface Parte {
  readonly titulo: string;
  readonly texto: string;
  readonly columnas: readonly string[];
  readonly filas: readonly (readonly string[])[];
}

function partesOf(informe: Informe): readonly Parte[] {
  const { transiciones, compuertas, censos, cuarentena, uso, incidentes } = informe;
  const { evidencias, diferencias } = informe;
  return [
    {
      titulo: 'Movimientos',
      texto: `${transiciones.length} anotaciones, de la más antigua a la más nueva.`,
      columnas: ['Fecha', 'De', 'A', 'Época', 'Personas', 'Motivo'],
      filas: transiciones.map((one) => [
        one.en,
        one.desde,
        one.hacia,
        String(one.epoca),
        one.automatica ? 'automático' : one.personas.join(', '),
        one.motivo,
      ]),
    },
    {
      titulo: 'Compuertas',
      texto: 'Juzgadas al escribir este informe, de la evidencia guardada.',
      columnas: ['Compuerta', 'Estado', 'Falta'],
      filas: compuertas.map(({ compuerta, cumplida, faltas }) => [
        compuerta,
        cumplida ? 'cumplida' : 'no cumplida',
        faltas.join('; '),
      ]),
    },
    {
      titulo: 'Censos',
      texto: 'Cada censo compara todos los registros del tramo por su resumen.',
      columnas: [
        'Fecha',
        'Estado',
        'Iguales',
        'Distintas',
        'Solo viejo',
        'Solo nuevo',
        'Explicadas',
      ],
      filas: censos.map((censo) => {
        const { iguales, distintas, soloViejo, soloNuevo, explicadas } = conteosOf(censo);
        const counts = [iguales, distintas, soloViejo, soloNuevo, explicadas].map(String);
        return [censo.terminado ?? censo.iniciado, censo.estado, ...counts];
      }),
    },
    {
      titulo: 'Diferencias',
      texto: `${diferencias.length} registros que difieren o difirieron; se nombran por el resumen de su clave, sin valores.`,
      columnas: ['Clave', 'Clase', 'Campos', 'Hallada por', 'Última vez', 'Veces', 'Resuelta'],
      filas: diferencias.map((one) => [
        one.clave,
        one.clase,
        one.campos.join(', '),
        one.origen,
        one.ultima,
        String(one.veces),
        one.resuelta ?? 'no',
      ]),
    },
    {
      titulo: 'Evidencia',
      texto: 'La última de cada clase, con las versiones y la época en que se reunió.',
      columnas: ['Clase', 'Fecha', 'Época', 'Mapeo', 'Comparadores', 'Valor'],
      filas: evidencias.map((one) => [
        one.tipo,
        one.en,
        String(one.epoca),
        String(one.mappingVersion),
        String(one.comparatorVersion),
        JSON.stringify(one.valor),
      ]),
    },
    {
      titulo: 'Cuarentena',
      texto: `${cuarentena.length} registros que no se pudieron tomar; se nombran por el resumen de su clave.`,
      columnas: ['Clave', 'Motivo', 'Desde', 'Veces', 'Responde'],
      filas: cuarentena.map((one) => [
        one.claveDigest,
        one.motivo,
        one.primera,
        String(one.veces),
        one.exencion ?? 'nadie',
      ]),
    },
    {
      titulo: 'Uso',
      texto: 'Quién lee los campos del registro y de qué sistema vino la última respuesta.',
      columnas: ['Campo', 'Cliente', 'Sistema', 'Última vez', 'Veces'],
      filas: uso.map((one) => [
        one.coordenada,
        one.cliente,
        one.sistema,
        one.ultima,
        String(one.veces),
      ]),
    },
    {
      titulo: 'Incidentes',
      texto: `${incidentes.length} incidentes, el más nuevo primero.`,
      columnas: ['Fecha', 'Tipo', 'Detalle'],
      filas: incidentes.map(({ en, tipo, detalle }) => [en, tipo, JSON.stringify(detalle)]),
    },
  ];
}

function headOf({ fila, generado, certificado, ...rest }: Informe): readonly string[] {
  const { tramo, faseDesde } = fila;
  const last = puntosOf(rest).at(-1);
  return [
    `Registro ${tramo.registro}, de ${tramo.viejo} a ${tramo.nuevo}; cohorte ${JSON.stringify(tramo.cohorte)}.`,
    `Fase ${tramo.fase} desde ${faseDesde}, época ${tramo.epoca}, mapeo ${tramo.mappingVersion}, comparadores ${tramo.comparatorVersion}.`,
    last === undefined
      ? 'Paridad: sin censo completo.'
      : `Paridad del último censo: ${toPercent(paridadPpm(last))} de ${last.registros} registros.`,
    certificado === null
      ? 'Certificado: ninguno.'
      : `Certificado: ${certificado.id}, del ${certificado.en}.`,
    `Escrito el ${generado}.`,
  ];
}

/** A cell may hold what people wrote: nothing in it is markup. */
const cellMd = (text: string): string =>
  escapeXml(text)
    .replace(/[\\`*_[\]|]/g, (char) => `\\${char}`)
    .replace(/\s+/g, ' ');

/** As an image of its own: readers of Markdown show those, and most of them drop markup between the lines. */
function pictureMd(informe: Informe): string {
  const puntos = puntosOf(informe);
  const svg = Buffer.from(drawCurva(informe.fila.tramo.id, puntos)).toString('base64');
  return `![Curva de paridad: ${cellMd(describeCurva(puntos))}](data:image/svg+xml;base64,${svg})`;
}

export function toMarkdown(informe: Informe): string {
  const { id } = informe.fila.tramo;
  const lines = [
    `# Informe del tramo ${cellMd(id)}`,
    '',
    ...headOf(informe).map((line) => `- ${cellMd(line)}`),
    '',
    pictureMd(informe),
    '',
  ];
  for (const { titulo, texto, columnas, filas } of partesOf(informe)) {
    lines.push(`## ${titulo}`, '', texto, '');
    if (filas.length === 0) continue;
    const table = [columnas, columnas.map(() => '---'), ...filas.map((fila) => fila.map(cellMd))];
    lines.push(...table.map((cells) => `| ${cells.join(' | ')} |`), '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

const STYLE =
  'body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'table{border-collapse:collapse;width:100%;font-size:.85rem}th,td{border:1px solid #8a8a8a;padding:.25rem .5rem;' +
  'text-align:left;overflow-wrap:anywhere}svg{max-width:100%;height:auto}';

export function toHtml(informe: Informe): string {
  const id = escapeXml(informe.fila.tramo.id);
  const partes = partesOf(informe).map(({ titulo, texto, columnas, filas }) => {
    const head = columnas.map((name) => `<th scope="col">${name}</th>`).join('');
    const body = filas
      .map((fila) => `<tr>${fila.map((cell) => `<td>${escapeXml(cell)}</td>`).join('')}</tr>`)
      .join('\n');
    const table =
      filas.length === 0
        ? ''
        : `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
    return `<section><h2>${titulo}</h2><p>${escapeXml(texto)}</p>${table}</section>`;
  });
  const head = headOf(informe).map((line) => `<li>${escapeXml(line)}</li>`);
  return [
    `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Tramo ${id}</title><style>${STYLE}</style></head>`,
    `<body><main><h1>Informe del tramo ${id}</h1><ul>${head.join('')}</ul>`,
    drawCurva(informe.fila.tramo.id, puntosOf(informe)),
    ...partes,
    '</main></body></html>\n',
  ].join('\n');
}
