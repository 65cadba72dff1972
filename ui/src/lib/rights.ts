import type { Me } from "~/api/queries";

/** Whether somebody may change things of a team's projects: members and admins do, viewers read. */
export function mayWrite(me: Me, team: string): boolean {
  const role = me.teams.find((one) => one.name === team)?.role;
  return role === "admin" || role === "member";
}
