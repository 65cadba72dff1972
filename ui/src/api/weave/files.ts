import { ask } from "./ask";

/** The text of a file of `project` (`team/project`): an op's code, for one. */
export async function readFileText(project: string, digest: string, signal?: AbortSignal): Promise<string> {
  return (await ask("/traces/file/content", { project_id: project, digest }, signal)).text();
}
