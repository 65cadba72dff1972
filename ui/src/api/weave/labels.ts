import { ask } from "./ask";

/** Words that people give to versions: a tag may be on many of them, an alias is on one version of an object. */

const at = (name: string) => `/traces/objs/${encodeURIComponent(name)}`;
const version = (name: string, digest: string) => `${at(name)}/versions/${encodeURIComponent(digest)}`;

/** Put a tag on a version of an object of `project` (`team/project`). */
export async function addTag(project: string, name: string, digest: string, tag: string): Promise<void> {
  await ask(`${version(name, digest)}/tags`, { project_id: project, tags: [tag] }, undefined, "PUT");
}

export async function removeTag(project: string, name: string, digest: string, tag: string): Promise<void> {
  await ask(`${version(name, digest)}/tags/remove`, { project_id: project, tags: [tag] });
}

/** Call this version so from now on, and no other of the object. */
export async function setAlias(project: string, name: string, digest: string, alias: string): Promise<void> {
  await ask(`${at(name)}/aliases`, { project_id: project, digest, aliases: [alias] }, undefined, "PUT");
}

/** Call no version of the object so. */
export async function removeAlias(project: string, name: string, alias: string): Promise<void> {
  await ask(`${at(name)}/aliases/remove`, { project_id: project, aliases: [alias] });
}
