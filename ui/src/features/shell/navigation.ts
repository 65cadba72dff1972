import {
  CircleDollarSign,
  Database,
  Gauge,
  ListTree,
  type LucideIcon,
  MessagesSquare,
  Package,
  Settings,
  Trophy,
} from "lucide-react";
import type { Place } from "~/lib/place";

export interface Destination {
  label: string;
  icon: LucideIcon;
  path: string;
  /** Paths under which it is the current one. */
  under: RegExp;
}

/** The sidebar, from top to bottom, for a team and project. */
export function destinations(place: Place | null): Destination[] {
  const base = place ? `/${place.team}/${place.project}` : "";
  return [
    { label: "Inference", icon: Package, path: "/inference", under: /^\/(inference|catalog)(\/|$)/ },
    {
      label: "Playground",
      icon: MessagesSquare,
      path: base ? `${base}/playground` : "/playground",
      under: /^\/([^/]+\/[^/]+\/)?playground(\/|$)/,
    },
    ...(base ? traced(base) : []),
    {
      label: "Billing",
      icon: CircleDollarSign,
      path: place ? `/billing/${place.team}` : "/billing",
      under: /^\/(billing|requests)(\/|$)/,
    },
    { label: "Settings", icon: Settings, path: "/settings", under: /^\/settings(\/|$)/ },
  ];
}

/** What the Weave client writes to a project. */
function traced(base: string): Destination[] {
  const weave = (label: string, icon: LucideIcon, page: string, others: string): Destination => ({
    label,
    icon,
    path: `${base}/weave/${page}`,
    under: new RegExp(`^/[^/]+/[^/]+/(${others})(/|$)`),
  });
  return [
    weave("Traces", ListTree, "traces", "weave/(traces|calls|threads|compare|annotation-queues)|r/call|runs"),
    weave("Evals", Gauge, "evaluations", "weave/evaluations"),
    weave("Leaders", Trophy, "leaderboards", "weave/leaderboards"),
    weave("Datasets", Database, "datasets", "weave/(datasets|prompts|models|scorers|monitors|objects|ops)"),
  ];
}
