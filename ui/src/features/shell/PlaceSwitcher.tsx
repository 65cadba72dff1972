import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { meQuery } from "~/api/queries";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "~/components/Menu";
import { keepPlace, type Place } from "~/lib/place";
import { usePlace } from "~/lib/usePlace";
import { moved } from "./moved";

/** Team and project, and the way to another one. A page that is about a team or a project moves along. */
export function PlaceSwitcher() {
  const { data: me } = useQuery(meQuery);
  const place = usePlace();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  if (!me) return null;
  const go = (to: Place) => {
    keepPlace(to);
    void navigate({ to: moved(pathname, place, to) });
  };
  const button = (
    <button
      type="button"
      className="flex w-full items-center gap-2 rounded-md border border-line bg-raised px-2 py-1.5 text-left hover:bg-hover"
    >
      <span className="min-w-0 flex-1">
        <span className="sr-only">Team and project: </span>
        <span className="block truncate text-2xs text-muted">{place?.team ?? "No team yet"}</span>
        <span className="block truncate font-medium">{place?.project ?? "Make one in Settings"}</span>
      </span>
      <ChevronsUpDown aria-hidden className="size-3.5 text-muted" />
    </button>
  );
  return (
    <Menu button={button} label="Team and project">
      {me.teams.map((team) => (
        <div key={team.name}>
          <MenuLabel>{team.kind === "personal" ? `${team.name} (personal)` : team.name}</MenuLabel>
          {(team.projects.length ? team.projects : ["inference"]).map((project) => (
            <MenuItem key={project} onSelect={() => go({ team: team.name, project })}>
              <span className={project === place?.project && team.name === place.team ? "font-semibold" : ""}>
                {project}
              </span>
            </MenuItem>
          ))}
        </div>
      ))}
      {(place || me.is_admin) && <MenuSeparator />}
      {place && (
        <MenuItem
          onSelect={() =>
            void navigate({
              to: "/settings/teams/$team/projects",
              params: { team: place.team },
              search: { new: true },
            })
          }
        >
          New project…
        </MenuItem>
      )}
      {me.is_admin && (
        <MenuItem onSelect={() => void navigate({ to: "/settings/server/teams", search: { new: true } })}>
          New team…
        </MenuItem>
      )}
    </Menu>
  );
}
