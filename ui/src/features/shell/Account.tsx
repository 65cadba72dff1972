import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { BookOpen, KeyRound, LogOut, MoonStar, Sun, UserRound } from "lucide-react";
import { api, must } from "~/api/client";
import type { Me } from "~/api/queries";
import { Menu, MenuItem, MenuSeparator } from "~/components/Menu";
import { useTheme } from "./theme";

/** Who is signed in, and what is theirs. */
export function Account({ me }: { me: Me }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [theme, toggleTheme] = useTheme();
  const logout = useMutation({
    mutationFn: () => must(api.POST("/api/logout")),
    onSettled: async () => {
      client.clear();
      await navigate({ to: "/login" });
    },
  });
  const button = (
    <button
      type="button"
      className="flex h-9 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-hover"
    >
      <UserRound aria-hidden className="size-4 text-muted" />
      <span className="min-w-0 flex-1 truncate">{me.username}</span>
      {me.is_admin && <span className="text-2xs text-muted">admin</span>}
    </button>
  );
  return (
    <Menu button={button} label="Account">
      <MenuItem onSelect={() => void navigate({ to: "/settings" })}>
        <UserRound aria-hidden className="size-4 text-muted" /> Profile
      </MenuItem>
      <MenuItem onSelect={() => void navigate({ to: "/authorize" as string })}>
        <KeyRound aria-hidden className="size-4 text-muted" /> Get an API key
      </MenuItem>
      <MenuItem render={<a href="/docs" />}>
        <BookOpen aria-hidden className="size-4 text-muted" /> API reference
      </MenuItem>
      <MenuItem onSelect={toggleTheme}>
        {theme === "dark" ? (
          <Sun aria-hidden className="size-4 text-muted" />
        ) : (
          <MoonStar aria-hidden className="size-4 text-muted" />
        )}
        {theme === "dark" ? "Light theme" : "Dark theme"}
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={() => logout.mutate()}>
        <LogOut aria-hidden className="size-4 text-muted" /> Sign out
      </MenuItem>
    </Menu>
  );
}
