import type { ReactNode } from "react";
import { usePageTitle } from "~/components/Page";

interface GuestProps {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}

/** The frame of the pages that take no login: one column in the middle, nothing else. */
export function Guest({ title, lead, children }: GuestProps) {
  usePageTitle(title);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-92 flex-col justify-center gap-4 p-4">
      <div className="flex flex-col gap-1">
        <div className="text-sm font-semibold text-muted">Weft</div>
        <h1 className="text-lg font-semibold">{title}</h1>
        {lead && <p className="text-muted">{lead}</p>}
      </div>
      {children}
    </main>
  );
}

/** Something that went wrong before this page, and what to do about it. */
export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="alert" className="rounded-md border border-line bg-warn-soft px-3 py-2">
      <div className="font-medium">{title}</div>
      <div className="text-xs">{children}</div>
    </div>
  );
}
