/** Which models the dropdown shows, and in what order. */

import { type CatalogModel, stateOf } from "./capabilities";

/** Models that chat and are not withdrawn; those that answer here first, then by name. */
export function chatModels<Model extends CatalogModel>(models: Iterable<Model>): Model[] {
  return [...models]
    .filter((model) => model.apiStyle === "chat" && model.lifecycleStage !== "retired")
    .sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label));
}

function rank(model: CatalogModel): number {
  if (!stateOf(model).isUsable) return 2;
  return model.state === "stand-in" ? 1 : 0;
}
