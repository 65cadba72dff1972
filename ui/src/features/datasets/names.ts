import { objectName } from "~/api/weave/datasets";

/** Why a new dataset cannot be called so; null where it can. Pure. */
export function datasetNameProblem(name: string, taken: string[]): string | null {
  if (name.trim() === "") return "A dataset needs a name.";
  if (objectName(name) !== name)
    return "Use letters, digits, dots, hyphens and underscores; begin and end with a letter or a digit.";
  return taken.includes(name) ? "There is a dataset of this name: publish to it, or choose another." : null;
}
