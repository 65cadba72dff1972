/** What to try the rules with: an address, or a request as it would arrive. Pure. */

import type { Schema } from "~/api/client";

export interface Form {
  address: string;
  /** The connection's own address; with it a request is tried. */
  peer: string;
  headers: string;
}

export const EXAMPLES: { label: string; form: Form }[] = [
  { label: "A private address", form: { address: "192.168.1.20", peer: "", headers: "" } },
  { label: "A public address", form: { address: "8.8.8.8", peer: "", headers: "" } },
  { label: "IPv6", form: { address: "2001:4860:4860::8888", peer: "", headers: "" } },
  {
    label: "Through a proxy",
    form: { address: "", peer: "10.0.0.5", headers: "X-Forwarded-For: 8.8.8.8" },
  },
];

/** Headers as they are written, one a line; null where a line is none. */
export function readHeaders(text: string): { name: string; value: string }[] | null {
  const found: { name: string; value: string }[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const match = /^\s*([A-Za-z0-9-]+)\s*:\s*(.*?)\s*$/.exec(line);
    if (!match) return null;
    found.push({ name: match[1] ?? "", value: match[2] ?? "" });
  }
  return found;
}

/** What the server is asked, or what is wrong. */
export function wanted(form: Form): Schema<"CountryTest"> | { error: string } {
  const address = form.address.trim();
  const peer = form.peer.trim();
  if (address) return { address, peer: "", headers: [] };
  if (!peer) return { error: "Write an address, or the address of a proxy and its headers." };
  const headers = readHeaders(form.headers);
  return headers ? { address: "", peer, headers } : { error: "Write one header a line: Name: value." };
}

/** A setting's value in words. */
export function shown(value: string | boolean | string[]): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length > 0 ? value.join(", ") : "—";
  return value || "—";
}
