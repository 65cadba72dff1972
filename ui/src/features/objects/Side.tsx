import type { ReactNode } from "react";

/** A part of the column at the side. */
export function Side({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <h2 className="text-base">{title}</h2>
      {children}
    </section>
  );
}
