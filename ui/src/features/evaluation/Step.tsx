import { CircleDashed } from "lucide-react";
import type { ReactNode } from "react";
import type { Missing, Step as StepName } from "./draft/types";

interface StepProps {
  step: StepName;
  number: number;
  title: string;
  lead: string;
  missing: Missing[];
  actions?: ReactNode;
  children: ReactNode;
}

/** One of the four parts of the page, with what is missing in it. */
export function Step({ step, number, title, lead, missing, actions, children }: StepProps) {
  return (
    <section
      id={step}
      aria-label={title}
      tabIndex={-1}
      className="flex min-w-0 scroll-mt-4 flex-col gap-3 rounded-lg border border-line bg-panel p-4 outline-none"
    >
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="text-base">
            <span className="mr-2 inline-flex size-5.5 items-center justify-center rounded-full bg-accent-soft text-xs text-accent">
              {number}
            </span>
            {title}
          </h2>
          <p className="mt-1 max-w-prose text-xs text-muted">{lead}</p>
        </div>
        {actions}
      </div>
      {children}
      <Notes missing={missing.filter((one) => one.step === step && one.key === null)} />
    </section>
  );
}

/** What is missing, in words. */
export function Notes({ missing }: { missing: Missing[] }) {
  if (missing.length === 0) return null;
  return (
    <ul aria-label="Missing" className="flex flex-col gap-1 text-xs text-warn">
      {missing.map((one) => (
        <li key={one.text} className="flex items-start gap-1.5">
          <CircleDashed aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span className="min-w-0 break-words">{one.text}</span>
        </li>
      ))}
    </ul>
  );
}
