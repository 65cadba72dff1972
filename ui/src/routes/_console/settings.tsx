import { createFileRoute, Outlet } from "@tanstack/react-router";
import { SettingsNav } from "~/features/shell/SettingsNav";

export const Route = createFileRoute("/_console/settings")({ component: SettingsLayout });

function SettingsLayout() {
  return (
    <div className="lg:grid lg:grid-cols-[12rem_minmax(0,1fr)]">
      <SettingsNav />
      <Outlet />
    </div>
  );
}
