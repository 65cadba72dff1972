import { CircleDollarSign, type LucideIcon, MessagesSquare, Package, Settings } from "lucide-react";
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
    {
      label: "Billing",
      icon: CircleDollarSign,
      path: place ? `/billing/${place.team}` : "/billing",
      under: /^\/(billing|requests)(\/|$)/,
    },
    { label: "Settings", icon: Settings, path: "/settings", under: /^\/settings(\/|$)/ },
  ];
}
