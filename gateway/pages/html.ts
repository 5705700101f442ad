/** Text that is safe between tags and inside quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** A table that scrolls inside itself on a narrow screen, also from the keyboard. */
export function table(
  label: string,
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '<p>Ninguno.</p>';
  const head = headers.map((header) => `<th scope="col">${escapeHtml(header)}</th>`).join('');
  const body = rows.map(
    (cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  return `<div tabindex="0" role="region" aria-label="${escapeHtml(label)}">
<table><thead><tr>${head}</tr></thead>
<tbody>${body.join('\n')}</tbody></table>
</div>`;
}

/** One plain style for all pages: light and dark, no outside request. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="es">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #c7ccd1; --link: #0b57a4; --soft: #f2f4f6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #14171a; --line: #454b52; --link: #8cc2ff; --soft: #1f2429; } }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; }
div[role=region] { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
