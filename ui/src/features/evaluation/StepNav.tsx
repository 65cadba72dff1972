import { Check, CircleDashed } from "lucide-react";
import type { Missing, Step } from "./draft/types";

export const STEPS: { step: Step; title: string }[] = [
  { step: "dataset", title: "Dataset" },
  { step: "models", title: "Models" },
  { step: "scorers", title: "Scorers" },
  { step: "run", title: "Run" },
];

/** The four steps, what is done of them, and a way to each. */
export function StepNav({ missing }: { missing: Missing[] }) {
  return (
    <nav aria-label="Steps" className="min-w-0 lg:sticky lg:top-4 lg:self-start">
      <ol className="flex gap-1 overflow-x-auto lg:flex-col">
        {STEPS.map(({ step, title }, index) => {
          // The last step is done when the evaluation can start.
          const open = step === "run" ? missing.length : missing.filter((one) => one.step === step).length;
          const Icon = open === 0 ? Check : CircleDashed;
          return (
            <li key={step}>
              <button
                type="button"
                onClick={() => goTo(step)}
                className="flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left whitespace-nowrap hover:bg-hover"
              >
                <Icon aria-hidden className={`size-4 ${open === 0 ? "text-good" : "text-muted"}`} />
                <span>
                  {index + 1}. {title}
                </span>
                <span className="sr-only">{open === 0 ? "complete" : `${open} missing`}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function goTo(step: Step): void {
  const section = document.getElementById(step);
  section?.scrollIntoView({ block: "start" });
  section?.focus({ preventScroll: true });
}
