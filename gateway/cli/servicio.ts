/** Talks to a running gateway as any other reader does. */
export interface Servicio {
  readonly url: string;
  readonly token: string | null;
}

export interface Respuesta {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string };
  }[];
}

/** What the service refused, with its code. */
export class RechazoError extends Error {
  readonly code: string;

  constructor(code: string, mensaje: string) {
    super(mensaje);
    this.name = 'RechazoError';
    this.code = code;
  }
}

/** Nobody listens there. */
export class SinServicioError extends Error {
  constructor(url: string) {
    super(`El servicio no responde en ${url}. ¿Está en marcha? (sugit start)`);
    this.name = 'SinServicioError';
  }
}

export async function consultar(
  { url, token }: Servicio,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Respuesta> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Respuesta;
  } catch {
    throw new SinServicioError(url);
  }
}

/** Whether anything listens there. Only a refused connection says that nothing does. */
export async function isListening(url: string): Promise<boolean> {
  try {
    await fetch(new URL('/livez', url));
    return true;
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: string } };
    return cause?.code !== 'ECONNREFUSED';
  }
}

/** The data of an answer that must have no errors. */
export async function pedir<T>(
  servicio: Servicio,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<T> {
  const { data, errors } = await consultar(servicio, query, variables);
  const [first] = errors ?? [];
  if (first !== undefined) throw new RechazoError(first.extensions?.code ?? '', first.message);
  if (data === null || data === undefined) throw new RechazoError('', 'El servicio no dio datos.');
  return data as T;
}
