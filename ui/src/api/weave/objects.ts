import { askJson } from "./ask";
import type { SortBy } from "./query";

/** One version of an object. */
export interface ObjectVersion {
  project_id: string;
  object_id: string;
  digest: string;
  /** From 0. */
  version_index: number;
  is_latest: number;
  created_at: string;
  kind: "object" | "op";
  /** `Dataset`, `Model`, `Scorer`, `Evaluation`, `Leaderboard`, `Prompt`, `Monitor` ...; null for plain values. */
  base_object_class?: string | null;
  leaf_object_class?: string | null;
  val: unknown;
  wb_user_id?: string | null;
  /** With `include_usernames`. */
  wb_username?: string | null;
  size_bytes?: number | null;
  tags?: string[] | null;
  aliases?: string[] | null;
}

export interface ObjectsAsked {
  filter?: {
    object_ids?: string[];
    base_object_classes?: string[];
    exclude_base_object_classes?: string[];
    leaf_object_classes?: string[];
    is_op?: boolean;
    latest_only?: boolean;
  };
  limit?: number;
  offset?: number;
  sort_by?: SortBy[];
  /** Leaves `val` out. */
  metadata_only?: boolean;
  include_tags_and_aliases?: boolean;
  include_usernames?: boolean;
}

/** Versions of objects of `project` (`team/project`). */
export async function findObjects(
  project: string,
  asked: ObjectsAsked,
  signal?: AbortSignal,
): Promise<ObjectVersion[]> {
  const body = { project_id: project, ...asked };
  return (await askJson<{ objs: ObjectVersion[] }>("/traces/objs/query", body, signal)).objs;
}

/** One version, by digest, `latest`, `v3` or an alias. */
export async function readObject(
  project: string,
  name: string,
  digest: string,
  signal?: AbortSignal,
): Promise<ObjectVersion> {
  const told = { include_tags_and_aliases: true, include_usernames: true };
  const body = { project_id: project, object_id: name, digest, ...told };
  return (await askJson<{ obj: ObjectVersion }>("/traces/obj/read", body, signal)).obj;
}

/** Publish a value: a new version, unless the latest has the same. */
export function createObject(project: string, name: string, val: unknown): Promise<{ digest: string }> {
  return askJson("/traces/obj/create", { obj: { project_id: project, object_id: name, val } });
}

/** Remove versions of an object; all of them if no digests are given. */
export async function deleteObject(project: string, name: string, digests?: string[]): Promise<void> {
  await askJson("/traces/obj/delete", { project_id: project, object_id: name, digests });
}
