/** What a value is, so that it is shown as that. Pure. */

import { type Ref, refOf } from "~/api/weave/refs";

export type MediaKind = "image" | "audio" | "video" | "file";

/** Where bytes are: in the value itself, or in a file of the project. */
export type Source = { src: string } | { digest: string; mime: string };

export interface Media {
  kind: MediaKind;
  name: string;
  source: Source;
  /** A file of the project that tells the type: Weave's `Content` keeps it apart. */
  told?: string;
}

export type Kind =
  | { is: "nothing" }
  | { is: "plain"; text: string }
  | { is: "text"; text: string }
  | { is: "diff"; text: string }
  | { is: "ref"; ref: Ref; text: string }
  | { is: "link"; text: string }
  | { is: "media"; media: Media }
  | { is: "rows"; rows: Record<string, unknown>[]; columns: string[] }
  | { is: "list"; items: unknown[] }
  | { is: "fields"; fields: [string, unknown][] };

const DATA_URL = /^data:(image|audio|video)\/([a-z0-9.+-]+)(?:;[^,]*)?,/i;
const LINK = /^https?:\/\/\S{1,2000}$/;
const DIFF = /^(?:diff --git |(?:--- .+\n\+\+\+ .+\n)?@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@)/m;
const MIMES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  wav: "audio/wav",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  flac: "audio/flac",
  mp4: "video/mp4",
  webm: "video/webm",
  md: "text/markdown",
};
/** More columns than these are no table that one reads. */
const MOST_COLUMNS = 24;

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return { is: "nothing" };
  if (typeof value === "string") return textKind(value);
  if (typeof value !== "object") return { is: "plain", text: String(value) };
  if (Array.isArray(value)) return listKind(value);
  const object = value as Record<string, unknown>;
  const media = mediaIn(object);
  if (media) return { is: "media", media };
  return { is: "fields", fields: Object.entries(object) };
}

function textKind(text: string): Kind {
  if (DATA_URL.test(text.slice(0, 200))) {
    const media = mediaOf(text);
    if (media) return { is: "media", media };
  }
  const ref = text.length < 1_000 ? refOf(text) : null;
  if (ref) return { is: "ref", ref, text };
  if (LINK.test(text)) return { is: "link", text };
  if (DIFF.test(text.slice(0, 4_000)) && /^[+-](?![+-]{2} )/m.test(text)) return { is: "diff", text };
  return { is: "text", text };
}

function listKind(items: unknown[]): Kind {
  const objects = items.filter(
    (item): item is Record<string, unknown> =>
      typeof item === "object" && item !== null && !Array.isArray(item) && !mediaIn(item),
  );
  if (items.length < 2 || objects.length < items.length) return { is: "list", items };
  const columns = new Set<string>();
  let cells = 0;
  for (const row of objects) {
    const keys = Object.keys(row);
    cells += keys.length;
    for (const key of keys) columns.add(key);
    if (columns.size > MOST_COLUMNS) return { is: "list", items };
  }
  // Objects that have little in common make a table of holes.
  const isTable = columns.size > 0 && cells >= columns.size * objects.length * 0.5;
  return isTable ? { is: "rows", rows: objects, columns: [...columns] } : { is: "list", items };
}

function mediaIn(value: object): Media | null {
  const given = value as Record<string, unknown>;
  if (given._type === "CustomWeaveType") return weaveMedia(given);
  if (given.type === "image_url" || given.type === "input_image") {
    const url = typeof given.image_url === "string" ? given.image_url : inner(given.image_url, "url");
    return mediaOf(url);
  }
  if (given.type === "input_audio") {
    const data = inner(given.input_audio, "data");
    const format = inner(given.input_audio, "format") || "wav";
    return data ? mediaOf(`data:audio/${format === "mp3" ? "mpeg" : format};base64,${data}`) : null;
  }
  if ((given.type === "image" || given.type === "document") && inner(given.source, "type") === "base64")
    return mediaOf(`data:${inner(given.source, "media_type")};base64,${inner(given.source, "data")}`);
  return null;
}

/** Images, sounds and files as the Weave client keeps them: a type, and digests of files. */
function weaveMedia(given: Record<string, unknown>): Media | null {
  const files = given.files;
  if (typeof files !== "object" || files === null) return null;
  const digests = files as Record<string, unknown>;
  if (inner(given.weave_type, "type") === "Op") return null;
  const told = digests["metadata.json"];
  for (const [name, digest] of Object.entries(digests)) {
    if (typeof digest !== "string" || name.endsWith(".json")) continue;
    const mime = MIMES[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "";
    const kind = kindOfMime(mime);
    const media: Media = { kind, name, source: { digest, mime } };
    return typeof told === "string" ? { ...media, told } : media;
  }
  return null;
}

/** The bytes of a data URL; null for any other address: nothing is fetched from anywhere. */
export function mediaOf(url: string): Media | null {
  const found = DATA_URL.exec(url.slice(0, 200));
  if (!found) return null;
  const [, kind = "", format = ""] = found;
  return { kind: kind.toLowerCase() as MediaKind, name: `${kind}.${format}`, source: { src: url } };
}

export function kindOfMime(mime: string): MediaKind {
  const [area] = mime.split("/");
  return area === "image" || area === "audio" || area === "video" ? area : "file";
}

function inner(value: unknown, key: string): string {
  if (typeof value !== "object" || value === null) return "";
  const found = (value as Record<string, unknown>)[key];
  return typeof found === "string" ? found : "";
}

const MARKS = /^(?:#{1,6} |[-*+] |\d+\. |> |```)|\*\*[^*\n]+\*\*|\[[^\]\n]+\]\([^)\n]+\)|^\|.+\|$/m;

/** Whether a text reads as Markdown. */
export function isMarkdown(text: string): boolean {
  return MARKS.test(text.slice(0, 4_000));
}

/** What of a long text is shown first: some lines, and no more characters than one reads. */
export function foldText(text: string, lines: number, chars: number): { shown: string; left: number } {
  let end = Math.min(text.length, chars);
  for (let at = -1, line = 0; line < lines; line += 1) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) break;
    if (line === lines - 1) end = Math.min(end, at);
  }
  // The fold is for much more, not for one line.
  if (text.length - end < 200) return { shown: text, left: 0 };
  return { shown: text.slice(0, end), left: text.length - end };
}
