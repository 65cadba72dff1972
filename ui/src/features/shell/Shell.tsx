import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Menu as MenuIcon, Search, X } from "lucide-react";
import { useEffect, useState } from "react";
import { meQuery } from "~/api/queries";
import { IconButton } from "~/components/Button";
import { usePlace } from "~/lib/usePlace";
import { Account } from "./Account";
import { destinations } from "./navigation";
import { Palette } from "./Palette";
import { PlaceSwitcher } from "./PlaceSwitcher";
import { useWarmPages } from "./useWarmPages";

/** The frame of every screen behind the login: sidebar, switcher, palette; the screen itself in the middle. */
export function Shell() {
  const [open, setOpen] = useState(false);
  const [searching, setSearching] = useState(false);
  const { pathname } = useLocation();
  useWarmPages();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the drawer
  useEffect(() => setOpen(false), [pathname]);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setSearching(true);
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return (
    <div className="grid min-h-dvh md:grid-cols-[13.5rem_minmax(0,1fr)] max-md:grid-rows-[auto_1fr]">
      <a
        href="#main"
        className="sr-only z-70 rounded-md bg-accent-solid px-3 py-2 text-white focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <header className="flex items-center gap-2 border-b border-line bg-panel px-3 py-2 md:hidden">
        <IconButton label="Menu" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <X aria-hidden className="size-4" /> : <MenuIcon aria-hidden className="size-4" />}
        </IconButton>
        <span className="font-semibold">Weft</span>
        <IconButton label="Search" className="ml-auto" onClick={() => setSearching(true)}>
          <Search aria-hidden className="size-4" />
        </IconButton>
      </header>
      <aside
        aria-label="Sidebar"
        className={`border-r border-line bg-panel ${
          open ? "max-md:fixed max-md:inset-x-0 max-md:top-12 max-md:bottom-0 max-md:z-40" : "max-md:hidden"
        }`}
      >
        <div className="flex h-full flex-col gap-3 p-2 md:sticky md:top-0 md:h-dvh">
          <Sidebar onSearch={() => setSearching(true)} />
        </div>
      </aside>
      <main id="main" tabIndex={-1} className="min-w-0 outline-none">
        <Outlet />
      </main>
      <Palette open={searching} onClose={() => setSearching(false)} />
    </div>
  );
}

function Sidebar({ onSearch }: { onSearch: () => void }) {
  const { data: me } = useQuery(meQuery);
  const place = usePlace();
  const { pathname } = useLocation();
  return (
    <>
      <Link to="/inference" className="px-2 pt-1 text-base font-semibold max-md:hidden">
        Weft
      </Link>
      <PlaceSwitcher />
      <button
        type="button"
        onClick={onSearch}
        className="flex h-8 items-center gap-2 rounded-md border border-line bg-raised px-2 text-left text-muted hover:bg-hover max-md:hidden"
      >
        <Search aria-hidden className="size-3.5" />
        <span className="flex-1">Search</span>
        <kbd className="font-sans text-2xs">{shortcut()}</kbd>
      </button>
      <nav aria-label="Main" className="flex flex-col gap-0.5">
        {destinations(place).map(({ label, icon: Icon, path, under }) => {
          const current = under.test(pathname);
          return (
            <Link
              key={label}
              to={path}
              aria-current={current ? "page" : undefined}
              className={`flex h-8 items-center gap-2 rounded-md px-2 hover:bg-hover pointer-coarse:h-10 ${
                current ? "bg-hover font-medium" : "text-muted hover:text-fg"
              }`}
            >
              <Icon aria-hidden className="size-4" />
              {label}
            </Link>
          );
        })}
      </nav>
      <div className="mt-auto">{me && <Account me={me} />}</div>
    </>
  );
}

function shortcut(): string {
  return /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl K";
}
