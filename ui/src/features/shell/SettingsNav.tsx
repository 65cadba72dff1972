import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { meQuery } from "~/api/queries";
import { Select } from "~/components/Field";
import { settingsPages } from "~/lib/settingsPages";
import { usePlace } from "~/lib/usePlace";

/** The pages of Settings: a list beside them, or a select above them where there is no room. */
export function SettingsNav() {
  const { data: me } = useQuery(meQuery);
  const place = usePlace();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const groups = settingsPages(place?.team ?? null, me?.is_admin ?? false);
  return (
    <>
      <div className="px-4 pt-4 lg:hidden">
        <Select
          label="Page of the settings"
          hideLabel
          value={pathname}
          onChange={(path) => void navigate({ to: path })}
          options={groups.flatMap((group) =>
            group.pages.map((page) => ({ value: page.path, label: `${group.title}: ${page.label}` })),
          )}
        />
      </div>
      <nav aria-label="Settings" className="flex flex-col gap-4 border-r border-line px-3 py-6 max-lg:hidden">
        {groups.map((group) => (
          <div key={group.title} className="flex flex-col gap-0.5">
            <div className="truncate px-2 pb-1 text-2xs font-medium text-muted uppercase">{group.title}</div>
            {group.pages.map((page) => (
              <Link
                key={page.path}
                to={page.path}
                className="rounded-md px-2 py-1 hover:bg-hover hover:text-fg"
                activeProps={{ className: "bg-hover font-medium text-fg", "aria-current": "page" }}
                inactiveProps={{ className: "text-muted" }}
              >
                {page.label}
              </Link>
            ))}
          </div>
        ))}
      </nav>
    </>
  );
}
