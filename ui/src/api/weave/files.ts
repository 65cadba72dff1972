import { ask } from "./ask";

/** The content of a file of `project` (`team/project`), such as an image of a call. */
export async function readFile(project: string, digest: string, signal?: AbortSignal): Promise<Blob> {
  return (await ask("/traces/file/content", { project_id: project, digest }, signal)).blob();
}

/** The text of a file of `project`: an op's code, for one. */
export async function readFileText(project: string, digest: string, signal?: AbortSignal): Promise<string> {
  return (await readFile(project, digest, signal)).text();
}
