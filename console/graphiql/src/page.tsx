import { GraphiQL } from 'graphiql';
import { useState } from 'react';
import { createFetcher } from './fetcher.ts';
import { readToken, writeToken } from './token.ts';

const WELCOME = `# Escriba una consulta y ejecútela con Ctrl+Enter.
{
  municipio(codigo: "05001") {
    nombre
  }
}
`;

const fetcher = createFetcher(readToken);
const search = new URLSearchParams(window.location.search);
const query = search.get('query');
// A link without variables must not inherit those of an earlier visit.
const fromLink =
  query === null ? {} : { initialQuery: query, initialVariables: search.get('variables') ?? '' };

/** What is written here may name persons: nothing outlives the tab, so the storage is that of the session. */
export function Page() {
  return (
    <>
      <header className="sugit-barra">
        <h1>
          <a href="/">SUGIT</a> · GraphiQL
        </h1>
        <a href="/estado">Estado de las fuentes</a>
        <Token />
      </header>
      <main className="sugit-consola">
        <GraphiQL
          fetcher={fetcher}
          defaultQuery={WELCOME}
          storage={window.sessionStorage}
          isHeadersEditorEnabled={false}
          showPersistHeadersSettings={false}
          shouldPersistHeaders={false}
          {...fromLink}
        >
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

function Token() {
  const [token, setToken] = useState(readToken);
  return (
    <label className="sugit-token">
      Token
      <input
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder="sin token: lectura anónima"
        value={token}
        onChange={({ target }) => {
          writeToken(target.value);
          setToken(target.value);
        }}
      />
    </label>
  );
}
