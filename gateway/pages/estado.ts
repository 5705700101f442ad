import type { SistemaDetalle } from '../detalles.js';
import type { SistemaEstado } from '../../subgraphs/subgraph.js';
import type { EstadoCalentamiento } from '../calentamiento.js';
import type { EstadoTarea } from '../desmonte/obras.js';
import { escapeHtml, page, table } from './html.js';

/** Where a tramo is, and how far its work has come. */
export interface TramoEstado {
  readonly id: string;
  readonly registro: string;
  readonly fase: string;
  readonly epoca: number;
  readonly canaryPpm: number;
  readonly tarea: EstadoTarea | null;
}

export interface Estado {
  readonly sistemas: readonly SistemaEstado[];
  readonly detalles: readonly SistemaDetalle[];
  readonly identidad: Readonly<Record<string, string | null>>;
  readonly calentamiento: EstadoCalentamiento;
  readonly tramos: readonly TramoEstado[];
}

export function renderEstado({
  sistemas,
  detalles,
  identidad,
  calentamiento,
  tramos,
}: Estado): string {
  const estados = sistemas.map((s) => [s.nombre, s.estado, s.verificado ?? '', s.mensaje ?? '']);
  const avisos = detalles.flatMap(({ id, avisos: list }) =>
    list.map(({ codigo, mensaje, donde }) => [id, codigo, mensaje, donde]),
  );
  const quarantine = detalles.flatMap(({ id, partes }) =>
    partes.flatMap(({ id: part, quarantine: q }) =>
      q === null ? [] : [[id, part, q.motivo, q.linea === null ? '' : String(q.linea), q.desde]],
    ),
  );
  const registers = Object.entries(identidad).map(([name, corte]) => [
    name,
    corte ?? 'sin leer todavía',
  ]);
  return page(
    'Estado de SUGIT',
    `<h1>Estado de las fuentes</h1>
${table('Estado de las fuentes', ['Sistema', 'Estado', 'Verificado', 'Mensaje'], estados)}
<h2>Tramos</h2>
${table('Tramos', ['Tramo', 'Registro', 'Fase', 'Época', 'Tarea', 'Avance', 'Falta'], tramos.map(rowOf))}
<h2>Archivos en cuarentena</h2>
${table('Archivos en cuarentena', ['Sistema', 'Archivo', 'Motivo', 'Línea', 'Desde'], quarantine)}
<h2>Avisos</h2>
${table('Avisos', ['Sistema', 'Código', 'Mensaje', 'Dónde'], avisos)}
<h2>Cruce de identidades</h2>
${table('Cruce de identidades', ['Registro', 'Corte'], registers)}
<h2>Calentamiento</h2>
<p>${escapeHtml(toFrase(calentamiento))}</p>
<p><a href="/">Inicio</a></p>`,
  );
}

function toFrase({
  activo,
  hechos,
  total,
  enCurso,
  fallas,
  terminado,
}: EstadoCalentamiento): string {
  if (!activo) return 'Apagado: cada consulta lee lo que le hace falta.';
  const avance = `${String(hechos)} de ${String(total)} pasos`;
  const rest = fallas.map(({ titulo, codigos }) => `${titulo}: ${codigos.join(', ')}`);
  const sinLeer = rest.length === 0 ? '' : ` Sin leer: ${rest.join('; ')}.`;
  if (terminado !== null) return `Terminado: ${avance}.${sinLeer}`;
  return `En curso: ${avance}${enCurso === null ? '' : ` (${enCurso})`}.${sinLeer}`;
}

const PPM_PER_PERCENT = 10_000;

function rowOf({ id, registro, fase, epoca, canaryPpm, tarea }: TramoEstado): string[] {
  const share = fase === 'canary' ? ` (${canaryPpm / PPM_PER_PERCENT} %)` : '';
  const base = [id, registro, `${fase}${share}`, String(epoca)];
  if (tarea === null) return [...base, '', '', ''];
  const { paso, leidas, total, filasPorSegundo, enCurso, restanteS, codigo } = tarea;
  const read = total === null ? `${leidas}` : `${leidas} de ${total}`;
  const rate = enCurso ? `, ${Math.round(filasPorSegundo)} por segundo` : '';
  const left = !enCurso ? (codigo ?? '') : restanteS === null ? 'por saber' : `${restanteS} s`;
  return [...base, `${tarea.tarea}: ${paso}`, `${read}${rate}`, left];
}
