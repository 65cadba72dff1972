import type { Schema } from "~/api/client";
import { limitFigure, limitName } from "./words";

type Why = Schema<"WhyAnswer">;

/** What stood in a request's way, in rows of a name and a figure. Pure. */
export interface RefusalFacts {
  title: string;
  rows: { name: string; value: string; at?: string }[];
  remedy: string;
  /** Whether the same request would pass at this moment; null where no limit stood in the way. */
  wouldPass: boolean | null;
}

export function refusalFacts(why: Why): RefusalFacts {
  const { metadata, now } = why;
  const text = (name: string) => (metadata[name] == null ? "" : String(metadata[name]));
  const kind = text("limit");
  const rows: RefusalFacts["rows"] = [];
  const put = (name: string, value: string) => {
    if (value) rows.push({ name, value });
  };
  if (kind) {
    put("Limit", limitName(kind, text("period") || null));
    put("Whose", [text("scope"), text("scope_name")].filter(Boolean).join(" "));
    put("Only for the model", text("model"));
    put("Used then", limitFigure(kind, text("current")));
    put("At most", limitFigure(kind, text("max")));
    put("Asked for", limitFigure(kind, text("asked")));
    put("Set by", text("set_by"));
  }
  if (kind && now) {
    const most = now.max === null ? "" : ` of ${limitFigure(kind, now.max)}`;
    put(kind === "credits" ? "Left now" : "Used now", `${limitFigure(kind, now.current)}${most}`);
    if (now.resets_at) rows.push({ name: "Resets", value: "", at: now.resets_at });
    for (const other of now.also_reached)
      put("Also reached", `${limitName(other.kind, other.period)} of ${other.scope} ${other.name}`);
  }
  return {
    title: why.outcome === "refused" ? "Why it was refused" : "What went wrong",
    rows,
    remedy: text("remedy"),
    wouldPass: now?.would_pass ?? null,
  };
}
