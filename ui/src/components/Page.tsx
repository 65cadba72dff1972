import { type ReactNode, useEffect } from "react";

interface PageProps {
  /** Also the title of the window. */
  title: string;
  /** Below the title, in one sentence. */
  lead?: ReactNode;
  /** Buttons beside the title, the main one last. */
  actions?: ReactNode;
  children: ReactNode;
  /** Use the whole width: for tables and chats. */
  wide?: boolean;
}

/** A screen: its title, what can be done, and what there is. */
export function Page({ title, lead, actions, children, wide }: PageProps) {
  usePageTitle(title);
  return (
    <div className={`mx-auto flex w-full flex-col gap-4 p-4 md:p-6 ${wide ? "" : "max-w-6xl"}`}>
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h1 className="text-lg leading-8 font-semibold">{title}</h1>
          {lead && <p className="max-w-prose text-muted">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Have the browser's window say where we are. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Weft`;
  }, [title]);
}

interface SectionProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a screen, under a heading of its own. */
export function Section({ title, lead, actions, children }: SectionProps) {
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div>
          <h2 className="text-base">{title}</h2>
          {lead && <p className="max-w-prose text-xs text-muted">{lead}</p>}
        </div>
        {actions && <div className="flex gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** A framed box. */
export function Card({ children, className = "" }: { children: ReactNode; className?: string }) {
  return <div className={`rounded-lg border border-line bg-raised p-4 ${className}`}>{children}</div>;
}

interface TileProps {
  label: string;
  children: ReactNode;
  note?: ReactNode;
}

/** One figure with its name. */
export function Tile({ label, children, note }: TileProps) {
  return (
    <div className="rounded-lg border border-line bg-raised px-3 py-2.5">
      <div className="text-xs text-muted">{label}</div>
      <div className="mt-0.5 text-base font-semibold">{children}</div>
      {note && <div className="mt-0.5 text-xs text-muted">{note}</div>}
    </div>
  );
}
