import { writeFile } from 'node:fs/promises';
import type { Servicio } from './servicio.js';
import { pedir, RechazoError } from './servicio.js';

export interface OpcionesInforme {
  readonly json?: boolean;
  readonly format: string;
  readonly out?: string;
}

interface Salida {
  readonly print: (text: string) => void;
  readonly say: (text: string) => void;
}

/** What is told of a work under way. */
export const TAREA =
  'tarea paso enCurso leidas escritas cuarentena total filasPorSegundo restanteS codigo motivo';

const TODO = `id registro cohorte viejo nuevo fase desde epoca canaryPpm mapeo comparadores
  compuerta { nombre hacia cumplida faltas } tarea { ${TAREA} }
  censos { id estado iniciado terminado raizViejo raizNuevo conteos }
  evidencias { tipo en epoca valor } transiciones { en desde hacia epoca automatica personas motivo }
  certificado { id en cuerpo } diferencias { clave clase campos origen ultima veces resuelta }
  incidentes { en tipo detalle } uso { coordenada cliente sistema ultima veces }`;

const FORMATOS: Readonly<Record<string, string>> = { md: 'MARKDOWN', html: 'HTML' };

/** Everything known of a tramo: for people in Markdown or HTML with its curve, for machines in JSON. */
export async function report(
  { print, say }: Salida,
  { json, format, out }: OpcionesInforme,
  servicio: Servicio,
  id: string,
): Promise<number> {
  const formato = FORMATOS[format];
  if (formato === undefined)
    throw new RechazoError('FORMATO_INVALIDO', `No hay informe en «${format}»: es md o html.`);
  const fields = json === true ? TODO : `informe(formato: ${formato})`;
  const query = `query ($id: ID!) { tramo(id: $id) { ${fields} } }`;
  const { tramo } = await pedir<{ tramo: { informe?: string } | null }>(servicio, query, { id });
  if (tramo === null) throw new RechazoError('UNKNOWN_SLICE', `No existe el tramo «${id}».`);
  const text = (json === true ? JSON.stringify(tramo, null, 2) : (tramo.informe ?? '')).trimEnd();
  if (out === undefined) print(text);
  else {
    await writeFile(out, `${text}\n`).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RechazoError('ARCHIVO_NO_ESCRITO', `No se pudo escribir «${out}»: ${reason}`);
    });
    say(`Informe de ${id} en ${out}`);
  }
  return 0;
}
