import type { Me } from "~/api/queries";
import type { Place } from "~/lib/place";
import { settingsPages } from "~/lib/settingsPages";
import { destinations } from "./navigation";

export interface Entry {
  label: string;
  kind: string;
  path: string;
}

const SHOWN = 40;

/** All that can be gone to. */
export function entries(
  me: Me | undefined,
  place: Place | null,
  models: { id: string; label: string }[],
): Entry[] {
  const pages = destinations(place).map(({ label, path }) => ({ label, path, kind: "Page" }));
  const settings = settingsPages(place?.team ?? null, me?.is_admin ?? false).flatMap((group) =>
    group.pages.map((page) => ({ label: page.label, path: page.path, kind: "Settings" })),
  );
  const projects = (me?.teams ?? []).flatMap((team) =>
    team.projects.map((project) => ({
      label: `${team.name}/${project}`,
      kind: "Project",
      path: `/${team.name}/${project}/playground`,
    })),
  );
  const cards = models.map((model) => ({ label: model.id, kind: "Model", path: `/catalog/${model.id}` }));
  return [...pages, ...settings, ...projects, ...cards];
}

/** Those that have all letters of `text` in their order, the tightest first. */
export function matching(all: Entry[], text: string): Entry[] {
  const wanted = text.toLowerCase().replaceAll(" ", "");
  if (!wanted) return all.slice(0, SHOWN);
  return all
    .map((entry) => ({ entry, spread: spread(entry.label.toLowerCase(), wanted) }))
    .filter((one) => one.spread !== null)
    .sort((a, b) => (a.spread ?? 0) - (b.spread ?? 0))
    .slice(0, SHOWN)
    .map((one) => one.entry);
}

/** How far apart the letters stand, and how late they begin; null when they are not all there. */
function spread(label: string, wanted: string): number | null {
  const whole = label.indexOf(wanted);
  if (whole >= 0) return whole / 1000;
  let at = -1;
  let first = -1;
  for (const letter of wanted) {
    at = label.indexOf(letter, at + 1);
    if (at < 0) return null;
    if (first < 0) first = at;
  }
  return at - first + first / 1000;
}
