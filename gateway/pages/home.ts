import type { SistemaEstado } from '../../subgraphs/subgraph.js';
import { escapeHtml, page, table } from './html.js';
import { READY_QUERIES } from './ready-queries.js';

export function renderHome(sistemas: readonly SistemaEstado[]): string {
  const queries = READY_QUERIES.map(
    ({ titulo, query }) =>
      `<h3>${escapeHtml(titulo)}</h3>
<p><a href="/graphiql?query=${encodeURIComponent(query)}">Abrir «${escapeHtml(titulo)}» en GraphiQL</a></p>
<pre tabindex="0" role="region" aria-label="Consulta: ${escapeHtml(titulo)}">${escapeHtml(query)}</pre>`,
  );
  const rows = sistemas.map(({ id, nombre, entidadResponsable }) => [
    id,
    nombre,
    entidadResponsable,
  ]);
  return page(
    'SUGIT',
    `<h1>SUGIT</h1>
<p>Sistema Único de Gestión e Información Territorial: un solo grafo GraphQL sobre los sistemas que hoy guardan la
información de los territorios de Colombia. Cada respuesta dice de dónde viene y de cuándo es.</p>
<p><a href="/graphiql">GraphiQL</a> · <a href="/estado">Estado de las fuentes</a> · <a href="/metrics">Métricas</a></p>
<h2>Tres consultas para empezar</h2>
${queries.join('\n')}
<h2>Sistemas de origen</h2>
${table('Sistemas de origen', ['Id', 'Sistema', 'Responsable'], rows)}`,
  );
}
