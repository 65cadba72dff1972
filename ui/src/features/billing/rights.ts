import type { Me } from "~/api/queries";

/** Whether somebody sees a team's money: its admins, and those of the server. */
export function manages(me: Me, team: string): boolean {
  return me.is_admin || me.teams.some((one) => one.name === team && one.role === "admin");
}
