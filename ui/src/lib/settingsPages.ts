export interface SettingsPage {
  label: string;
  path: string;
}

export interface SettingsGroup {
  title: string;
  pages: SettingsPage[];
}

/** What Settings has: one's own, the team's, and the server's for its admins. Add a page here and in routes/_console/settings. */
export function settingsPages(team: string | null, isServerAdmin: boolean): SettingsGroup[] {
  const groups: SettingsGroup[] = [
    {
      title: "You",
      pages: [
        { label: "Profile", path: "/settings/profile" },
        { label: "API keys", path: "/settings/keys" },
      ],
    },
  ];
  if (team)
    groups.push({
      title: team,
      pages: [
        { label: "Members", path: `/settings/teams/${team}/members` },
        { label: "Projects", path: `/settings/teams/${team}/projects` },
        { label: "Limits and budgets", path: `/settings/teams/${team}/limits` },
        { label: "Plan", path: `/settings/teams/${team}/plan` },
        { label: "AI providers", path: `/settings/teams/${team}/providers` },
        { label: "Audit log", path: `/settings/teams/${team}/audit` },
      ],
    });
  if (isServerAdmin)
    groups.push({
      title: "Server",
      pages: [
        { label: "Users", path: "/settings/server/users" },
        { label: "Teams", path: "/settings/server/teams" },
        { label: "Plans and caps", path: "/settings/server/plans" },
        { label: "Price book", path: "/settings/server/prices" },
        { label: "Engines", path: "/settings/server/engines" },
        { label: "Country rules", path: "/settings/server/countries" },
        { label: "Notifications", path: "/settings/server/notifications" },
        { label: "Audit log of the server", path: "/settings/server/audit" },
      ],
    });
  return groups;
}
