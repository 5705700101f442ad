/** Kept for this tab only: never in localStorage, in the URL nor in a cookie. */
const KEY = 'sugit.token';

export const readToken = (): string => window.sessionStorage.getItem(KEY) ?? '';

export function writeToken(token: string): void {
  if (token.trim() === '') window.sessionStorage.removeItem(KEY);
  else window.sessionStorage.setItem(KEY, token.trim());
}
