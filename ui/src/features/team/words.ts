import type { Invitation, Role, TraceLevel } from "./queries";

/** The roles, the most powerful first, and what they may do. */
export const ROLES: { value: Role; label: string; may: string }[] = [
  { value: "admin", label: "Admin", may: "manages members, projects and limits" },
  { value: "member", label: "Member", may: "runs models and writes to projects" },
  { value: "viewer", label: "Viewer", may: "reads" },
];

export const roleInWords = (role: Role): string => ROLES.find((one) => one.value === role)?.label ?? role;

/** What a project's requests leave in its traces; an empty value is no setting. */
export const TRACES: { value: TraceLevel | ""; label: string; note: string }[] = [
  { value: "", label: "Only where asked", note: "Nothing, unless a key or a request asks for it." },
  { value: "off", label: "Nothing", note: "Nothing, whatever a key or a request asks for." },
  { value: "metadata", label: "Figures", note: "What a request came to: no prompt and no answer." },
  { value: "full", label: "Everything", note: "A call with prompt and answer." },
];

export const traceInWords = (trace: TraceLevel | null): string =>
  TRACES.find((one) => one.value === (trace ?? ""))?.label ?? "";

/** Invitations that still let somebody in, the newest first. */
export const openOnes = (invitations: Invitation[]): Invitation[] =>
  invitations.filter((one) => one.state === "open");
