import type { ObjectVersion } from "~/api/weave/objects";

/** Versions as a list of objects. Pure. */

export interface Listed {
  name: string;
  latest: ObjectVersion;
  versions: number;
  /** Of any version, with the version's number: `production` of v3. */
  aliases: { word: string; version: number }[];
  tags: string[];
}

/** One line for each object, in the order in which they come; versions in any order. */
export function listed(versions: ObjectVersion[]): Listed[] {
  const found = new Map<string, Listed>();
  for (const one of versions) {
    const line = found.get(one.object_id) ?? {
      name: one.object_id,
      latest: one,
      versions: 0,
      aliases: [],
      tags: [],
    };
    line.versions += 1;
    if (one.is_latest) line.latest = one;
    line.aliases.push(...aliasesOf(one).map((word) => ({ word, version: one.version_index })));
    line.tags = [...new Set([...line.tags, ...(one.tags ?? [])])];
    found.set(one.object_id, line);
  }
  return [...found.values()];
}

/** A version's aliases without `latest`, which goes by itself. */
export function aliasesOf(version: Pick<ObjectVersion, "aliases">): string[] {
  return (version.aliases ?? []).filter((alias) => alias !== "latest");
}

export type ListSort = { by: string; descending: boolean };

/** Those that have `text` in their name, class, aliases or tags; sorted. */
export function narrowed(lines: Listed[], text: string, sort: ListSort): Listed[] {
  const wanted = text.trim().toLowerCase();
  const shown = lines.filter((line) => !wanted || wordsOf(line).some((word) => word.includes(wanted)));
  const sign = sort.descending ? -1 : 1;
  return shown.sort((a, b) => sign * compare(a, b, sort.by) || a.name.localeCompare(b.name));
}

function wordsOf({ name, latest, aliases, tags }: Listed): string[] {
  const all = [name, latest.leaf_object_class ?? "", ...aliases.map((one) => one.word), ...tags];
  return all.map((word) => word.toLowerCase());
}

function compare(a: Listed, b: Listed, by: string): number {
  if (by === "versions") return a.versions - b.versions;
  if (by === "name") return a.name.localeCompare(b.name);
  return a.latest.created_at.localeCompare(b.latest.created_at);
}
