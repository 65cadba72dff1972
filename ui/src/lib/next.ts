/**
 * Where to go after the login: a path of this console, or its start. An address of another site never gets through,
 * in whichever way it is spelled (`//evil`, `/\evil`, `https:evil`): the browser's own parser decides.
 */
export function ownPath(next: string | undefined, origin: string = window.location.origin): string {
  if (!next?.startsWith("/")) return "/inference";
  let url: URL;
  try {
    url = new URL(next, origin);
  } catch {
    return "/inference";
  }
  if (url.origin !== origin || url.pathname.startsWith("//")) return "/inference";
  return `${url.pathname}${url.search}${url.hash}`;
}
